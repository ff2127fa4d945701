"""A handful of kills while collecting and sending (收发途中断电); the long run is tests/acceptance/killed_mail.py."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.killed_mail import Forked, Plan, collect_under_fire, issue_under_fire, new_workspace
from tests.mail_servers import MailServers

pytestmark = pytest.mark.mail


def test_collecting_under_kills_keeps_every_file_exactly_once(
    mail_servers: MailServers, filled: dict[str, bytes], tmp_path: Path
) -> None:
    """A laptop is closed in the middle: nothing is lost, doubled or half written, and nobody has to think about it."""
    plan = Plan(random.Random(1), Forked, kills=5, far=3, delays=(0.0, 0.005), duration=0.5)
    course = collect_under_fire(new_workspace(tmp_path), mail_servers, 14, list(filled.values()), plan)
    assert course.kills >= 3


def test_sending_under_kills_mails_every_unit_once_save_the_one_in_doubt(
    mail_servers: MailServers, tmp_path: Path
) -> None:
    """Sections complain about two mails and forget about none; the doubtful one bears the same Message-ID."""
    units = {"street_office", "party_office", "community_office"}
    plan = Plan(random.Random(4), Forked, kills=3, far=2, delays=(0.0, 0.005), at_any_time=0)
    course = issue_under_fire(new_workspace(tmp_path, units), mail_servers, plan)
    assert course.kills == 3
    assert len({to for _, to, _ in course.taken}) == len(units)
