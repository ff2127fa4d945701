"""The tags of the report's figures (域标记): what a content control says of itself, and how it is read back.

A tag is `fact:ID[:FORM]=TEXT` (DESIGN 10); TEXT is exactly what the program wrote there last. A title is the figure's
Chinese name, its ID and its form: editors that drop tags keep titles.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from jixiao_xl.model.report_text import FigureForm

_TAG: Final = re.compile(r"fact:([a-z][a-z0-9_.]*)(?::(dir|phrase))?=(.*)", re.DOTALL)
_TITLE: Final = re.compile(r"(?:.* )?([a-z][a-z0-9_.]*)(?::(dir|phrase))?", re.DOTALL)
LONGEST: Final = 64  # characters: Word takes no longer tags and titles
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class FigureName:
    """Which figure a control shows, and in which form."""

    fact: str
    form: FigureForm = ""

    def __str__(self) -> str:
        return f"{self.fact}:{self.form}" if self.form else self.fact


@dataclass(frozen=True, slots=True)
class FigureTag:
    """A tag's two parts: the figure, and what was written last, possibly as a digest."""

    name: FigureName
    written: str

    def says(self, text: str) -> bool:
        """Whether `text` is what was written last."""
        return self.written in (text, digest_of(text))


WrittenState = Literal["", "copy", "deleted"]


@dataclass(frozen=True, slots=True)
class WrittenFigure:
    """One control as the last run left it; the record (运行记录) keeps the list.

    Attributes:
        name: which figure in which form.
        text: what the program wrote there last; its digest where only that was known.
        state: "copy" for one that a person has made of another, "deleted" for one that a person has removed.
    """

    name: FigureName
    text: str
    state: WrittenState = ""

    def as_entry(self) -> dict[str, str]:
        """The same for JSON: `id`, `text`, and `form` and `state` where there is one."""
        entry = {"id": self.name.fact, "form": self.name.form, "text": self.text, "state": self.state}
        return {key: value for key, value in entry.items() if value or key in ("id", "text")}


def written_figures(entries: Iterable[Mapping[str, str]]) -> tuple[WrittenFigure, ...]:
    """The list that a record keeps; an entry that is none is left out."""
    found: list[WrittenFigure] = []
    for entry in entries:
        state = entry.get("state", "")
        if entry.get("id") and "text" in entry:
            name = FigureName(entry["id"], _form(entry.get("form")))
            found.append(WrittenFigure(name, entry["text"], state if state in ("copy", "deleted") else ""))
    return tuple(found)


def digest_of(text: str) -> str:
    """`~` and eight hex digits of a text's SHA-256: how a tag keeps a text that is too long for it."""
    return "~" + hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def tag_of(name: FigureName, text: str) -> str:
    """The tag of a control that shows `text`; of a text with which the tag would be too long, its digest.

    >>> tag_of(FigureName("fiscal_income"), "1733.73")
    'fact:fiscal_income=1733.73'
    """
    tag = f"fact:{name}={text}"
    return tag if len(tag) <= LONGEST else f"fact:{name}={digest_of(text)}"


def read_tag(tag: str) -> FigureTag | None:
    """What a tag says, or None where it is none of ours."""
    match = _TAG.fullmatch(tag)
    return FigureTag(FigureName(match[1], _form(match[2])), match[3]) if match else None


def title_of(label: str, name: FigureName) -> str:
    """The title of a control: the figure's Chinese name, as much of it as there is room for, then its ID and form.

    >>> title_of("本年财政拨款收入", FigureName("fiscal_income"))
    '本年财政拨款收入 fiscal_income'
    """
    return f"{label[: max(0, LONGEST - 1 - len(str(name)))]} {name}".strip()


def read_title(title: str) -> FigureName | None:
    """The figure that a title names, or None."""
    match = _TITLE.fullmatch(title)
    return FigureName(match[1], _form(match[2])) if match else None


def control_id(name: FigureName, ordinal: int) -> int:
    """A positive 31-bit number for the n-th control of one figure, the same in every run."""
    digest = hashlib.sha256(f"{name}#{ordinal}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 0x7FFFFFFE + 1


def _form(text: str | None) -> FigureForm:
    return "dir" if text == "dir" else "phrase" if text == "phrase" else ""
