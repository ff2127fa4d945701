"""A hand in a report (手工修改): two weeks of an officer's editing, at random, as Word and WPS write it down.

The hand remembers for every control what was done to its figure; what it does beside figures it need not remember.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Final, Literal

from lxml import etree

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
Element = etree._Element  # pyright: ignore[reportPrivateUsage]
Deed = Literal["", "edited", "emptied", "quick", "thousands", "synonym", "struck"]

_PROSE: Final = ("主要原因是惠民项目减少", "（详见附表）", "，较为突出", "据实填报。", "&<>“引号”", " ", "２０２５年")
_LOOKS: Final = ("b", "i", "u", "strike", "highlight")


def made(name: str, /, **attributes: str) -> Element:
    """An element of WordprocessingML."""
    element = etree.Element(f"{W}{name}")
    for key, value in attributes.items():
        element.set(f"{W}{key}", value)
    return element


def run(text: str, look: str = "") -> Element:
    """A run of text."""
    element = made("r")
    if look:
        etree.SubElement(etree.SubElement(element, f"{W}rPr"), f"{W}{look}").set(f"{W}val", "1")
    words = etree.SubElement(element, f"{W}t")
    words.text = text
    words.set(SPACE, "preserve")
    return element


def under(element: Element, *names: str) -> bool:
    """Whether an element stands in one of these."""
    return next(element.iterancestors(*(f"{{*}}{name}" for name in names)), None) is not None


def said(control: Element) -> str:
    """What a control says, by another road than the program's."""
    texts = control.iterfind(f"{W}sdtContent//{W}t")
    prompt = control.find(f"{W}sdtPr/{W}showingPlcHdr") is not None
    return "" if prompt else "".join(t.text or "" for t in texts if not under(t, "del"))


def in_order(root: Element) -> Iterator[Element]:
    """The controls of a part; those that stand there a second time for older programs left out."""
    return (one for one in root.iter(f"{W}sdt") if not under(one, "Fallback"))


