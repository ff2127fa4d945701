"""What becomes of every figure of an edited report (数字的去留): which one a control shows, and its three texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from jixiao_xl.files.word_controls import Control, ControlEdit
from jixiao_xl.model.figure_wording import in_the_manner_of, says_the_same
from jixiao_xl.model.report_figures import CurrentFigures
from jixiao_xl.model.report_tags import (
    LONGEST,
    FigureName,
    WrittenFigure,
    digest_of,
    read_tag,
    read_title,
    tag_of,
    title_of,
)

State = Literal["same", "moved", "adopted", "edited", "frozen", "overwritten", "struck", "gone", "unknown"]
Group = tuple[tuple[str, int], str]  # a paragraph, and the name of a group of figures

_FIGURE: Final = "fact:"


@dataclass(slots=True)
class ReportFigure:
    """A control of ours.

    Attributes:
        position: where it stands among all controls.
        control: what it says.
        name: which figure it shows, in which form.
        ordinal: 1 for the first control of this figure, 2 for the next one.
        label: the figure's Chinese name.
        written: what the program wrote there last, or its digest; None where nobody knows.
        new: what the workbooks give; None where there is no such figure any more.
        state: same; moved (gets the new text); adopted (a person has written the new text already); edited (a person
            has written another text); frozen (stays with an edited one of its group); overwritten (edited, by force);
            struck (deleted under tracking); gone (no such figure any more); unknown (what was written last is lost).
        tagless: whether its tag is lost.
        pieces: how many controls an editor has made of it, one behind another, the first counted.
        damaged: whether an editor has multiplied its text; `control` says what stood there before.
    """

    position: int
    control: Control
    name: FigureName
    ordinal: int
    label: str
    written: str | None
    new: str | None
    state: State
    tagless: bool
    pieces: int = 1
    damaged: bool = False

    @property
    def is_rewritten(self) -> bool:
        """Whether it gets a new text."""
        return self.state in ("moved", "overwritten")

    def group(self, figures: CurrentFigures) -> Group | None:
        """Its group in its paragraph, if it belongs to one."""
        group = figures.groups.get(self.name.fact)
        return (self.control.paragraph, group) if group else None

    def edits(self, figures: CurrentFigures) -> Iterator[tuple[int, ControlEdit]]:
        """What its control gets; a lost tag is put back wherever it is certain, an editor's damage is mended."""
        text = self.text(figures)
        if text is not None:
            yield self.position, ControlEdit(text, tag_of(self.name, text))
        elif self.state == "adopted" or (self.state == "same" and self.tagless):
            yield self.position, ControlEdit(tag=tag_of(self.name, self.control.text))
        elif self.tagless and self.written is not None:
            yield self.position, ControlEdit(tag=tag_of(self.name, self.written))
        for further in range(1, self.pieces):
            yield self.position + further, ControlEdit(removed=True)

    def text(self, figures: CurrentFigures) -> str | None:
        """The text that it gets, if any."""
        if self.state == "moved" and self.new is not None:
            return in_the_manner_of(self.new, self.control.text, figures.synonyms)
        if self.state == "overwritten":
            return self.new
        return self.control.text if self.damaged else None


def report_figures(
    controls: Sequence[Control], figures: CurrentFigures, last: Sequence[WrittenFigure], *, force: bool
) -> list[ReportFigure]:
    """The controls that show figures of ours, in order, and what becomes of each."""
    record = texts_by_name(last)
    found: list[ReportFigure] = []
    counted: Counter[FigureName] = Counter()
    for position, control in enumerate(controls):
        named = _named(control, figures, record)
        if named is None or (found and position < found[-1].position + found[-1].pieces):
            continue
        name, candidates, tagless = named
        counted[name] += 1
        pieces, mended = _mended(controls, position, candidates) if tagless else (1, control)
        new, label = figures.texts.get(name), figures.labels.get(name.fact, name.fact)
        state, written = _judged(mended, candidates, new, figures, tagless=tagless)
        damaged = mended is not control
        figure = ReportFigure(
            position, mended, name, counted[name], label, written, new, state, tagless, pieces, damaged
        )
        found.append(figure)
    _settle(found, figures, force=force)
    return found


