"""Promises of the last run: carried on as they were made, and set against what was done and what came."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analysis.topics.actions.judgement.promises import against_what_came, carried_on, promises_of

SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 31)


def steps(**changes: str) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d"],
            "name": ["A", "B", "C", "D"],
            "steps": ["reprice", "trim_frequency + reprice", "educate", None],
            "sentence": ["Prices up", "Visits from 4 to 2", "Show the portal", "Nothing"],
            "value": [900.0, 600.0, 300.0, None],
            "value_low": [800.0, 500.0, 200.0, None],
            "value_high": [1000.0, 700.0, 400.0, None],
            "when_by": pd.to_datetime(["2026-12-31", "2026-12-31", "2026-10-15", None]),
        }
    )
    return rows.assign(steps=rows.steps.where(~rows.customer_id.isin(changes), rows.customer_id.map(changes)))


def record(**columns: list) -> pd.DataFrame:
    base = {"customer_id": ["b"], "action": ["trim_frequency"], "on": ["2026-10-05"], "outcome": ["worked"]}
    found = pd.DataFrame(
        {**base, "promised": [None], "came": [None], "months": [None], "verdict": ["not measurable yet"], **columns}
    )
    return found.assign(on=pd.to_datetime(found.on))


def told(record_: pd.DataFrame, *, recorded: bool = True, as_of: date = OCTOBER) -> pd.DataFrame:
    made = promises_of(steps(), SEPTEMBER, 36)
    return against_what_came(made, record_, as_of, recorded=recorded).set_index("customer_id")


def test_a_step_with_a_day_is_a_promise_with_its_value_range_and_horizon() -> None:
    made = promises_of(steps(), SEPTEMBER, 36).set_index("customer_id")
    assert made.index.tolist() == ["a", "b", "c"]
    assert (made.value["a"], made.value_low["a"], made.value_high["a"], made.horizon_months["a"]) == (
        900,
        800,
        1000,
        36,
    )
    assert (made.promised_on == pd.Timestamp(SEPTEMBER)).all()


def test_what_is_not_taken_is_open_or_past_its_day_and_what_is_just_taken_cannot_be_told() -> None:
    found = told(record())
    assert found.verdict.to_dict() == {
        "a": "not taken yet", "b": "taken; too early to tell", "c": "not taken, and its day has passed",
    }  # fmt: skip
    assert found.taken_on["b"] == pd.Timestamp("2026-10-05")


def test_what_was_taken_before_the_promise_does_not_count_and_a_refusal_is_told() -> None:
    assert told(record(on=["2026-09-12"])).verdict["b"] == "not taken yet"
    assert told(record(outcome=["refused"])).verdict["b"] == "refused"


def test_where_nobody_records_what_is_done_nothing_is_said_to_be_left_undone() -> None:
    found = told(record().head(0), recorded=False)
    assert set(found.verdict) == {"not known: what was done is not recorded"}


def test_a_promise_stands_as_it_was_made_until_what_came_is_measured() -> None:
    open_ = told(record()).reset_index()
    later = date(2027, 3, 31)
    # In March the same step for `a` is worth less, `b` is advised something else and `c` is told to go on.
    fresh = promises_of(steps(b="order_terms").assign(value=50.0), date(2027, 2, 28), 36)
    made = carried_on(open_, fresh, later)
    mine = made.set_index(["customer_id", "steps"])
    assert mine.value["a", "reprice"] == 900
    assert mine.promised_on["a", "reprice"] == pd.Timestamp(SEPTEMBER)
    assert mine.value["b", "order_terms"] == 50
    measured = record(promised=[100.0], came=[80.0], months=[5.9], verdict=["kept"])
    found = against_what_came(made, measured, later, recorded=True).set_index(["customer_id", "steps"])
    kept = found.loc[("b", "trim_frequency + reprice")]
    assert (kept.verdict, kept.promised_year, kept.came_year, kept.value) == ("kept", 100, 80, 600)


def test_a_promise_that_is_no_longer_advised_and_was_not_taken_is_let_go() -> None:
    open_ = told(record().head(0)).reset_index()
    made = carried_on(open_, promises_of(steps(a="educate"), date(2026, 11, 30), 36), date(2026, 12, 31))
    assert ("a", "reprice") not in set(zip(made.customer_id, made.steps, strict=True))
