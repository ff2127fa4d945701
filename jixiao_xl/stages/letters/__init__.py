"""Letters (信件): what goes to a unit with its workbook: issued, returned, or reminded; the words are letters.yaml's.

Which letter a unit gets follows from where it stands; which of its paragraphs stand follows from the deadline and
from what is attached. Nothing is sent from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jixiao_xl.model.findings import Finding
from jixiao_xl.model.mail import Attachment, Letter, LetterKind
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.mapping.letters import LetterText, LetterTexts
from jixiao_xl.model.results import Org, UnitStatus
from jixiao_xl.model.setting import Setting
from jixiao_xl.stages.letters.occasion import Occasion
from jixiao_xl.stages.letters.tables import findings_table, listed, materials_table
from jixiao_xl.stages.letters.writing import write_letter

__all__ = ["issue_letter", "reminder", "return_letter"]


def issue_letter(mapping: Mapping, unit: str, workbook: Attachment) -> Letter:
    """The letter that goes with a unit's blank workbook: what it is, by when, to whom, and what else is asked for.

    It does not say what day it is: the same mapping gives the same letter.
    """
    occasion = Occasion.of_files((workbook,), deadline=mapping.deadline, as_of=None)
    tables = {"materials": materials_table(mapping, unit)}
    return write_letter(LetterKind.ISSUE, mapping.letters.letters.issue, unit, occasion, tables, mapping)


def return_letter(
    org: Org, findings: Iterable[Finding], attachments: Sequence[Attachment], setting: Setting, mapping: Mapping
) -> Letter:
    """The letter that goes with a unit's own workbook after it was checked.

    Args:
        org: where the unit stands.
        findings: of the run; the unit's own are listed.
        attachments: the annotated workbook; or a fresh one and the list of what was not carried into it (未转入清单).
        setting: today and the deadline.
        mapping: the year's mapping.

    Raises:
        ValueError: nothing readable has come from the unit, so that there is nothing to return.
    """
    text = _return_text(org.status, mapping.letters.letters)
    return _about(LetterKind.RETURN, text, org, findings, attachments, setting, mapping)


def reminder(
    org: Org, findings: Iterable[Finding], attachment: Attachment | None, setting: Setting, mapping: Mapping
) -> Letter:
    """A reminder for a unit that has to send something: what is missing, what is wrong with it, how late it is.

    Args:
        org: where the unit stands.
        findings: of the run; the unit's own are listed.
        attachment: the workbook to work on, where there is one.
        setting: today and the deadline.
        mapping: the year's mapping.

    Raises:
        ValueError: the unit has nothing left to do.
    """
    text = _reminder_text(org.status, mapping.letters.letters)
    attachments = (attachment,) if attachment else ()
    return _about(LetterKind.REMIND, text, org, findings, attachments, setting, mapping)


def _about(
    kind: LetterKind,
    text: LetterText,
    org: Org,
    findings: Iterable[Finding],
    attachments: Sequence[Attachment],
    setting: Setting,
    mapping: Mapping,
) -> Letter:
    """A letter about what was found in the unit's workbook."""
    own = listed(findings, org.code)
    occasion = Occasion.of_files(attachments, deadline=setting.deadline, as_of=setting.as_of).about(own)
    tables = {"findings": findings_table(own, mapping), "materials": materials_table(mapping, org.code)}
    return write_letter(kind, text, org.code, occasion, tables, mapping)


def _return_text(status: UnitStatus, letters: LetterTexts) -> LetterText:
    match status:
        case UnitStatus.TO_FIX:
            return letters.return_to_fix
        case UnitStatus.TO_EXPLAIN:
            return letters.return_to_explain
        case UnitStatus.ACCEPTED | UnitStatus.SEALED:
            return letters.return_accepted
        case UnitStatus.MISSING | UnitStatus.REFUSED:
            raise ValueError(status)


def _reminder_text(status: UnitStatus, letters: LetterTexts) -> LetterText:
    match status:
        case UnitStatus.MISSING:
            return letters.remind_missing
        case UnitStatus.REFUSED:
            return letters.remind_refused
        case UnitStatus.TO_FIX:
            return letters.remind_to_fix
        case UnitStatus.TO_EXPLAIN:
            return letters.remind_to_explain
        case UnitStatus.ACCEPTED | UnitStatus.SEALED:
            raise ValueError(status)
