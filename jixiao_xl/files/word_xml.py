"""Words of WordprocessingML (文档的标记): names and values of elements, Strict or Transitional alike."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from lxml import etree

Element = etree._Element  # pyright: ignore[reportPrivateUsage]  # lxml has no public name for it

TRANSITIONAL: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_PREFIXES: Final = {
    TRANSITIONAL: "",
    STRICT: "",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m:",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m:",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc:",
}
_OFF: Final = ("0", "false", "off")
_WRAPPERS: Final = {"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "mc:AlternateContent", "mc:Choice"}


class UnsafePart(Exception):
    """A part that declares a DTD."""


def parsed(content: bytes) -> Element:
    """The root of a part; no entity is resolved, nothing is fetched.

    Raises:
        UnsafePart: it declares a DTD.
        XMLSyntaxError: it is no XML, or deeper than any document is.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnsafePart
    return root


def name(element: Element) -> str:
    """`p` for a paragraph, `m:t` for text of a formula, `mc:Choice`; blank for anything else."""
    tag: object = element.tag  # a function for comments and processing instructions
    return _name(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _name(tag: str) -> str:
    namespace, _, local = tag.removeprefix("{").rpartition("}")
    prefix = _PREFIXES.get(namespace)
    return "" if prefix is None else prefix + local


def value(element: Element | None, attribute: str = "val") -> str | None:
    """An attribute of WordprocessingML."""
    if element is None:
        return None
    found = element.get(f"{{{TRANSITIONAL}}}{attribute}")
    return element.get(f"{{{STRICT}}}{attribute}") if found is None else found


def whole(text: str | None, default: int, *, most: int = 10_000) -> int:
    """A whole number from 0 on, as an attribute writes it; the default for anything else."""
    return (
        min(int(text), most) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else default
    )


def child(element: Element | None, *path: str) -> Element | None:
    """The first child of a name, and of that one the first of the next name."""
    for step in path:
        if element is None:
            return None
        element = next((one for one in element if name(one) == step), None)
    return element


def is_on(element: Element | None) -> bool:
    """Whether a property is there and not switched off."""
    return element is not None and (value(element) or "1").lower() not in _OFF


def shows_placeholder(control: Element) -> bool:
    """Whether a content control shows only its prompt (请单击此处输入文字)."""
    return is_on(child(control, "sdtPr", "showingPlcHdr"))


def branches(alternatives: Element) -> list[Element]:
    """What of an mc:AlternateContent counts: what it holds stands there twice, for newer and for older programs."""
    chosen = child(alternatives, "mc:Choice")
    chosen = child(alternatives, "mc:Fallback") if chosen is None else chosen
    return [] if chosen is None else [chosen]


def contents(parent: Element, wanted: frozenset[str]) -> Iterator[tuple[Element, bool]]:
    """The wanted elements of a story, table or row in order, also within controls and insertions.

    With each: whether it is only a control's prompt.
    """
    for one in parent:
        kind = name(one)
        if kind in wanted:
            yield one, False
        elif kind == "mc:AlternateContent":
            for branch in branches(one):
                yield from contents(branch, wanted)
        elif kind in _WRAPPERS:
            prompt = kind == "sdt" and shows_placeholder(one)
            for found, is_prompt in contents(one, wanted):
                yield found, prompt or is_prompt
