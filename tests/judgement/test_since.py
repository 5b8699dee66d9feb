"""What changed against another window: lines that add up, and the reason that a person would give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.topics.overview.judgement.since import effects, of_line, side_by_side

ONE = {
    **{"customer_id": "a", "name": "A", "list_revenue": 1000.0, "discounts": 100.0, "returns": 20.0, "cogs": 500.0},
    **{"freight": 30.0, "cost_to_serve": 120.0, "failure_cost": 20.0, "cost_to_obtain": 0.0, "write_offs": 0.0},
    **{"financing_cost": 5.0, "cts_visits": 80.0, "cts_support": 40.0},
}


def account(**changes) -> dict:
    row = ONE | changes
    gross = row["list_revenue"] - np.nan_to_num(row["discounts"]) - row["returns"] - row["cogs"] - row["freight"]
    spent = sum(row[name] for name in ("cost_to_serve", "cost_to_obtain", "write_offs", "financing_cost"))
    sold = row["list_revenue"] - row["returns"]
    demand = (row["cost_to_serve"] - row["failure_cost"]) / sold if sold > 0 else np.nan
    segment = f"{'profitable' if gross > spent else 'unprofitable'}_{row.pop('demand', 'low')}_demand"
    return {**row, "gross_margin": gross, "net_margin": gross - spent, "service_demand": demand, "segment": segment}


def frame(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def one(before: dict, now: dict) -> pd.Series:
    return side_by_side(frame(now), frame(before), "EUR").iloc[0]


def test_half_the_sales_take_half_the_gross_margin_with_them_and_nothing_else() -> None:
    before = frame(account())
    half = account(list_revenue=500.0, discounts=50.0, returns=10.0, cogs=250.0, freight=15.0)
    split = effects(frame(half), before).iloc[0]
    assert split["sales"] == pytest.approx(-175)  # the gross margin of before was 350
    assert split.drop("sales").abs().max() == pytest.approx(0)


@pytest.mark.parametrize("discounts", [100.0, np.nan])
def test_the_lines_add_up_to_what_happened(discounts: float) -> None:
    random = np.random.default_rng(5)
    names = [name for name, value in ONE.items() if isinstance(value, float) and name != "discounts"]
    rows = [account(discounts=discounts, **{name: float(random.integers(0, 900)) for name in names}) for _ in range(80)]
    rows[3] = account(discounts=discounts, list_revenue=0.0)
    now, before = frame(*rows[:40]), frame(*rows[40:])
    difference = now.net_margin - before.net_margin
    assert (effects(now, before).sum(axis=1) - difference).abs().max() < 1e-9


NO_SALES = dict.fromkeys(("list_revenue", "discounts", "returns", "cogs", "freight"), 0.0)
TOLD = [
    ({"returns": 200.0}, "returns", "returns and credits take 20% of what it buys, after 2%"),
    ({"discounts": 300.0}, "discounts", "discounts take 30% of what it buys, after 10%"),
    (
        {"cost_to_serve": 300.0, "failure_cost": 200.0},
        "failures",
        "work that our own failures caused takes EUR 200, after EUR 20",
    ),
    (
        {"cost_to_serve": 520.0, "cts_visits": 480.0},
        "service",
        "serving it takes EUR 500, after EUR 100, most of it visits (EUR 480, after EUR 80)",
    ),
    ({"write_offs": 400.0}, "write_offs", "written off: EUR 400, after nothing"),
    (NO_SALES, "sales", "it buys nothing any more"),
]


@pytest.mark.parametrize(("change", "line", "words"), TOLD)
def test_the_reason_is_the_line_that_moved_it_most(change: dict, line: str, words: str) -> None:
    told = one(account(), account(**change))
    assert told["line"] == line
    assert told["reason"].replace("\xa0", " ") == words


def test_what_pulls_the_other_way_is_no_reason() -> None:
    told = one(
        account(),
        account(list_revenue=1500.0, discounts=150.0, returns=30.0, cogs=750.0, freight=45.0, write_offs=900.0),
    )
    assert (told["turned"], told["line"]) == ("costs", "write_offs")


def test_who_bought_nothing_in_one_of_the_windows_is_told_by_that() -> None:
    nothing = account(**NO_SALES, cost_to_serve=0.0, failure_cost=0.0, financing_cost=0.0)
    dear = account(cogs=1_200.0, discounts=0.0, returns=0.0, freight=0.0)

    began = one(nothing, dear)
    assert (began["turned"], began["line"]) == ("costs", "cogs")
    assert began["reason"] == "it bought nothing then; goods take 120% of what it buys"

    # Who buys nothing any more costs nothing more either, and still does not earn.
    ended = one(dear, nothing)
    assert (ended["net_margin"], ended["reason"]) == (0, "it buys nothing any more")
    assert not isinstance(ended["turned"], str)


def test_who_moved_by_service_alone_is_told_by_its_share_and_whether_the_line_itself_moved() -> None:
    more = one(account(), account(cost_to_serve=260.0, demand="high"))
    assert more["kind"] == "moved"
    assert more["reason"].startswith("serving it takes 24% of what it buys, after 10%")
    other = account(customer_id="b", list_revenue=9000.0, cost_to_serve=4000.0)
    now = [account(demand="high"), account(customer_id="b", list_revenue=9000.0, cost_to_serve=60.0)]
    told = side_by_side(frame(*now), frame(account(), other), "EUR").iloc[0]
    assert told["reason"] == "serving it takes 10% of what it buys, after 10%; the line itself went from 41% to 1.4%"


def test_who_came_and_who_went_has_no_difference() -> None:
    both = side_by_side(frame(account()), frame(account(customer_id="b")), "EUR").set_index("customer_id")
    assert both.kind.to_dict() == {"a": "came", "b": "went"}
    assert both.difference.isna().all()
    assert both.name.to_dict() == {"a": "A", "b": "A"}


def test_sales_that_grew_many_times_are_told_as_times() -> None:
    assert of_line("sales", account(list_revenue=5000.0), account(), "EUR") == "its sales are 5 times what they were"
