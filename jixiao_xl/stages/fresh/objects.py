"""What hangs on the sheets (附着物): comments, pictures, charts, shapes, links, page headers; all of it stays behind."""

from __future__ import annotations

from collections.abc import Iterator

from jixiao_xl.files.objects import SheetObject, sheet_objects
from jixiao_xl.files.package import UnreadableWorkbook
from jixiao_xl.stages.fresh.came import Came, NotCarried, as_text, plain_text


def objects_left(data: bytes, clean: bytes, came: Came) -> Iterator[NotCarried]:
    """One line for each thing that hangs on the sheets of `data` and not on those of `clean`."""
    try:
        found, issued = sheet_objects(data), sheet_objects(clean)
    except UnreadableWorkbook:  # a part that no reading of cells needs: the list must say so
        reason = came.mapping.text("fresh_objects_unread")
        yield NotCarried("", "", "", "", came.mapping.text("fresh_objects"), reason)
        return
    page_texts = {plain_text(item.text) for item in issued if item.kind == "page_text"}
    for item in found:
        if item.kind == "page_text" and plain_text(item.text) in page_texts:
            continue
        if item.kind == "link" and _is_own_text(item, came):
            continue
        content = item.text or came.mapping.text("fresh_no_words")
        yield NotCarried(item.sheet, item.cell, "", "", content, came.mapping.text(f"fresh_{item.kind}"))


def _is_own_text(item: SheetObject, came: Came) -> bool:
    """Programs turn an address that is typed into a link; the typed text itself is dealt with as a cell."""
    shown = {as_text(cell.value) for cell in came.pages.get(item.sheet, {}).values() if cell.address == item.cell}
    return item.text.removeprefix("mailto:").rstrip("/") in {text.rstrip("/") for text in shown}
