"""Claims whose truth is known (已知真假的数字关系): paragraphs in many wordings, right, rounded, wrong and beyond proof.

`documents.py` makes documents of blocks; the other files hold the wordings and the arithmetic. Amounts are made in 元
and rounded once, as an office does; what the verdict on each claim must be follows from the displayed figures alone,
by this package's own arithmetic (DESIGN 4), which shares no code with the engine that it judges.
"""
