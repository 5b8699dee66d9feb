"""Small firms in which nobody is difficult: alike accounts, and what nobody is known to have asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import Portfolio

HERE = Path(__file__).parent


@pytest.mark.parametrize(("folder", "as_of"), [("min6", "2026-09-30"), ("hours", "2026-08-31")])
def test_nobody_among_alike_accounts_is_difficult(folder: str, as_of: str) -> None:
    judged = Portfolio(HERE / folder, as_of).computed.difficulty_judgement

    assert len(judged) >= 10
    assert not judged.difficult.fillna(False).any()
    assert not judged.trouble.fillna(0.0).any()


def test_after_hours_work_where_nothing_was_agreed_or_asked_for_is_not_spoken_of() -> None:
    behaviours = Portfolio(HERE / "hours", "2026-08-31").behaviours

    assert "after_hours" not in set(behaviours.behaviour)
