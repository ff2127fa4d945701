"""Check-report (核对报告): what the numbers of anybody's report say of each other, and whether it is so."""
