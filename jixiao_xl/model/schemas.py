"""Schemas (JSON 格式): which document each command prints with `--json`."""

from __future__ import annotations

from typing import Final

from jixiao_xl.model.check_documents import CheckReportDocument
from jixiao_xl.model.documents import CheckDocument, ConsolidateDocument, Document

SCHEMAS: Final[dict[str, type[Document]]] = {
    "consolidate": ConsolidateDocument,
    "check": CheckDocument,
    "check-report": CheckReportDocument,
}
