"""What the operator can mend (操作错误): every error that ends a run with exit code 2."""

from __future__ import annotations

from jixiao_xl.model import texts


class JixiaoError(Exception):
    """Something that the operator can mend; its text is a Chinese sentence."""


class MappingError(JixiaoError):
    """A mapping file that cannot be right; names the file, the line and the reason."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        template = texts.MAPPING_ERROR if line is not None else texts.MAPPING_ERROR_NO_LINE
        super().__init__(template.format(file=file, line=line, reason=reason))
        self.file = file
        self.line = line
