"""Difficulty: what is counted and what is not, by hand on small datasets; files in, tables out."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest

from analysis import Portfolio

AS_OF = "2026-10-31"
COSTING = """
period = "year"
[resources.desk]
cost = 600000
capacity_minutes = 600000
[activities.call]
resource = "desk"
minutes = 10
[activities.night_call]
resource = "desk"
minutes = 30
[activities.favour]
resource = "desk"
minutes = 60
[activities.order]
resource = "desk"
per_order = true
minutes = 10
[activities.amends]
resource = "desk"
demand = "failure"
minutes = 20
[activities.dunning]
resource = "desk"
minutes = 5
"""
POLICY = """
[service.nights]
activities = ["night_call"]
where = { after_hours = true }
measure = "minutes"
period = "month"
[tiers.gold]
nights = 30
[tiers.silver]
nights = 10
"""
CASE = (
    *("case_id", "customer_id", "kind", "opened_at", "needed_by", "promised_at", "first_response_at", "resolved_at"),
    *("promise_kept", "reopened", "handoffs", "escalated", "cause", "satisfaction"),
)
EVENT = (
    *("event_id", "customer_id", "at", "activity", "contact", "worker", "department", "case_id", "order_id"),
    *("requested", "in_scope", "after_hours", "rush"),
)
LINE = ("transaction_id", "customer_id", "date", "kind", "list_amount", "product", "order_id")
INVOICE = ("invoice_id", "customer_id", "issued", "due", "amount", "paid", "disputed", "dispute_outcome")
#: A case that gives nobody cause: opened, answered within the hour, promised and done in three days, kept.
CALM = {
    "kind": "request",
    "opened_at": "2026-05-04T10:00",
    "promised_at": "2026-05-08T10:00",
    "first_response_at": "2026-05-04T11:00",
    "resolved_at": "2026-05-07T10:00",
    "reopened": "0",
    "handoffs": "0",
    "escalated": "false",
    "satisfaction": "5",
}


def rows(columns: Iterable[str], records: Iterable[dict[str, str]]) -> str:
    names = list(columns)
    return (
        "\n".join([",".join(names), *(",".join(record.get(name, "") for name in names) for record in records)]) + "\n"
    )


def cases_of(customer: str, calm: int, *others: dict[str, str]) -> list[dict[str, str]]:
    every = [{}] * calm + list(others)
    return [{**CALM, "case_id": f"{customer}-{n}", "customer_id": customer, **more} for n, more in enumerate(every)]


def events_of(customer: str, *some: dict[str, str]) -> list[dict[str, str]]:
    base = {"customer_id": customer, "at": "2026-05-05T12:00", "activity": "call"}
    return [{**base, "event_id": f"{customer}-{n}", **more} for n, more in enumerate(some)]


def invoices_of(customer: str, *some: dict[str, str]) -> list[dict[str, str]]:
    base = {"customer_id": customer, "issued": "2026-05-01", "due": "2026-05-31", "amount": "100", "paid": "2026-05-31"}
    return [{**base, "invoice_id": f"{customer}-{n}", **more} for n, more in enumerate(some)]


HURRY = {"needed_by": "2026-05-04T18:00"}
CASES = [
    *cases_of("calm", 10),
    *cases_of("hurried", 6, *[HURRY] * 4),
    *cases_of("creeping", 10),
    *cases_of("gold", 10),
    *cases_of("silver", 10),
    *cases_of("nights", 10),
    *cases_of("loud", 6, *[{"escalated": "true", "reopened": "2"}] * 4),
    *cases_of("sour", 6, *[{"satisfaction": "2"}] * 4),
    *cases_of("complains", 4, *[{"kind": "complaint"}] * 6),
    *cases_of("claimed", 4, *[{"cause": "customer"}] * 6),
    *cases_of("few", 3),
    *cases_of("payer", 10),
    *cases_of("failed", 4, *[{"resolved_at": "2026-05-20T10:00", "escalated": "true", "satisfaction": "1"}] * 6),
]
NIGHT = {"activity": "night_call", "after_hours": "true", "requested": "true"}
EVENTS = [
    *events_of(
        "creeping", *({"activity": "favour", "in_scope": "false", "case_id": f"creeping-{n}"} for n in range(5))
    ),
    # 12 x 30 minutes in twelve months are 30 a month: all of gold's, three times silver's.
    *(
        event
        for who in ("gold", "silver", "nights")
        for event in events_of(who, *({**NIGHT, "case_id": f"{who}-{n % 6}"} for n in range(12)))
    ),
    *events_of("calm", {**NIGHT, "case_id": "calm-1", "requested": "false"}),
    *events_of(
        "payer",
        *({"activity": "order", "order_id": f"p{n}", "rush": "true"} for n in range(4)),
        *({"activity": "order", "order_id": f"p{n}"} for n in range(4, 8)),
    ),
    *events_of("failed", *({"activity": "amends", "case_id": f"failed-{n}"} for n in range(4, 10))),
]
LINES = [
    {"transaction_id": f"t{n}", "customer_id": "payer", "date": "2026-05-05", "kind": "sale", "list_amount": "50",
     "product": product, "order_id": f"p{n}"}
    for n, product in enumerate(["Express surcharge", "EXPRESS delivery", "Parts", "Parts"])
]  # fmt: skip
INVOICES = [
    *invoices_of("calm", *[{}] * 8),
    *invoices_of(
        "payer",
        *[{"paid": "2026-06-10", "amount": "300"}] * 4,  # ten days late
        *[{}] * 4,
        {"disputed": "50", "dispute_outcome": "rejected"},
        {"disputed": "50", "dispute_outcome": "open"},
        {"disputed": "50", "dispute_outcome": "upheld"},
        {"due": "2026-12-01", "paid": ""},
    ),
    # Due while the failures of 4 to 20 May were open: held back, and paid when they were mended.
    *invoices_of("failed", *[{"issued": "2026-04-10", "due": "2026-05-10", "paid": "2026-06-20"}] * 3, *[{}] * 3),
]


def people(names: Iterable[str]) -> str:
    tier = {"gold": "gold", "silver": "silver"}
    return rows(
        ("customer_id", "name", "tier"), ({"customer_id": n, "name": n, "tier": tier.get(n, "")} for n in names)
    )


NAMES = [*dict.fromkeys(case["customer_id"] for case in CASES), "silent"]


@pytest.fixture(scope="module")
def dataset(share_dataset):
    return share_dataset(
        customers=people(NAMES),
        cases=rows(CASE, CASES),
        service_events=rows(EVENT, EVENTS),
        transactions=rows(LINE, LINES),
        invoices=rows(INVOICE, INVOICES),
        costing=COSTING,
        policy=POLICY,
    )


@pytest.fixture(scope="module")
def portfolio(dataset) -> Portfolio:
    return Portfolio(dataset, AS_OF)


def judged(p: Portfolio) -> pd.DataFrame:
    """Return the judgement without what is decided on top of it."""
    found: pd.DataFrame = p.computed.difficulty_judgement
    return found


@pytest.fixture(scope="module")
def counts(portfolio) -> pd.DataFrame:
    return portfolio.behaviours.set_index(["customer_id", "behaviour"])[["count", "of", "rate"]]


@pytest.mark.parametrize(
    ("customer", "behaviour", "count", "of"),
    [
        ("hurried", "short_notice", 4, 10),  # eight hours, where such a case takes three days
        ("calm", "short_notice", 0, 10),
        ("creeping", "out_of_scope", 5, 5),  # pieces of work of which it is known
        ("gold", "after_hours", 0, 10),
        ("silver", "after_hours", 6 * (1 - 10 / 30), 10),
        ("nights", "after_hours", 6, 10),
        ("calm", "after_hours", 0, 10),  # nobody asked for it
        ("loud", "escalations", 4, 10),
        ("loud", "reopenings", 4, 10),
        ("sour", "dissatisfied", 4, 10),
        ("payer", "rush_orders", 2, 8),  # two of four are paid for
        ("payer", "disputes", 3, 11),  # as the record has them; one is not due
        ("calm", "disputes", 0, 8),
    ],
)
def test_each_behaviour_counts_what_a_hand_calculation_gives(counts, customer, behaviour, count, of):
    row = counts.loc[customer, behaviour]

    assert row["count"] == pytest.approx(count)
    assert row["of"] == of


def test_days_late_are_weighted_by_amount(counts):
    # 4 x 300 ten days late, 6 x 100 on time; one that was rightly disputed, or is not due yet, does not count.
    assert counts.loc[("payer", "late_payment"), "rate"] == pytest.approx(4 * 300 * 10 / (4 * 300 + 6 * 100))


def test_money_held_back_while_our_failure_was_open_is_not_held_against_the_customer(counts):
    assert counts.loc[("failed", "late_payment"), ["of", "rate"]].tolist() == [3, 0]


def test_a_dispute_in_which_the_customer_was_right_is_a_failure_of_ours(portfolio):
    failures = portfolio.our_failures.set_index(["customer_id", "failure"])

    assert failures.loc[("payer", "wrong_invoices"), ["count", "of"]].tolist() == [1, 11]
    assert failures.loc[("failed", "missed_promises"), ["count", "of"]].tolist() == [6, 10]


def test_what_followed_from_our_failures_is_ours(portfolio, counts):
    row = judged(portfolio).set_index("customer_id").loc["failed"]

    assert row.difficulty_ours > 0.5
    assert not row.difficult
    assert counts.loc[("failed", "escalations"), "count"] == 6  # the record's own count; whose they are is told apart


@pytest.mark.parametrize("customer", ["complains", "claimed"])
def test_a_complaint_or_a_claim_of_ours_alone_makes_no_trouble(portfolio, customer):
    rows = judged(portfolio).set_index("customer_id")

    assert rows.difficulty[customer] <= rows.difficulty["sour"]
    assert (portfolio.behaviours.set_index("customer_id").loc[customer, "count"] == 0).all()
    assert rows.trouble[customer] == 0


def test_difficulty_is_trouble_less_our_share_and_the_points_sum_to_it(portfolio):
    scored = judged(portfolio)[judged(portfolio).difficult.notna()].set_index("customer_id")
    points = portfolio.behaviours.groupby("customer_id")[["trouble_points", "difficulty_points"]].sum()

    assert np.allclose(scored.difficulty, scored.trouble * (1 - scored.difficulty_ours))
    assert np.allclose(points.difficulty_points.reindex(scored.index), scored.difficulty)
    assert np.allclose(points.trouble_points.reindex(scored.index), scored.trouble)
    assert ((scored.difficulty_low <= scored.difficulty) & (scored.difficulty <= scored.difficulty_high)).all()


def test_below_the_floor_nobody_is_scored_and_it_says_why(portfolio):
    rows = judged(portfolio).set_index("customer_id")

    assert rows.difficulty_not_scored.dropna().to_dict() == {
        "few": "fewer than 6 cases and fewer than 6 invoices that were due",
        "silent": "no cases and no invoices in the window",
    }
    unscored = rows[rows.difficulty_not_scored.notna()]
    assert unscored[["trouble", "difficulty", "difficulty_ours", "p_difficult", "difficult"]].isna().all(axis=None)


def test_a_behaviour_reads_as_a_sentence_with_its_numbers(portfolio):
    said = portfolio.behaviours.set_index(["customer_id", "behaviour"]).sentence

    assert said["loud", "escalations"] == "escalated 4 of 10 cases"
    assert said["payer", "late_payment"] == "paid 7 days late on average, by amount, over 10 invoices"
    assert pd.isna(said["calm", "escalations"])


def test_what_staff_feel_changes_nothing(dataset, share_dataset, portfolio):
    files = {file.stem: file.read_text() for file in dataset.iterdir()}
    rated = "customer_id,department,rated_on,difficulty,respect,liking\n"
    rated += "".join(f"{name},Sales,2026-05-05,5,1,1\n" for name in NAMES for _ in range(6))
    with_views = Portfolio(share_dataset(**files, perceptions=rated), AS_OF)

    columns = ["customer_id", "trouble", "difficulty_ours", "difficulty", "difficult"]
    pd.testing.assert_frame_equal(judged(with_views)[columns], judged(portfolio)[columns])


def test_the_order_of_the_rows_changes_nothing(dataset, share_dataset, portfolio):
    files = {file.stem: file.read_text() for file in dataset.iterdir()}
    for name in ("customers", "cases", "service_events", "invoices"):
        head, *body = files[name].splitlines()
        files[name] = "\n".join([head, *reversed(body)]) + "\n"
    turned = Portfolio(share_dataset(**files), AS_OF)

    columns = ["customer_id", "trouble", "difficulty_ours", "difficulty"]
    pd.testing.assert_frame_equal(judged(turned)[columns], judged(portfolio)[columns])


def test_the_size_of_an_account_changes_nothing(dataset, share_dataset, portfolio):
    """A hundred times the money: the same judgement to the digit."""
    files = {file.stem: file.read_text() for file in dataset.iterdir()}
    more = [{**invoice, "amount": f"{100 * float(invoice['amount']):.0f}"} for invoice in INVOICES]
    lines = [{**line, "list_amount": "5000"} for line in LINES]
    files |= {"invoices": rows(INVOICE, more), "transactions": rows(LINE, lines)}
    larger = Portfolio(share_dataset(**files), AS_OF)

    columns = ["customer_id", "trouble", "difficulty_ours", "difficulty", "p_difficult"]
    pd.testing.assert_frame_equal(judged(larger)[columns], judged(portfolio)[columns])


@pytest.mark.parametrize(
    "tables",
    [
        {"cases": rows(CASE, CASES)},
        {"invoices": rows(INVOICE, INVOICES), "transactions": rows(LINE, LINES)},
        {"transactions": rows(LINE, LINES)},
        {"cases": rows(CASE, [])},
        {"cases": rows(("case_id", "customer_id", "opened_at"), CASES)},
        {"cases": rows(CASE, cases_of("calm", 10))},
    ],
    ids=["cases only", "invoices only", "neither", "no case", "cases that say nothing", "one account"],
)
def test_what_is_not_measured_is_empty_and_never_nought(share_dataset, tables):
    p = Portfolio(share_dataset(customers=people(NAMES), **tables), AS_OF)
    found = judged(p)
    scored = found[found.difficult.notna()]

    assert len(found) == len(NAMES)
    assert found.loc[found.difficult.isna(), "difficulty"].isna().all()
    if "cases" not in tables:
        assert set(p.behaviours.behaviour) <= {"disputes", "late_payment"}
        assert p.communication.cases.isna().all()
    if "escalated" not in tables.get("cases", "") and "invoices" not in tables:
        assert scored.empty


def test_after_hours_work_that_nobody_is_known_to_have_asked_for_counts_for_nothing(dataset, share_dataset):
    files = {file.stem: file.read_text() for file in dataset.iterdir()}
    silent = [{**event, "requested": ""} if event.get("after_hours") else event for event in EVENTS]
    p = Portfolio(share_dataset(**(files | {"service_events": rows(EVENT, silent)})), AS_OF)

    assert "after_hours" not in set(p.behaviours.behaviour)


def test_work_beyond_the_agreement_is_told_as_a_share_of_the_works_minutes(write_dataset):
    # Per account six calls of 10 minutes within the agreement; "long" has two favours of 60 beyond it, too.
    within = [{"in_scope": "true"}] * 6
    favours = [{"activity": "favour", "in_scope": "false"}] * 2
    events = [*events_of("long", *within, *favours), *(one for who in "abc" for one in events_of(who, *within))]
    customers = "customer_id,name\nlong,Long\n" + "".join(f"{who},Name {who}\n" for who in "abc")
    place = write_dataset(customers=customers, service_events=rows(EVENT, events), costing=COSTING, policy=POLICY)
    found = Portfolio(place, "2026-05-31").behaviours.query("behaviour == 'out_of_scope'").set_index("customer_id")

    assert found.loc["long", ["count", "of"]].tolist() == [2, 8]
    assert found.loc["long", "rate"] == pytest.approx(120 / 180)
    assert found.loc["a", "rate"] == 0
