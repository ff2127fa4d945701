"""Package (上报包): what a department submits, in one zip: report, forms, summary, workbooks, evidence, and the proof."""

from __future__ import annotations

from jixiao_xl.stages.package.contents import Contents, package
from jixiao_xl.stages.package.opening import Parcel, Refused, open_package
from jixiao_xl.stages.package.recomputed import mismatches, nodes
from jixiao_xl.stages.package.sealing import (
    changed_since,
    counting,
    mapping_hash,
    refusal,
    review_hash,
    sealed_document,
)
from jixiao_xl.stages.package.signoffs import signoffs

__all__ = [
    "Contents",
    "Parcel",
    "Refused",
    "changed_since",
    "counting",
    "mapping_hash",
    "mismatches",
    "nodes",
    "open_package",
    "package",
    "refusal",
    "review_hash",
    "sealed_document",
    "signoffs",
]
