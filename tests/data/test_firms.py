"""The family of firms: other trades from the same generator, with their truth."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sample_firms import make_sample
from sample_firms.accounts import BEHAVIOURS
from sample_firms.books import Books, costing_toml
from sample_firms.firm import ATTRIBUTES, RESOURCES
from sample_firms.trade import GAPS, Trade
from sample_firms.write import TABLES


def _files(place: Path) -> dict[str, bytes]:
    return {str(file.relative_to(place)): file.read_bytes() for file in sorted(place.rglob("*")) if file.is_file()}


def test_the_same_number_makes_the_same_firm_and_another_number_another(tmp_path: Path) -> None:
    first, again, other = (
        make_sample(tmp_path / name, firm=number, accounts=12) for name, number in (("a", 4), ("b", 4), ("c", 5))
    )
    assert _files(first) == _files(again)
    assert _files(first)["truth/world.json"] != _files(other)["truth/world.json"]


def test_a_world_without_a_firm_tells_no_trade(tmp_path: Path) -> None:
    assert "trade" not in json.loads((make_sample(tmp_path, accounts=3) / "truth" / "world.json").read_text())


def test_firms_differ_in_every_respect_within_their_bounds() -> None:
    trades = [Trade.of(number, BEHAVIOURS, tuple(ATTRIBUTES)) for number in range(200)]
    assert min(t.money for t in trades) < 0.03 and max(t.money for t in trades) > 300
    assert all(0.01 <= t.money <= 1000 for t in trades)
    assert {gap for t in trades for gap in t.gaps} == set(GAPS)
    assert any(not t.gaps for t in trades)
    assert {name for t in trades for name in t.unstated} == set(ATTRIBUTES)


def test_amounts_scale_with_the_money_of_the_trade_and_nothing_else_does() -> None:
    table = pd.DataFrame({"monthly_fee": [10.0], "cancellation_fee": [None], "contract_id": ["K1"]})
    found = Trade(money=100.0).in_money(table, TABLES["contracts"])
    assert found.monthly_fee.tolist() == [1000.0]
    assert found.cancellation_fee.isna().all() and found.contract_id.tolist() == ["K1"]


def test_the_rate_at_which_freed_time_is_sold_is_in_the_firms_money_too() -> None:
    """A minute costs 0.95 and sells for 0.25 where money is 1: it sells for a hundredth of that where money is 0.01."""
    minutes, cost = {name: 1_000.0 for name in RESOURCES}, {name: 950.0 for name in RESOURCES}
    book = Books(minutes, cost, {}, np.datetime64("2026-10-31"))
    for scale in (1.0, 0.01, 1_000.0):
        resources = tomllib.loads(costing_toml(book.in_money(scale)))["resources"]
        sold = [(one["resale"], one["cost"]) for one in resources.values() if "resale" in one]
        assert sold and all(rate == pytest.approx(0.25 * scale) for rate, _ in sold)
        assert all(cost == pytest.approx(950.0 * scale) for _, cost in sold)


@pytest.mark.parametrize("gap", GAPS)
def test_a_gap_empties_what_it_names(gap: str) -> None:
    names = GAPS[gap]
    tables = {name: pd.DataFrame({column: ["x"] for column in TABLES[name]}) for name in TABLES}
    kept = Trade(gaps=(gap,)).recorded(tables)
    for name, columns in names.items():
        assert kept[name].empty if not columns else kept[name][list(columns)].isna().all(axis=None)
        assert not tables[name].isna().any(axis=None)
    assert all(kept[name] is tables[name] for name in TABLES if name not in names)
