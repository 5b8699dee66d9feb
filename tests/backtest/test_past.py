"""Nothing of the future leaks into the past: each rule by hand, then whatever is altered after the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.data.checks import Checked
from analysis.opening import open_all
from analysis.topics.backtest.judgement.past import known_on, not_rolled_back
from analysis.topics.backtest.judgement.replay import _judged
from analysis.window import Window
from sample_firms import make_sample

DAY = date(2026, 3, 31)
FILES = {
    "costing": """
period = "year"
[resources.desk]
cost = 1000
capacity_minutes = 1000
        [activities.visit]
        resource = "desk"
        minutes = 10
    """,
    "customers": """
customer_id,name,since,ended,referred_by
stays,A,2020-01-01,,new
left,B,2020-01-01,2026-03-31,
leaves,C,2020-01-01,2026-04-01,stays
new,D,2026-04-01,,
always,E,,,
""",
    "transactions": """
transaction_id,customer_id,date,kind,list_amount,cogs
1,stays,2026-03-31,sale,10,1
2,stays,2026-04-01,sale,20,2
3,new,2026-04-02,sale,30,3
""",
    "service_events": """
event_id,customer_id,at,activity
1,stays,2026-03-31T23:59:59,visit
2,stays,2026-04-01T00:00:00,visit
3,new,2026-03-01T10:00:00,visit
""",
    "cases": """
case_id,customer_id,opened_at,promised_at,first_response_at,resolved_at,promise_kept,reopened,escalated,cause,satisfaction
done,stays,2026-03-01T09:00,2026-04-05T09:00,2026-03-02T09:00,2026-03-31T23:00,true,1,true,ours,5
open,stays,2026-03-01T09:00,2026-04-05T09:00,2026-04-02T09:00,2026-04-01T00:00,false,2,true,ours,1
late,stays,2026-03-01T09:00,2026-03-20T09:00,2026-03-02T09:00,,true,3,true,ours,1
later,stays,2026-04-01T00:00,,,,,,,,
""",
    "case_updates": """
case_id,at,promised_at
done,2026-03-02T09:00,2026-03-20T09:00
done,2026-04-02T09:00,2026-04-20T09:00
later,2026-03-31T09:00,
""",
    "invoices": """
