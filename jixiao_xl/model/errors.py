"""What the operator can mend (操作错误): every error that ends a run with exit code 2."""

from __future__ import annotations

from jixiao_xl.model import texts


class JixiaoError(Exception):
    """Something that the operator can mend; its text is a Chinese sentence."""


class MappingError(JixiaoError):
    """A mapping file that cannot be right; names the file, the line and the reason."""

    def __init__(self, file: str, line: int | None, reason: str, *, near: str = "") -> None:
        template = texts.MAPPING_ERROR if line is not None else texts.MAPPING_ERROR_NO_LINE
        super().__init__(template.format(file=file, line=line, reason=reason))
        self.file = file
        self.line = line
        self.reason = reason
        self.near = near

    def found_in(self, text: str) -> MappingError:
        """The same error with the line of the file's text where its piece stands."""
        if self.line is not None or not self.near:
            return self
        lines = [number for number, line in enumerate(text.splitlines(), start=1) if self.near in line]
        return MappingError(self.file, lines[0] if lines else 1, self.reason)


class MailError(JixiaoError):
    """Mail could not be sent or fetched; the sentence says what to do."""
