"""Refresh (更新报告中的数字): in a report that a person has edited, only the figures that moved get their new text.

Three texts of each figure are compared: what the program wrote last (in the control's tag), what stands there now, and
what the workbooks give. Where the tag is lost, the title and the last run's record tell; nothing is guessed.

| last written, now, new | what happens |
|---|---|
| now says what new says | nothing; where a person was quicker than the program, the tag learns it |
| now says what was written last | the new text, in the manner of the present one (thousands, wide digits, synonyms) |
| neither, or emptied | a person's text: it stays and is reported, with `force` it is overwritten and said so |
| one of a group in one paragraph is a person's | none of them is refreshed, one finding names them all |
| in the record, not in the document, or struck out under tracking | reported as deleted, in every run |
| a figure that there is no more, or one that cannot be told | it stays and is reported |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from jixiao_xl.files.word_controls import Control, ControlEdit, ControlledDocument
from jixiao_xl.model import texts
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.passages import place_in_words
from jixiao_xl.model.places import Place
from jixiao_xl.model.report_figures import CurrentFigures
from jixiao_xl.model.report_tags import FigureName, WrittenFigure, control_id, read_tag
from jixiao_xl.stages.report.figure_states import Group, ReportFigure, report_figures, texts_by_name


@dataclass(frozen=True, slots=True)
class Change:
    """What a refresh has changed, or what it could not put anywhere.

    Attributes:
        kind: refreshed; overwritten (a person's text, by force); new (no control shows it, and none is put in).
        label: the figure's Chinese name.
        old: what stood there.
        new: what stands there now; of a new figure what it is.
        place: as in `Passage`; nothing in a header or footer and for a new figure.
    """

    kind: Literal["refreshed", "overwritten", "new"]
    label: str
    old: str
    new: str
    place: str = ""

    def __str__(self) -> str:
        """A sentence for the officer."""
        words = texts.REPORT_CHANGES[self.kind]
        return words.format(label=_at((self.label,), self.place), old=self.old or texts.REPORT_EMPTY, new=self.new)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A refreshed report.

    Attributes:
        data: its bytes; those that came in where nothing moved.
        changes: what was changed, in order, then what is new.
        findings: figure-edited, figure-deleted, and figure-unparsed for what cannot be told.
        written: the list for the record.
    """

    data: bytes
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    written: tuple[WrittenFigure, ...]


def refresh(
    data: bytes,
    figures: CurrentFigures,
    last: Sequence[WrittenFigure],
    catalogue: Catalogue,
    file: str,
    *,
    fresh: Sequence[WrittenFigure] = (),
    force: bool = False,
) -> Refreshed:
    """The report with every figure that moved; every other byte as it was.

    Args:
        data: a .docx, whoever saved it last.
        figures: what every figure reads like now.
        last: what the last run left in it; empty where there is no record.
        catalogue: the words of the findings.
        file: the report's path relative to the workspace.
        fresh: the figures of the report as it would be written anew; those that this one never had are named.
        force: whether what a person has edited is overwritten.

    Raises:
        UnreadableReport: it is empty, encrypted, damaged, unsafe, too large, or no .docx.
    """
    document = ControlledDocument(file, data)
    found = report_figures(document.controls, figures, last, force=force)
    edits = dict(edit for figure in found for edit in figure.edits(figures))
    edits = _with_own_numbers(edits, found, document.controls)
    deleted = tuple(_deleted(found, figures, last))
    speaker = _Speaker(catalogue, Place(file), figures, document)
    return Refreshed(
        data=document.with_edits(edits),
        changes=(*_changes(found, edits, document), *_new(found, figures, last, fresh)),
        findings=(*speaker.edited(found), *speaker.untold(found), *speaker.deleted(deleted)),
        written=(*_written(found, edits, last), *deleted),
    )


def figures_in(data: bytes, file: str) -> tuple[WrittenFigure, ...]:
    """The figures of a report that the program has just written: for the record, and as `fresh`."""
    found: list[WrittenFigure] = []
    for control in ControlledDocument(file, data).controls:
        tag = read_tag(control.tag or "")
        if tag is not None:
            found.append(WrittenFigure(tag.name, control.text if tag.says(control.text) else tag.written))
    return tuple(found)


# -- what follows ----------------------------------------------------------------------------------------------


def _changes(
    found: Sequence[ReportFigure], edits: Mapping[int, ControlEdit], document: ControlledDocument
) -> Iterator[Change]:
    for figure in found:
        if figure.is_rewritten:
            kind = "overwritten" if figure.state == "overwritten" else "refreshed"
            new = edits[figure.position].text or ""
            yield Change(
                kind, figure.label, document.controls[figure.position].text, new, document.place(figure.control)
            )


def _new(
    found: Sequence[ReportFigure],
    figures: CurrentFigures,
    last: Sequence[WrittenFigure],
    fresh: Sequence[WrittenFigure],
) -> Iterator[Change]:
    """Figures that the report never had."""
    known = {figure.name for figure in found} | {one.name for one in last}
    for name in dict.fromkeys(one.name for one in fresh if one.name not in known):
        if name in figures.texts:
            yield Change("new", figures.labels.get(name.fact, name.fact), "", figures.texts[name])


def _with_own_numbers(
    edits: Mapping[int, ControlEdit], found: Sequence[ReportFigure], controls: Sequence[Control]
) -> dict[int, ControlEdit]:
    """The edits; a rewritten control that has the number of one before it, a copy, gets a number of its own."""
    first: dict[int, int] = {}
    for position, control in enumerate(controls):
        if control.identity is not None:
            first.setdefault(control.identity, position)
    taken, numbered = set(first), dict(edits)
    for figure in found:
        identity = figure.control.identity
        if identity is None or not figure.is_rewritten or first[identity] == figure.position:
            continue
        ordinal = figure.ordinal
        while (own := control_id(figure.name, ordinal)) in taken:
            ordinal += 1
        taken.add(own)
        numbered[figure.position] = replace(edits[figure.position], identity=own)
    return numbered


def _deleted(
    found: Sequence[ReportFigure], figures: CurrentFigures, last: Sequence[WrittenFigure]
) -> Iterator[WrittenFigure]:
    """The controls that the record knows and the document has no more; a person's own copies do not count."""
    present = Counter(figure.name for figure in found if figure.state != "struck")
    struck = [WrittenFigure(one.name, one.written or "") for one in found if one.state == "struck"]
    originals = [one for one in last if one.state != "copy"] if last else struck
    counted = Counter(one.name for one in originals)
    for name, number in sorted(counted.items(), key=lambda pair: str(pair[0])):
        missing = number - (present[name] if last else 0)
        if missing > 0 and name in figures.texts:
            written = [one.text for one in originals if one.name == name]
            yield from (WrittenFigure(name, text, "deleted") for text in written[-missing:])


def _written(
    found: Sequence[ReportFigure], edits: Mapping[int, ControlEdit], last: Sequence[WrittenFigure]
) -> Iterator[WrittenFigure]:
    """What stands in the document's controls by the program's hand, in order."""
    originals = Counter(one.name for one in last if one.state != "copy")
    record, seen = texts_by_name(last), Counter[FigureName]()
    for figure in found:
        if figure.state == "struck":
            continue
        seen[figure.name] += 1
        edit, text = edits.get(figure.position), figure.written
        if edit is not None and edit.text is not None:
            text = edit.text
        elif figure.state == "adopted" or (figure.state == "same" and text is None):
            text = figure.control.text
        if text is None:  # nobody can tell; what the record had stays for the next run
            texts_of = record.get(figure.name, [])
            text = texts_of[min(seen[figure.name], len(texts_of)) - 1] if texts_of else None
        if text is not None:
            is_copy = bool(last) and seen[figure.name] > originals[figure.name]
            yield WrittenFigure(figure.name, text, "copy" if is_copy else "")


# -- what is said of it ----------------------------------------------------------------------------------------


def _at(labels: Sequence[str], place: str) -> str:
    """Names of figures with their place in words."""
    joined = texts.REPORT_JOINT.join(dict.fromkeys(labels))
    return texts.REPORT_AT.format(labels=joined, place=place_in_words(place)) if place else joined


@dataclass(frozen=True, slots=True)
class _Speaker:
    """The findings of a refresh."""

    catalogue: Catalogue
    place: Place
    figures: CurrentFigures
    document: ControlledDocument

    def edited(self, found: Sequence[ReportFigure]) -> Iterator[Finding]:
        """One finding for each figure, or for each group in a paragraph, that a person has edited."""
        groups: dict[Group, list[ReportFigure]] = {}
        for figure in found:
            if (group := figure.group(self.figures)) is not None:
                groups.setdefault(group, []).append(figure)
        order, causes = Counter[str](), dict[Group, str]()
        for group in groups:
            order[group[1]] += 1
            causes[group] = f"{group[1]}#{order[group[1]]}"
        for figure in found:
            group = figure.group(self.figures)
            if figure.state != "edited":
                continue
            if group is None:
                yield self._edited([figure], f"{figure.name}#{figure.ordinal}")
            elif group in causes:  # else it is said already
                members = [one for one in groups[group] if one.state in ("same", "edited", "frozen")]
                yield self._edited(members, causes.pop(group))

    def _edited(self, members: Sequence[ReportFigure], cause: str) -> Finding:
        blank = "" if len(members) == 1 else texts.REPORT_EMPTY
        written = [texts.REPORT_UNKNOWN if (one.written or "~")[0] == "~" else one.written or "" for one in members]
        return self.catalogue.at(
            "figure-edited",
            self.place,
            found=texts.REPORT_JOINT.join(one.control.text or blank for one in members),
            expected=texts.REPORT_JOINT.join(one.new or "" for one in members),
            cause=cause,
            basis=written,
            detail=_at([one.label for one in members], self.document.place(members[0].control)),
            last=texts.REPORT_JOINT.join(written),
        )

    def untold(self, found: Sequence[ReportFigure]) -> Iterator[Finding]:
        """One finding for each control that shows no figure of this year, or that nobody can tell the text of."""
        words = {"gone": texts.REPORT_FIGURE_GONE, "unknown": texts.REPORT_FIGURE_UNTOLD}
        for figure in found:
            if figure.state in words:
                yield self.catalogue.at(
                    "figure-unparsed",
                    self.place,
                    found=figure.control.text,
                    expected=figure.new,
                    cause=f"{figure.name}#{figure.ordinal}",
                    advice=words[figure.state].format(label=_at((figure.label,), self.document.place(figure.control))),
                )

    def deleted(self, deleted: Sequence[WrittenFigure]) -> Iterator[Finding]:
        """One finding for each control that a person has removed."""
        order = Counter[FigureName]()
        for one in deleted:
            order[one.name] += 1
            yield self.catalogue.at(
                "figure-deleted",
                self.place,
                expected=self.figures.texts[one.name],
                cause=f"{one.name}#{order[one.name]}",
                detail=self.figures.labels.get(one.name.fact, one.name.fact),
                last=texts.REPORT_UNKNOWN if one.text.startswith("~") else one.text,
            )