class Hand:
    """Random edits of one document part."""

    def __init__(self, part: bytes, seed: int, numbers: Callable[[Element], tuple[str, str]]) -> None:
        self.root = etree.fromstring(part)
        self.random = Random(seed)
        self.numbers = numbers  # of a control: the figure in another manner (thousands or a synonym), and the next one
        self.deeds: dict[Element, Deed] = {}
        self.marks = 100

    @property
    def part(self) -> bytes:
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", standalone=True)

    def deed(self, control: Element) -> Deed:
        """What was done to a figure."""
        return self.deeds.get(control, "")

    def deeds_there(self) -> list[Deed]:
        """What was done to the figures that still stand there."""
        return [self.deed(one) for one in in_order(self.root)]

    def edit(self, times: int) -> None:
        """So many edits, one after another."""
        for _ in range(times):
            self.random.choice(EDITS)(self)

    # -- where ---------------------------------------------------------------------------------------------------

    def _paragraphs(self) -> list[Element]:
        return [one for one in self.root.iter(f"{W}p") if not under(one, "txbxContent", "sdtContent")]

    def _controls(self) -> list[Element]:
        return [one for one in in_order(self.root) if not under(one, "txbxContent")]

    def _untouched(self) -> Element | None:
        """A control whose figure nobody has touched."""
        free = [one for one in self._controls() if not self.deed(one) and said(one)]
        return self.random.choice(free) if free else None

    def _runs(self) -> list[Element]:
        """Runs of prose."""
        return [
            one
            for one in self.root.iter(f"{W}r")
            if one.find(f"{W}t") is not None and not under(one, "sdtContent", "txbxContent", "del", "ins")
        ]

    def _number(self) -> str:
        self.marks += 1
        return str(self.marks)

    # -- beside figures --------------------------------------------------------------------------------------------

    def insert_prose(self) -> None:
        paragraph = self.random.choice(self._paragraphs())
        self._put(paragraph, run(self.random.choice(_PROSE), self.random.choice(("", *_LOOKS))))

    def _put(self, paragraph: Element, element: Element) -> None:
        first = 1 if paragraph.find(f"{W}pPr") is not None else 0
        paragraph.insert(self.random.randint(first, max(first, len(paragraph))), element)

    def delete_prose(self) -> None:
        if len(runs := self._runs()) > 5:
            gone = self.random.choice(runs)
            gone.getparent().remove(gone)  # pyright: ignore[reportOptionalMemberAccess]

    def style_half_a_run(self) -> None:
        self._split(self.random.choice(self._runs()), self.random.choice(_LOOKS))

    def _split(self, one: Element, look: str) -> Element:
        """Two runs of one, with a mark between such as editors leave; the second half looks otherwise."""
        words = one.find(f"{W}t")
        assert words is not None
        text = words.text or ""
        at = self.random.randint(0, len(text))
        second = run(text[at:], look)
        words.text = text[:at]
        number = self._number()
        between = {
            "bookmarkStart": [made("bookmarkStart", id=number, name=f"_{number}"), made("bookmarkEnd", id=number)],
            "proofErr": [made("proofErr", type="spellStart"), made("proofErr", type="spellEnd")],
            "nothing": list[Element](),
        }
        place = one
        for mark in self.random.choice(list(between.values())):
            place.addnext(mark)
            place = mark
        place.addnext(second)
        return second

    def comment(self) -> None:
        """Around a run or a control, or around half a figure."""
        number = self._number()
        target = self.random.choice([*self._runs(), *self._controls(), *self._figure_runs()])
        target.addprevious(made("commentRangeStart", id=number))
        reference = made("r")
        reference.append(made("commentReference", id=number))
        target.addnext(reference)
        target.addnext(made("commentRangeEnd", id=number))

    def _figure_runs(self) -> list[Element]:
        return [
            one
            for control in self._controls()
            for one in control.iterfind(f"{W}sdtContent/{W}r")
            if one.find(f"{W}t") is not None
        ]

    def insert_under_tracking(self) -> None:
        inserted = made("ins", id=self._number(), author="甲", date="2026-03-01T00:00:00Z")
        inserted.append(run(self.random.choice(_PROSE)))
        self._put(self.random.choice(self._paragraphs()), inserted)

    def delete_under_tracking(self) -> None:
        one = self.random.choice(self._runs())
        self._strike(one)

    def _strike(self, one: Element) -> None:
        struck = made("del", id=self._number(), author="甲", date="2026-03-01T00:00:00Z")
        one.addprevious(struck)
        struck.append(one)
        for words in one.iterfind(f"{W}t"):
            words.tag = f"{W}delText"

    def new_paragraph(self) -> None:
        paragraph = made("p")
        paragraph.append(run(self.random.choice(_PROSE)))
        self.random.choice(self._paragraphs()).addprevious(paragraph)

    def move_paragraph(self) -> None:
        one, other = self.random.choice(self._paragraphs()), self.random.choice(self._paragraphs())
        if one is not other and not under(one, "tc"):
            other.addnext(one)

    def delete_paragraph(self) -> None:
        free = [one for one in self._paragraphs() if not under(one, "tc")]
        if len(free) > 6:
            gone = self.random.choice(free)
            gone.getparent().remove(gone)  # pyright: ignore[reportOptionalMemberAccess]

    # -- around figures --------------------------------------------------------------------------------------------

    def split_a_figure(self) -> None:
        runs = [one for one in self._figure_runs() if not under(one, "del")]
        if runs:
            self._split(self.random.choice(runs), self.random.choice(("", *_LOOKS)))

    def half_a_figure_under_tracking(self) -> None:
        """Typed again as it was, with tracking on."""
        control = self._untouched()
        runs = [] if control is None else list(control.iterfind(f"{W}sdtContent/{W}r"))
        runs = [one for one in runs if one.find(f"{W}t") is not None]
        if runs:
            second = self._split(runs[-1], "")
            inserted = made("ins", id=self._number(), author="甲", date="2026-03-01T00:00:00Z")
            second.addprevious(inserted)
            inserted.append(second)

    def copy_a_figure(self) -> None:
        control = self._untouched()
        if control is not None:
            self._put(self.random.choice(self._paragraphs()), copy.deepcopy(control))

    def move_a_figure(self) -> None:
        if self._controls():
            control = self.random.choice(self._controls())
            self._put(self.random.choice(self._paragraphs()), control)

    def wrap_a_figure(self) -> None:
        """In a link, in an insertion, or the whole paragraph in a control of somebody else's."""
        control = self._untouched()
        if control is None or under(control, "ins", "hyperlink"):
            return
        wrapper = self.random.choice((made("hyperlink", anchor="x"), made("ins", id=self._number(), author="甲")))
        control.addprevious(wrapper)
        wrapper.append(control)

    def delete_a_figure(self) -> None:
        if len(self._controls()) > 4:
            gone = self.random.choice(self._controls())
            gone.getparent().remove(gone)  # pyright: ignore[reportOptionalMemberAccess]

    # -- figures -----------------------------------------------------------------------------------------------------

    def _type(self, deed: Deed, text: Callable[[Element], str]) -> None:
        control = self._untouched()
        if control is None:
            return
        typed = text(control)
        words = [t for t in control.iterfind(f"{W}sdtContent//{W}t") if not under(t, "del")]
        if typed == said(control) or not words:
            return
        for t in words:
            t.text = ""
        self.random.choice(words).text = typed
        self.deeds[control] = deed

    def type_another_number(self) -> None:
        self._type("edited", lambda _: self.random.choice(("1850", "约10", "—", "另行核定")))

    def type_the_next_number(self) -> None:
        self._type("quick", lambda control: self.numbers(control)[1])

    def write_it_otherwise(self) -> None:
        self._type("thousands", lambda control: self.numbers(control)[0])

    def empty_a_figure(self) -> None:
        control = self._untouched()
        properties = None if control is None else control.find(f"{W}sdtPr")
        if control is not None and properties is not None:
            properties.append(made("showingPlcHdr"))
            self.deeds[control] = "emptied"

    def strike_a_figure(self) -> None:
        control = self._untouched()
        if control is not None and not under(control, "ins") and control.find(f".//{W}ins") is None:
            for one in list(control.iterfind(f"{W}sdtContent/{W}r")):
                if one.find(f"{W}t") is not None:
                    self._strike(one)
            self.deeds[control] = "struck"


_COMMON: Final = (
    Hand.insert_prose, Hand.delete_prose, Hand.style_half_a_run, Hand.comment, Hand.insert_under_tracking,
    Hand.delete_under_tracking, Hand.new_paragraph, Hand.move_paragraph, Hand.split_a_figure, Hand.wrap_a_figure,
    Hand.half_a_figure_under_tracking, Hand.copy_a_figure, Hand.move_a_figure,
)  # fmt: skip
EDITS: Final = (
    *_COMMON, *_COMMON, Hand.delete_paragraph, Hand.delete_a_figure, Hand.type_another_number, Hand.empty_a_figure,
    Hand.type_the_next_number, Hand.write_it_otherwise, Hand.strike_a_figure,
)  # fmt: skip
