"""Small inputs that ended in a traceback: no orders, nothing rush or out of scope, nobody who sells, lenses alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from analysis import Portfolio
from analysis.data.contract import OUTPUTS
from analysis.topics.difficulty.page import difficult
from analysis.topics.value.page import value

HERE = Path(__file__).parent
AS_OF = "2026-09-30"


@pytest.mark.parametrize(
    "folder", ["f1", *(pytest.param(name, marks=pytest.mark.slow) for name in ("f2", "min2", "r3"))]
)
def test_every_table_is_there_and_every_sum_holds(folder: str) -> None:
    p = Portfolio(HERE / folder, AS_OF)

    assert all(list(p.table(name).columns) for name in OUTPUTS)
    assert p.accounts.customer_id.is_unique and len(p.accounts)
    assert [identity for identity in p.identities if not identity.holds] == []


def test_lenses_that_agree_are_told_to_agree() -> None:
    page = BeautifulSoup(str(value.three_lenses(Portfolio(HERE / "r3", AS_OF))), "html.parser").get_text(" ")

    assert "The lenses agree on" in page and "Nowhere would they decide differently." in page


def test_their_side_of_the_table_is_told_where_nobody_sells() -> None:
    page = BeautifulSoup(str(difficult.from_their_side(Portfolio(HERE / "f1", AS_OF))), "html.parser").get_text(" ")

    assert "How we talk with 1 account" in page and "Which dates we named is not recorded." in page