def texts_by_name(last: Sequence[WrittenFigure]) -> Mapping[FigureName, list[str]]:
    """What the record has of every figure."""
    record: defaultdict[FigureName, list[str]] = defaultdict(list)
    for one in last:
        record[one.name].append(one.text)
    return record


# -- which figure ----------------------------------------------------------------------------------------------


def _named(
    control: Control, figures: CurrentFigures, record: Mapping[FigureName, list[str]]
) -> tuple[FigureName, list[str], bool] | None:
    """The figure that a control shows, what may have been written there last, and whether its tag is lost."""
    text = control.tag or ""
    tag = read_tag(text)
    if tag is not None:
        cut = len(text) == LONGEST and tag.written != ""
        known = (
            one
            for one in record.get(tag.name, ())
            if tag.says(one) or (cut and one.startswith(tag.written))  # some editors cut long tags
        )
        return tag.name, [next(known, tag.written)], False
    if text and not text.startswith(_FIGURE):
        return None  # somebody else's
    name = read_title(control.title)
    if name is None:
        return None
    is_ours = name in figures.texts and control.title == title_of(figures.labels.get(name.fact, ""), name)
    return (name, record.get(name, []), True) if is_ours or name in record else None


# -- three texts -----------------------------------------------------------------------------------------------


def _judged(
    control: Control, candidates: Sequence[str], new: str | None, figures: CurrentFigures, *, tagless: bool
) -> tuple[State, str | None]:
    """What becomes of a control, and what was written there last."""
    now = control.text
    match = next((one for one in candidates if _says(now, one, figures)), None)
    if match is not None and match.startswith("~"):
        match = now  # its digest is that of what stands there
    certain = match if match is not None else candidates[0] if len(set(candidates)) == 1 else None
    if control.struck and not now.strip():
        return "struck", certain
    if new is None:
        return "gone", certain
    if says_the_same(now, new, figures.synonyms):
        return ("same", match) if match is not None or tagless else ("adopted", certain)
    if match is not None:
        return "moved", match
    return ("unknown" if certain is None else "edited"), certain


def _says(now: str, written: str, figures: CurrentFigures) -> bool:
    return written == digest_of(now) or says_the_same(now, written, figures.synonyms)


def _mended(controls: Sequence[Control], position: int, candidates: Sequence[str]) -> tuple[int, Control]:
    """How many controls an editor has made of one, and that one as it was; itself where nothing can be told.

    LibreOffice 7.4 writes a Chinese text several times: whole and in parts, in controls of the same title, one behind
    another. What is left when every whole text is taken away must be the text once more, or nothing.
    """
    control = controls[position]
    pieces = 1
    while (further := position + pieces) < len(controls) and _continues(control, controls[further]):
        pieces += 1
    said = [one.text for one in controls[position : position + pieces]]
    for written in candidates:
        rest = "".join(one.replace(written, "") for one in said) if written else None
        if rest in ("", written) and written in said[0] and not written.isascii() and said != [written]:
            return pieces, replace(control, text=written)
    return 1, control


def _continues(control: Control, further: Control) -> bool:
    return further.adjacent and not further.tag and further.title == control.title


def _settle(found: Sequence[ReportFigure], figures: CurrentFigures, *, force: bool) -> None:
    """By force a person's text is overwritten; else it keeps its group in the paragraph as it is."""
    for figure in found:
        if force and figure.state == "edited" and figure.control.writable:
            figure.state = "overwritten"
    edited = {figure.group(figures) for figure in found if figure.state == "edited"} - {None}
    for figure in found:
        if figure.state in ("moved", "adopted") and figure.group(figures) in edited:
            figure.state = "frozen"
