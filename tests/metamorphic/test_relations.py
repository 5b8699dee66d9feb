"""Relations that hold whatever the truth: what must not move a judgement, and which way a judgement may move."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

JUDGED = ("segment", "over_served", "under_served", "difficult", "perception", "action")
KINDS = ("over_served_archetype", "difficult_archetype")
MONEY = {
    "transactions": ("list_amount", "discount", "net_amount", "cogs", "freight"),
    "invoices": ("amount", "disputed", "written_off"),
    "payments": ("amount",),
    "contracts": ("monthly_fee", "cancellation_fee"),
    "bookings": ("amount",),
    "actions_taken": ("cost",),
}
COSTS = re.compile(r"^(cost|revenue|cogs|operating_profit|resale)( *= *)([0-9_.]+)", re.MULTILINE)


def moved(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, list[str]]:
    """Return, for each judgement, the accounts whose verdict is another; kinds count by who is together with whom."""
    after = after.loc[before.index]
    found = {}
    for name in JUDGED:
        one, other = (rows[name].astype("str").fillna("") for rows in (before, after))
        if (one != other).any():
            found[name] = list(before.index[one != other])
    for name in KINDS:
        pairs = pd.DataFrame({"one": before[name].fillna(""), "other": after[name].fillna("")}).drop_duplicates()
        if pairs.one.duplicated().any() or pairs.other.duplicated().any():
            found[name] = list(before.index)
    return found


def scaled(tables, times):
    """Return tables with all money times a number."""
    found = dict(tables)
    for table, names in MONEY.items():
        rows = found[table].copy()
        for name in (name for name in names if name in rows):
            amounts = pd.to_numeric(rows[name]) * times
            rows[name] = amounts.map(lambda value: "" if np.isnan(value) else f"{value:.6f}")
        found[table] = rows
    return found


@pytest.mark.parametrize(("times", "near"), [(100.0, 1e-6), (0.001, 0.02)])
def test_money_in_another_unit_changes_amounts_and_no_verdict(world, before, accounts_of, times, near):
    # A thousandth leaves four decimals of an amount: cents become tenths of a thousandth.
    after = accounts_of(
        scaled(world, times), costing=lambda text: COSTS.sub(lambda m: f"{m[1]}{m[2]}{float(m[3]) * times:.6f}", text)
    )

    assert moved(before, after) == {}
    for name in ("net_revenue", "cost_to_serve", "over_service_cost", "clv"):
        np.testing.assert_allclose(after[name], before[name] * times, rtol=near, atol=near * times * 100)


def test_the_order_of_rows_changes_nothing(world, before, accounts_of):
    after = accounts_of({name: rows.sample(frac=1.0, random_state=3) for name, rows in world.items()})

    assert moved(before, after) == {}


def test_verdicts_follow_the_account_and_not_its_id(world, before, accounts_of):
    ids = world["customers"].customer_id
    new = dict(zip(ids, np.random.default_rng(5).permutation([f"K{n:04d}" for n in range(len(ids))]), strict=True))
    named = {"customer_id", "parent_id", "referred_by"}
    tables = {
        name: rows.assign(**{key: rows[key].map(lambda value: new.get(value, value)) for key in named & set(rows)})
        for name, rows in world.items()
    }
    after = accounts_of(tables)

    assert moved(before, after.rename(index={value: key for key, value in new.items()})) == {}


def test_an_unrelated_account_changes_nobody_elses_verdict(world, before, accounts_of):
    customers = world["customers"]
    typical = {**customers.iloc[0].to_dict(), "customer_id": "unrelated", "name": "Unrelated"}
    typical |= dict.fromkeys({"parent_id", "referred_by", "tier", "ended"} & set(customers), "")
    after = accounts_of({**world, "customers": pd.concat([customers, pd.DataFrame([typical])])})

    assert moved(before, after) == {}


def test_events_of_nobody_change_no_verdict(world, before, accounts_of):
    events = world["service_events"]
    more = events.sample(50, random_state=2)
    more = more.assign(event_id=more.event_id + "-nobody", customer_id="", case_id="", order_id="")
    after = accounts_of({**world, "service_events": pd.concat([events, more])})

    assert moved(before, after) == {}


def test_what_comes_after_the_day_changes_nothing(world, before, accounts_of):
    lines, events = world["transactions"], world["service_events"]
    later = lines.tail(200).assign(transaction_id=lambda rows: rows.transaction_id + "-later", date="2026-11-15")
    work = events.tail(200).assign(event_id=lambda rows: rows.event_id + "-later", at="2026-11-15T10:00:00")
    tables = {"transactions": pd.concat([lines, later]), "service_events": pd.concat([events, work])}
    after = accounts_of({**world, **tables})

    assert moved(before, after) == {}


def test_unasked_service_for_one_account_never_lowers_its_over_service(world, before, accounts_of):
    events = world["service_events"]
    who = before.index[before.over_service_cost.notna()][3]
    mine = events[events.customer_id == who].head(40)
    extra = mine.assign(event_id=mine.event_id + "-more", requested="false", case_id="", order_id="")
    after = accounts_of({**world, "service_events": pd.concat([events, extra])})

    assert after.over_service_cost[who] >= before.over_service_cost[who] - 1e-6
    assert after.cost_to_serve[who] > before.cost_to_serve[who]


def test_higher_prices_for_one_account_never_make_it_less_profitable(world, before, accounts_of):
    lines, who = world["transactions"], before.index[5]
    up = (lines.customer_id == who) & (lines.kind == "sale")
    raised = pd.to_numeric(lines.list_amount).where(~up, pd.to_numeric(lines.list_amount) * 1.1)
    after = accounts_of(
        {**world, "transactions": lines.assign(list_amount=raised.map("{:.4f}".format).replace("nan", ""))}
    )

    assert after.running_margin[who] > before.running_margin[who]
    assert not (before.segment[who].startswith("profitable") and after.segment[who].startswith("unprofitable"))


def test_a_cause_turned_to_the_customer_never_makes_us_more_to_blame(world, before, accounts_of):
    cases = world["cases"]
    who = cases[cases.cause == "ours"].customer_id.value_counts().index[0]
    at = cases.index[(cases.customer_id == who) & (cases.cause == "ours")][0]
    turned = cases.assign(cause=cases.cause.where(cases.index != at, "customer"))
    after = accounts_of({**world, "cases": turned})

    assert after.difficulty_ours.fillna(0)[who] <= before.difficulty_ours.fillna(0)[who] + 1e-6
