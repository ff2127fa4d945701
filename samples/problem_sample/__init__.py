"""How the problem samples (问题样例) are made: a table of defects drives both the workbooks and what must be found."""
