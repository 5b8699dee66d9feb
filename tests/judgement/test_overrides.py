"""What a person decided: it holds until its day, is shown as such, and never blames a customer for us."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.opening import open_all
from analysis.topics.overview.judgement.overrides import decisions

AS_OF = "2026-10-31"
COSTING = """
period = "year"
[resources.desk]
cost = 1000
capacity_minutes = 1000
[activities.visit]
resource = "desk"
minutes = 100
"""
POLICY = """
[service.visits]
activities = ["visit"]
period = "year"
[over_service]
amount = 10
"""
HEAD = "customer_id,judgement,value,reason,by,until\n"


#: Who gets three visits though one was agreed, and who gets the one.
OVER = ("plain", "today", "yesterday", "twice")
CALM = ("segment", "believed")
DECISIONS = (
    f"today,over_served,false,A pilot that we chose,Ada,{AS_OF}",
    "yesterday,over_served,false,A pilot,Ada,2026-10-30",
    "twice,over_served,true,No,Bo,2026-11-30",
    "twice,over_served,false,Yes,Ada,2026-12-31",
    "segment,segment,unprofitable_high_demand,It will be,Ada,2026-12-31",
    "believed,over_served,true,I know them,Ada,2026-12-31",
    "believed,difficult,true,I know them,Ada,2026-12-31",
)


def dataset(write, *decisions):
    names = [*OVER, *CALM]
    events = [f"{n}-{k},{n},2026-05-05T12:00,visit\n" for n in names for k in range(3 if n in OVER else 1)]
    sales = [f"t{n},{n},2026-05-05,sale,1000,500\n" for n in names]
    return write(
        costing=COSTING,
        policy=POLICY,
        customers="customer_id,name\n" + "".join(f"{n},{n}\n" for n in names),
        transactions="transaction_id,customer_id,date,kind,net_amount,cogs\n" + "".join(sales),
        service_events="event_id,customer_id,at,activity\n" + "".join(events),
        service_levels="customer_id,attribute,basis,level\n" + "".join(f"{n},visits,entitled,1\n" for n in names),
        overrides=HEAD + "".join(f"{line}\n" for line in decisions),
    )


@pytest.fixture(scope="module")
def portfolio(share_dataset):
    p = Portfolio(dataset(share_dataset, *DECISIONS), AS_OF)
    yield p
    p.opened.engine.close()


@pytest.fixture(scope="module")
def undecided(share_dataset):
    p = Portfolio(dataset(share_dataset), AS_OF)
    yield p
    p.opened.engine.close()


def judged(p, column="over_served"):
    return p.accounts.set_index("customer_id")[column].to_dict()


def decisions_on(p, account):
    rows = p.table("overridden")
    return rows[rows.customer_id == account].to_dict("records")


def test_without_a_decision_what_is_computed_stands(portfolio, undecided):
    assert judged(undecided) == {**dict.fromkeys(OVER, True), **dict.fromkeys(CALM, False)}
    assert undecided.table("overridden").empty
    assert judged(portfolio)["plain"]


def test_a_decision_holds_through_its_last_day_and_is_shown_with_its_reason_and_what_was_computed(portfolio):
    (row,) = decisions_on(portfolio, "today")

    assert not judged(portfolio)["today"]
    told = (row["judgement"], row["computed"], row["value"], row["state"])
    assert told == ("over_served", "true", "false", "in_force")
    assert (row["reason"], row["by"], str(row["until"].date())) == ("A pilot that we chose", "Ada", AS_OF)


def test_the_day_after_it_no_longer_holds_and_is_listed_as_expired(portfolio):
    assert judged(portfolio)["yesterday"]
    assert [row["state"] for row in decisions_on(portfolio, "yesterday")] == ["expired"]


def test_of_two_decisions_the_one_that_holds_longer_counts_and_both_are_listed(portfolio):
    assert not judged(portfolio)["twice"]
    assert [row["state"] for row in decisions_on(portfolio, "twice")] == ["outdone", "in_force"]


def test_a_decision_on_text_is_taken_as_it_is_written(portfolio):
    assert judged(portfolio, "segment")["segment"] == "unprofitable_high_demand"
    assert decisions_on(portfolio, "segment")[0]["computed"].startswith("profitable")


def test_a_decision_on_what_could_not_be_judged_has_nothing_beside_it(portfolio, undecided):
    (row,) = (row for row in decisions_on(portfolio, "believed") if row["judgement"] == "difficult")

    assert pd.isna(judged(undecided, "difficult")["believed"])
    assert judged(portfolio, "difficult")["believed"]
    assert (pd.isna(row["computed"]), row["value"], row["state"]) == (True, "true", "in_force")


def test_a_decision_changes_no_amount_of_the_statement(portfolio, undecided):
    columns = ["net_revenue", "cost_to_serve", "net_margin", "over_service_cost"]
    pd.testing.assert_frame_equal(undecided.accounts[columns], portfolio.accounts[columns])


def test_what_is_computed_later_sees_the_decision(portfolio):
    assert portfolio.judged.set_index("customer_id").over_served["believed"]


@pytest.mark.parametrize(
    ("judgement", "value", "rule", "column", "mend"),
    [
        ("over_served", "maybe", "wrong_value", "value", "over_served: true, false"),
        ("action", "sue", "wrong_value", "value", "terminate"),
        ("perception", "true", "wrong_value", "value", "quietly_difficult"),
        ("mood", "good", "unknown_value", "judgement", "over_served"),
        ("net_margin", "12", "unknown_value", "judgement", "over_served"),
    ],
)
def test_a_decision_that_cannot_be_is_told_with_its_row_and_how_to_mend_it(
    write_dataset, judgement, value, rule, column, mend
):
    place = write_dataset(
        customers="customer_id,name\nc1,One\n",
        transactions="transaction_id,customer_id,date,kind,net_amount\nt1,c1,2026-05-05,sale,1\n",
        overrides=f"{HEAD}c1,{judgement},{value},why,Ada,2026-12-31\n",
    )
    opened = open_all(place)
    problem = opened.checked.errors[0]
    opened.engine.close()

    assert (problem.rule, problem.column, problem.examples[0].row) == (rule, column, 2)
    assert mend in problem.mend


def test_true_and_false_of_a_decision_are_read_in_any_case_as_a_spreadsheet_writes_them(write_dataset):
    place = write_dataset(
        customers="customer_id,name\nc1,One\nc2,Two\n",
        transactions="transaction_id,customer_id,date,kind,net_amount\nt1,c1,2026-05-05,sale,1\n",
        overrides=f"{HEAD}c1,difficult,TRUE,why,Ada,2026-12-31\nc2,over_served,False,why,Ada,2026-12-31\n",
    )
    opened = open_all(place)
    found = decisions(opened.checked["overrides"])
    opened.engine.close()

    assert opened.checked.errors == []
    assert found["value"].tolist() == ["true", "false"]
