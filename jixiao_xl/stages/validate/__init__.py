"""Validate (校验): is every cell what it should be, and does every check of the mapping hold.

Cell by cell first (types, ranges, lists, lengths: pandera, once a batch over whole frames), then row by row and
workbook by workbook (checks.yaml), last year's figures at last. Pure: nothing is opened, nothing is changed.
"""

from __future__ import annotations

from jixiao_xl.model.batch import Batch
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.frames import frames_of
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.stages.validate.cells import cell_findings
from jixiao_xl.stages.validate.logic import logic_findings
from jixiao_xl.stages.validate.priors import prior_findings
from jixiao_xl.stages.validate.schemas import schema_findings


def validate(batch: Batch, mapping: Mapping, catalogue: Catalogue) -> tuple[Batch, list[Finding]]:
    """The batch with its frames, and the findings of value and logic."""
    framed = batch.with_tables(frames_of(batch))
    findings = [
        *cell_findings(framed, mapping, catalogue),
        *schema_findings(framed, mapping, catalogue),
        *logic_findings(framed, mapping, catalogue),
        *prior_findings(framed, mapping, catalogue),
    ]
    return framed, findings