invoice_id,customer_id,issued,due,amount,paid,disputed,dispute_outcome,written_off,written_off_on
paid,stays,2026-01-01,2026-02-01,100,2026-03-31,10,upheld,1,
open,stays,2026-01-01,2026-02-01,100,2026-04-01,20,upheld,2,
gone,stays,2026-01-01,2026-02-01,100,,30,rejected,3,2026-03-31
going,stays,2026-01-01,2026-02-01,100,,40,rejected,4,2026-04-01
next,stays,2026-04-01,2026-05-01,100,,,,,
""",
    "payments": "invoice_id,on,amount\npaid,2026-03-31,100\nopen,2026-04-01,100\nnext,2026-03-31,1\n",
    "assignments": "customer_id,person,role,from,to\nstays,Ann,m,2020-01-01,2026-04-01\nstays,Bob,m,2026-04-02,\n",
    "actions_taken": "customer_id,action,on,outcome,cost\nstays,talk,2026-03-31,worked,5\nstays,talk,2026-04-01,,\n",
    "overrides": "customer_id,judgement,value,reason,by,until\nstays,action,none,why,Ann,2027-01-01\n",
}


@pytest.fixture(scope="module")
def now(share_dataset):
    return open_all(share_dataset(**FILES))


@pytest.fixture(scope="module")
def then(now):
    return known_on(now, DAY).checked


def rows_of(checked, table, key):
    found = checked[table].to_pandas().set_index(key)
    return found.astype("object").where(found.notna(), None)


@pytest.mark.parametrize(
    ("table", "key", "kept"),
    [
        ("customers", "customer_id", ["always", "leaves", "left", "stays"]),
        ("transactions", "transaction_id", ["1"]),
        ("cases", "case_id", ["done", "late", "open"]),
        ("invoices", "invoice_id", ["going", "gone", "open", "paid"]),
        ("payments", "invoice_id", ["paid"]),
        ("case_updates", "case_id", ["done"]),
        ("assignments", "person", ["Ann"]),
        ("actions_taken", "customer_id", ["stays"]),
    ],
)
def test_a_row_of_a_later_day_or_of_an_account_that_came_later_is_not_there(then, table, key, kept):
    assert sorted(rows_of(then, table, key).index) == kept


def test_work_for_an_account_that_came_later_stays_as_work_for_a_stranger(then):
    assert sorted(rows_of(then, "service_events", "event_id").index) == ["1", "3"]


def test_whoever_left_later_is_still_a_customer_and_a_referrer_who_came_later_is_unknown(then):
    customers = rows_of(then, "customers", "customer_id")
    assert customers.ended.notna().to_dict() == {"stays": False, "left": True, "leaves": False, "always": False}
    assert customers.referred_by.to_dict() == {"stays": None, "left": None, "leaves": "stays", "always": None}


def test_what_came_of_a_case_is_known_from_the_day_on_which_it_was_resolved(then):
    cases = rows_of(then, "cases", "case_id")
    outcomes = ["promise_kept", "reopened", "escalated", "cause", "satisfaction"]
    assert cases.loc["done", outcomes].tolist() == [True, 1, True, "ours", 5]
    assert cases.loc[["open", "late"], outcomes].isna().all(axis=None)
    assert cases.resolved_at.notna().to_dict() == {"done": True, "open": False, "late": False}
    assert cases.first_response_at.notna().to_dict() == {"done": True, "open": False, "late": True}


def test_a_promise_of_a_later_day_may_be_a_revision_unless_the_case_was_resolved(then):
    assert rows_of(then, "cases", "case_id").promised_at.notna().to_dict() == {
        "done": True,
        "open": False,
        "late": True,
    }


def test_a_payment_a_dispute_and_a_write_off_of_a_later_day_are_unknown(then):
    invoices = rows_of(then, "invoices", "invoice_id")
    order = ["paid", "open", "gone", "going"]
    assert invoices.paid.notna()[order].tolist() == [True, False, False, False]
    assert invoices.disputed[order].tolist() == [10, None, None, None]
    assert invoices.dispute_outcome[order].tolist() == ["upheld", None, None, None]
    assert invoices.written_off[order].tolist() == [1, None, 3, None]


def test_what_has_no_date_at_all_is_left_out_and_listed(now, then):
    assert "overrides" not in then
    assert rows_of(then, "actions_taken", "action")[["outcome", "cost"]].isna().all(axis=None)
    assert rows_of(then, "assignments", "person").to.tolist() == [None]
    listed = not_rolled_back(now).set_index(["table", "column"]).treatment
    assert listed["overrides", ""] == listed["actions_taken", "outcome"] == "left_out"
    assert listed["customers", "referred_by"] == listed["costing.toml", ""] == "as_now"
    assert ("customers", "tier") not in listed  # the dataset has no such column


# From here on: a whole invented firm, with everything altered that is dated after the day, or hangs on such a date.

DATES = {
    "customers": "since", "transactions": "date", "service_events": "at", "cases": "opened_at", "case_updates": "at",
    "contracts": "starts", "service_levels": "stated_on", "invoices": "issued", "payments": "on",
    "perceptions": "rated_on", "surveys": "asked_on", "mentions": "on", "bookings": "on", "assignments": "from",
    "actions_taken": "on",
}  # fmt: skip


@pytest.fixture(scope="module")
def firm(tmp_path_factory):
    """A small firm, with the rows of each of its tables in memory."""
    place = make_sample(tmp_path_factory.mktemp("past") / "firm", seed=3, accounts=25, file_format="parquet")
    opened = open_all(place)
    frames = {}
    for name, table in opened.checked.tables.items():
        found = table.accepted.to_pyarrow()
        frames[name] = (found.schema, found.to_pandas(types_mapper=None, date_as_object=True))
    yield opened, frames
    opened.engine.close()


def of(opened, frames, engine):
    """Return the firm with these rows."""
    tables = {}
    for name, table in opened.checked.tables.items():
        schema, frame = frames[name]
        rows = ibis.memtable(pa.Table.from_pandas(frame, schema, preserve_index=False))
        tables[name] = replace(table, accepted=engine.keep(name, rows))
    return replace(opened, checked=Checked(tables, []), engine=engine)


def after(values, day):
    """Return which values lie after a day; an empty one lies after every day."""
    stamps = pd.to_datetime(pd.Series(values), errors="coerce")
    return stamps.isna() | (stamps >= pd.Timestamp(day) + pd.Timedelta(days=1))


def other_days(random, values, day):
    """Return other dates after the day, or none."""
    timed = any(isinstance(value, datetime) for value in values)
    start = datetime(day.year, day.month, day.day) + timedelta(days=1)
    found = [start + timedelta(hours=int(hours)) for hours in random.integers(0, 20_000, len(values))]
    kept = [stamp if timed else stamp.date() for stamp in found]
    return [None if random.random() < 0.3 else one for one in kept]


def altered(frames, day, random):
    """Return the tables with what is dated after the day altered, dropped, or doubled."""
    found = {}
    for name, (schema, old) in frames.items():
        frame = old.copy().astype("object")
        if name in DATES:
            late = after(old[DATES[name]], day) & old[DATES[name]].notna()
            keep = ~late | (random.random(len(old)) < 0.6)
            frame = frame[keep].reset_index(drop=True)
        found[name] = (schema, _settings(name, frame, day, random))
    return found


def _settings(name, frame, day, random):
    def blank(columns, where):
        for column in columns:
            pool = frame[column].dropna().tolist() or [None]
            picks = [pool[place] for place in random.integers(0, len(pool), len(frame))]
            frame[column] = np.where(where, np.array(picks, dtype=object), frame[column].to_numpy(dtype=object))

    def move(column, where):
        days = np.array(other_days(random, frame[column].dropna().tolist() or [day], day) or [None], dtype=object)
        picks = days[random.integers(0, len(days), len(frame))]
        frame[column] = np.where(where, picks, frame[column].to_numpy(dtype=object))

    if name == "transactions":
        late = after(frame.date, day)
        frame["list_amount"] = np.where(late, Decimal("9999.0000"), frame.list_amount)
        blank(["customer_id", "rep"], late)
    if name == "service_events":
        blank(["customer_id", "activity", "minutes", "case_id"], after(frame["at"], day))
    if name == "customers":
        blank(["industry", "tier", "region"], after(frame.since, day) & frame.since.notna())
        move("ended", after(frame.ended, day))
    if name == "cases":
        open_still = after(frame.resolved_at, day)
        blank(["promise_kept", "reopened", "handoffs", "escalated", "cause", "satisfaction"], open_still)
        move("promised_at", open_still & after(frame.promised_at, day))
        move("resolved_at", open_still)
        move("first_response_at", after(frame.first_response_at, day))
    if name == "invoices":
        unpaid, kept = after(frame.paid, day), after(frame.written_off_on, day)
        blank(["disputed", "dispute_outcome"], unpaid)
        blank(["written_off"], kept & unpaid)
        move("written_off_on", kept & unpaid & frame.written_off_on.notna())
        move("paid", unpaid & (kept | frame.written_off_on.notna()))
    if name == "assignments":
        move("to", after(frame.to, day))
    if name == "actions_taken":
        blank(["outcome", "cost"], np.full(len(frame), True))
    if name == "overrides":
        blank(["value", "judgement"], np.full(len(frame), True))
    return frame


def sorted_rows(table):
    frame = table.drop("_row", "_file").to_pandas().astype("str")
    return frame.sort_values(list(frame.columns), ignore_index=True)


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), day=st.dates(date(2025, 1, 31), date(2026, 10, 1)))
def test_whatever_is_altered_after_the_day_the_tables_of_the_day_are_the_same(firm, seed, day):
    opened, frames = firm
    random = np.random.default_rng(seed)
    found = []
    for rows in (frames, altered(frames, day, random)):
        with opened.engine.scoped("test") as engine:
            past = known_on(of(opened, rows, engine), day).checked
            found.append({name: sorted_rows(past[name]) for name in past.tables})
    assert list(found[0]) == list(found[1])
    for name, rows in found[0].items():
        pd.testing.assert_frame_equal(rows, found[1][name], obj=name)


@pytest.mark.slow
def test_whatever_is_altered_after_the_day_what_is_judged_on_it_is_the_same(firm):
    opened, frames = firm
    day = date(2026, 1, 31)
    found = []
    for rows in (frames, altered(frames, day, np.random.default_rng(1))):
        with opened.engine.scoped(f"test{len(found)}") as engine:
            found.append(_judged(known_on(of(opened, rows, engine), day), Window.until(day, 12), 6))
    assert len(found[0]) > 10
    pd.testing.assert_frame_equal(*found)


def test_the_altering_does_alter_what_is_known_now(firm):
    _, frames = firm
    other = altered(frames, date(2026, 1, 31), np.random.default_rng(1))
    changed = [
        name for name, (_, frame) in other.items() if not frame.astype("str").equals(frames[name][1].astype("str"))
    ]
    assert set(changed) >= {"customers", "transactions", "service_events", "cases", "invoices", "contracts"}
