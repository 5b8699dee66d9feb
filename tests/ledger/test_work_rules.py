"""Each rule of costing work by hand, on a few events: turned round, one of these fails."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pandas as pd
import pytest

from analysis.ledger.costing import Activity, Costing, Resource
from analysis.ledger.work import (
    activity_table,
    costed,
    events_with_minutes,
    minutes_by_activity,
    time_equation,
    with_assigned,
    with_minutes,
    work_by_account,
    work_by_activity,
)
from analysis.policy import Policy
from analysis.window import Window

SCHEMA = {
    "event_id": "string", "customer_id": "string", "activity": "string", "at": "timestamp",
    "minutes": "decimal(18, 6)", "quantity": "float64", "pallets": "float64", "channel": "string",
    "after_hours": "boolean", "requested": "boolean", "in_scope": "boolean", "case_id": "string",
}  # fmt: skip
COSTING = Costing(
    period="year",
    resources={
        "desk": Resource(cost=1000.0, capacity_minutes=1000.0),  # 1 a minute; states no avoidable share
        "field": Resource(cost=300.0, capacity_minutes=100.0, avoidable=0.5, resale=2.0),  # 3 a minute
    },
    activities={
        "call": Activity(
            resource="desk",
            minutes=10.0,
            per={"quantity": 2.0, "pallets": 3.0},
            when={"after_hours": 5.0, "channel=onsite": 20.0, "quantity=99": 100.0},
        ),
        "visit": Activity(resource="field", group="visits", minutes=60.0),
        "repair": Activity(resource="field", group="visits", demand="failure", minutes=30.0),
        "pitch": Activity(resource="desk", purpose="obtain", minutes=40.0),
    },
)
NOON = "2026-05-05T12:00:00"


def events(**rows: dict[str, Any]) -> ibis.Table:
    given = [dict.fromkeys(SCHEMA) | {"event_id": n, "activity": "call", "at": NOON} | row for n, row in rows.items()]
    frame = pd.DataFrame(given, columns=list(SCHEMA)).assign(at=lambda f: pd.to_datetime(f["at"]))
    return ibis.memtable(frame, schema={**SCHEMA, "minutes": "float64"}).cast({"minutes": SCHEMA["minutes"]})


def cases() -> ibis.Table:
    rows = {"case_id": ["ours", "theirs", "unknown"], "cause": ["ours", "customer", None]}
    return ibis.memtable(rows, schema={"case_id": "string", "cause": "string"})


def minutes(rows: ibis.Table, column: str = "minutes", key: str = "event_id") -> dict[str, Any]:
    found = rows.select(key, column).to_pandas().set_index(key)[column]
    return {name: value if isinstance(value, bool) else float(value) for name, value in found.items()}


def test_the_window_is_from_its_first_day_to_the_end_of_its_last():
    rows = events(
        before={"at": "2025-10-31T23:59:59"}, first={"at": "2025-11-01T00:00:00"},
        last={"at": "2026-10-31T23:59:59"}, after={"at": "2026-11-01T00:00:00"},
    )  # fmt: skip
    found = events_with_minutes(rows, None, COSTING, Policy(), Window.until(date(2026, 10, 31), 12))
    assert sorted(minutes(found)) == ["first", "last"]


@pytest.mark.parametrize(("zero", "found"), [("missing", 12.0), ("zero", 0.0)])
def test_logged_minutes_win_and_a_logged_nought_counts_as_the_policy_says(zero, found):
    rows = events(logged={"minutes": 7.0}, half={"minutes": 0.5}, nought={"minutes": 0.0}, none={})
    settled = with_minutes(rows, None, COSTING, Policy.read(None, {"logged_zero": zero}))
    assert minutes(settled) == {"logged": 7.0, "half": 0.5, "nought": found, "none": 12.0}
    assert minutes(settled, "equation") == dict.fromkeys(("logged", "half", "nought", "none"), 12.0)
    told = settled.select("event_id", "logged").to_pandas().set_index("event_id").logged
    assert told.to_dict() == {"logged": True, "half": True, "nought": zero == "zero", "none": False}


def test_a_time_equation_adds_its_terms_and_is_never_below_nought():
    rows = events(
        empty={}, both={"quantity": 4.0, "pallets": 2.0}, flag={"quantity": 0.0, "after_hours": True},
        no={"quantity": 0.0, "after_hours": False}, word={"quantity": 0.0, "channel": "onsite"},
        other={"quantity": 0.0, "channel": "phone"}, number={"quantity": 99.0}, below={"quantity": -50.0},
        visit={"activity": "visit", "quantity": 4.0}, stranger={"activity": "unheard of"},
    )  # fmt: skip
    assert minutes(rows.mutate(minutes=time_equation(rows, COSTING))) == {
        "empty": 12.0, "both": 24.0, "flag": 15.0, "no": 10.0, "word": 30.0, "other": 10.0, "number": 308.0,
        "below": 0.0, "visit": 60.0, "stranger": 0.0,
    }  # fmt: skip
    nothing = Costing(period="year", resources=COSTING.resources, activities={})
    assert minutes(rows.mutate(minutes=time_equation(rows, nothing)))["empty"] == 0.0


def test_an_event_is_ours_where_its_case_is():
    rows = events(a={"case_id": "ours"}, b={"case_id": "theirs"}, c={"case_id": "unknown"}, d={"case_id": "gone"}, e={})

    def ours(known: ibis.Table | None) -> dict[str, bool]:
        found = with_minutes(rows, known, COSTING, Policy()).select("event_id", "ours").to_pandas()
        return found.set_index("event_id").ours.to_dict()

    assert ours(cases()) == {"a": True, "b": False, "c": False, "d": False, "e": False}
    assert not any(ours(None).values())


def summed() -> ibis.Table:
    """Work of two accounts, a stranger and nobody, of powers of two: each sum says what is in it."""
    rows = events(
        e1={"customer_id": "a", "minutes": 1.0, "requested": False, "case_id": "ours"},
        e2={"customer_id": "a", "minutes": 2.0, "requested": True, "in_scope": False},
        e3={"customer_id": "a", "minutes": 4.0, "in_scope": True},
        e4={"customer_id": "a", "case_id": "ours"},  # twelve by the time equation
        e5={"customer_id": "a", "activity": "repair", "minutes": 8.0},
        e6={"customer_id": "a", "activity": "visit"},  # sixty
        e7={"customer_id": "b", "activity": "pitch", "minutes": 16.0, "requested": False},
        e8={"customer_id": "stranger", "minutes": 32.0}, e9={"minutes": 64.0},
        f1={"customer_id": "c", "activity": "visit"},
    )  # fmt: skip
    work = work_by_activity(with_minutes(rows, cases(), COSTING, Policy()))
    customers = ibis.memtable({"customer_id": ["a", "b", "c"]}, schema={"customer_id": "string"})
    return with_assigned(work, customers)


def test_work_is_summed_by_account_and_activity_and_what_a_flag_does_not_say_does_not_count():
    found = summed().to_pandas().set_index(["customer_id", "activity"])
    calls = found.loc[("a", "call")].astype(object)
    assert (calls.events, float(calls.minutes), float(calls.logged_minutes)) == (4, 19.0, 7.0)
    assert (float(calls.ours_minutes), float(calls.ours_logged_minutes)) == (13.0, 1.0)
    assert (float(calls.unrequested_minutes), float(calls.out_of_scope_minutes)) == (1.0, 2.0)
    assigned = summed().to_pandas()[["customer_id", "assigned"]].drop_duplicates()
    told = {None if pd.isna(name) else name: bool(flag) for name, flag in assigned.itertuples(index=False)}
    assert told == {"a": True, "b": True, "c": True, "stranger": False, None: False}


def rates() -> ibis.Table:
    return ibis.memtable(activity_table(COSTING))


def test_an_activity_costs_its_resources_rate_and_serves_unless_it_obtains():
    found = activity_table(COSTING).set_index("activity")
    assert found.rate.to_dict() == {"call": 1.0, "visit": 3.0, "repair": 3.0, "pitch": 1.0}
    assert found.group.to_dict() == {"call": "desk", "visit": "visits", "repair": "visits", "pitch": "desk"}
    assert found.serves.to_dict() == {"call": True, "visit": True, "repair": True, "pitch": False}
    assert found.failure.to_dict() == {"call": False, "visit": False, "repair": True, "pitch": False}
    assert found.avoidable.isna().to_dict() == {"call": True, "visit": False, "repair": False, "pitch": True}
    assert not found.whole_steps.any()
    stepped = Resource(cost=100.0, capacity_minutes=100.0, capacity_step=50.0)
    steps = Costing(period="year", resources={"van": stepped}, activities={"drive": Activity(resource="van")})
    assert activity_table(steps).whole_steps.tolist() == [True]


def test_the_cost_of_work_is_minutes_times_the_rate_and_so_are_its_parts():
    found = costed(summed(), rates()).to_pandas().set_index(["customer_id", "activity"])
    parts = ["cost", "failure_cost", "unrequested_cost", "out_of_scope_cost", "avoidable_cost", "unknown_cost"]

    def amounts(*of: str) -> list[float]:
        return [float(found.loc[of, name]) for name in (*parts, "freed_value")]

    # Of calls thirteen minutes are on a case of ours; repairs are failure work whole, and half of them avoidable.
    assert amounts("a", "call") == [19.0, 13.0, 1.0, 2.0, 0.0, 19.0, 0.0]
    assert amounts("a", "repair") == [24.0, 24.0, 0.0, 0.0, 12.0, 0.0, 16.0]
    assert amounts("c", "visit") == [180.0, 0.0, 0.0, 0.0, 90.0, 0.0, 120.0]


def test_an_accounts_work_serves_or_obtains_and_nobodys_is_in_no_account():
    groups = ["desk", "visits"]
    found = work_by_account(costed(summed(), rates()), groups).to_pandas().set_index("customer_id").astype("float64")
    parts = ["cost_to_serve", "cost_to_obtain", "cts_desk", "cts_visits", "failure_cost", "unrequested_cost"]
    assert found[[*parts, "out_of_scope_cost"]].T.to_dict("list") == {
        "a": [223.0, 0.0, 19.0, 204.0, 37.0, 1.0, 2.0],
        "b": [0.0, 16.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        "c": [180.0, 0.0, 0.0, 180.0, 0.0, 0.0, 0.0],
    }
    rest = ["service_minutes", "events", "avoidable_work", "unknown_work", "freed_value"]
    assert found.loc["a", rest].tolist() == [87.0, 6.0, 102.0, 19.0, 136.0]
    assert found.loc["b", rest].tolist() == [16.0, 1.0, 0.0, 16.0, 0.0]


def test_minutes_are_logged_or_modelled_and_those_of_failures_apart():
    found = minutes_by_activity(costed(summed(), rates())).to_pandas().set_index(["customer_id", "activity"])
    names = ["logged", "modelled", "failure_logged", "failure_modelled"]
    assert found.loc[("a", "call"), names].tolist() == [7.0, 12.0, 1.0, 12.0]
    assert found.loc[("a", "repair"), names].tolist() == [8.0, 0.0, 8.0, 0.0]
    assert found.loc[("c", "visit"), names].tolist() == [0.0, 60.0, 0.0, 0.0]
    assert "stranger" not in found.index.get_level_values("customer_id")
