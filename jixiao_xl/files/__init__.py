"""The only code that opens a file or a socket; it knows no business words (文件层)."""
