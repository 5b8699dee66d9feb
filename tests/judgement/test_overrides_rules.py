"""Each rule of a person's decision by hand: turned round, one of these fails."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pandas as pd

from analysis.topics.overview.judgement.overrides import Overrides, decisions

NAMES = ["customer_id", "judgement", "value", "reason", "by", "until"]
AS_OF = date(2026, 10, 31)
LATER = date(2026, 12, 31)


def decided(*rows: tuple[str, str, str, date]) -> Overrides:
    found = [(account, judgement, value, "why", "Ada", until) for account, judgement, value, until in rows]
    return Overrides(pd.DataFrame(found, columns=NAMES), AS_OF)


def accounts(**columns: list[Any]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    flags = [name for name in ("difficult", "over_served") if name in frame]
    return frame.astype(dict.fromkeys(flags, "boolean"))


def test_a_decision_holds_through_its_last_day_and_expires_the_day_after():
    found = decided(("today", "over_served", "false", AS_OF), ("yesterday", "over_served", "false", date(2026, 10, 30)))
    computed = accounts(customer_id=["today", "yesterday", "plain"], over_served=[True, True, True])

    assert found.on(computed, ["over_served"]).over_served.tolist() == [False, True, True]
    assert found.table(computed)[["customer_id", "state", "computed"]].to_numpy().tolist() == [
        ["today", "in_force", "true"],
        ["yesterday", "expired", "true"],
    ]


def test_of_two_on_one_judgement_the_later_row_counts_and_on_another_each():
    found = decided(
        ("a", "segment", "unprofitable_low_demand", LATER),
        ("a", "over_served", "true", date(2026, 11, 30)),
        ("a", "over_served", "false", LATER),
    )
    computed = accounts(customer_id=["a"], over_served=[True], segment=["profitable_low_demand"])

    laid = found.on(computed, ["over_served", "segment"])
    assert (laid.over_served[0], laid.segment[0]) == (False, "unprofitable_low_demand")
    assert found.table(computed)[["judgement", "value", "state", "computed"]].to_numpy().tolist() == [
        ["over_served", "true", "outdone", "true"],
        ["over_served", "false", "in_force", "true"],
        ["segment", "unprofitable_low_demand", "in_force", "profitable_low_demand"],
    ]
    assert found.table(computed).index.tolist() == [0, 1, 2]


def test_only_what_was_just_computed_is_laid_over():
    found = decided(("a", "segment", "unprofitable_low_demand", LATER), ("a", "over_served", "true", LATER))
    computed = accounts(customer_id=["a"], over_served=[False], segment=["profitable_low_demand"])

    assert found.on(computed, ["over_served"]).iloc[0].tolist() == ["a", True, "profitable_low_demand"]
    assert found.on(computed, ["perception"]).equals(computed)


def test_decisions_are_sorted_by_account_judgement_and_last_day_so_that_the_one_that_holds_longest_is_last():
    rows = [("b", "segment", "x", "why", "Ada", LATER), ("a", "segment", "x", "why", "Ada", LATER)]
    rows += [("a", "segment", "z", "why", "Ada", AS_OF), ("a", "over_served", "true", "why", "Ada", LATER)]
    schema = {name: "date" if name == "until" else "string" for name in NAMES}
    found = decisions(ibis.memtable(pd.DataFrame(rows, columns=NAMES), schema=schema))

    assert found[["customer_id", "judgement", "value"]].to_numpy().tolist() == [
        ["a", "over_served", "true"], ["a", "segment", "z"], ["a", "segment", "x"], ["b", "segment", "x"],
    ]  # fmt: skip
    assert found.index.tolist() == [0, 1, 2, 3]
    assert Overrides(found, AS_OF).in_force["value"].tolist() == ["true", "x", "x"]


def test_where_there_are_none_nothing_is_decided():
    found = Overrides(decisions(None), AS_OF)
    computed = accounts(customer_id=["a"], over_served=[True])

    assert found.rows.columns.tolist() == NAMES
    assert found.on(computed, ["over_served"]).equals(computed)
    assert found.table(computed).empty


def test_nobody_may_call_an_account_difficult_whose_trouble_is_half_our_own():
    computed = accounts(
        customer_id=["ours", "theirs", "freed", "mended"],
        difficult=[False, False, True, True],
        difficulty_ours=[0.5, 0.49, 0.1, 0.9],
        over_served=[False] * 4,
    )
    found = decided(
        ("freed", "difficult", "false", LATER), ("mended", "difficult", "false", LATER),
        ("ours", "difficult", "true", AS_OF), ("ours", "difficult", "true", LATER),
        ("ours", "over_served", "true", LATER), ("theirs", "difficult", "true", LATER),
    )  # fmt: skip

    laid = found.on(computed, ["difficult", "over_served"])
    assert laid.difficult.tolist() == [False, True, False, False]
    assert laid.over_served.tolist() == [True, False, False, False]
    assert found.table(computed).state.tolist() == [
        "in_force", "in_force", "outdone", "refused", "in_force", "in_force",
    ]  # fmt: skip
    # Where nobody can tell whose doing the trouble is, a person's word is all there is.
    untold = found.on(computed.drop(columns="difficulty_ours"), ["difficult"])
    assert untold.difficult.tolist() == [True, True, False, False]


def test_a_decision_on_an_account_that_is_not_in_the_window_is_listed_as_such():
    rows = decided(("gone", "perception", "fair", LATER), ("here", "perception", "fair", LATER)).table(
        accounts(customer_id=["here"], perception=["unfair"])
    )

    assert rows.state.tolist() == ["not_in_window", "in_force"]
    assert rows.computed.isna().tolist() == [True, False]


def test_what_was_computed_is_told_as_a_person_would_write_it_and_what_was_not_is_left_empty():
    found = decided(
        ("a", "over_served", "true", LATER), ("b", "over_served", "true", LATER), ("c", "segment", "x", LATER),
        ("d", "segment", "x", LATER), ("e", "action", "talk", LATER),
    )  # fmt: skip
    computed = accounts(
        customer_id=[*"abcde"], over_served=[False, None, None, None, None], segment=[None, None, "Low", None, None]
    )

    said = found.table(computed).computed
    assert [None if pd.isna(value) else value for value in said] == ["false", None, "Low", None, None]
