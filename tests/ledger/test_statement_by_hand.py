"""The statement of small accounts, each one worked out by hand: one account, one point."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.data import reading

COSTING = """
period = "quarter"
[resources.desk]                # 1 a minute; states no avoidable share
cost = 6000
capacity_minutes = 6000
[resources.field]               # 3 a minute
cost = 3000
capacity_minutes = 1000
avoidable = 0.5
resale = 2
[resources.printer]             # 1 a minute, 400 minutes in twelve months
cost = 100
capacity_minutes = 100
[activities.call]
resource = "desk"
minutes = 10
per = { quantity = 2, pallets = 3 }
when = { after_hours = 5, "channel=onsite" = 20, "rush=true" = 7, "quantity=99" = 100 }
[activities.visit]
resource = "field"
group = "visits"
minutes = 60
[activities.repair]
resource = "field"
group = "visits"
demand = "failure"
minutes = 30
[activities.pitch]
resource = "desk"
purpose = "obtain"
minutes = 40
[activities.review]
resource = "desk"
group = "care"
purpose = "retain"
minutes = 15
[activities.print]
resource = "printer"
minutes = 500
"""

EVENT = ["event_id", "customer_id", "at", "activity", "minutes", "quantity", "pallets", "channel", "rush"]
EVENT += ["after_hours", "requested", "in_scope", "case_id"]
NOON = "2026-05-05T12:00:00"


def event(customer, activity="call", at=NOON, **more):
    return {"customer_id": customer, "activity": activity, "at": at, **more}


EVENTS = [
    event("eq-empty"),
    event("eq-zero-quantity", quantity="0"),
    event("eq-all", quantity="4", pallets="2", after_hours="true", channel="onsite", rush="true"),
    event("eq-false", after_hours="false", channel="phone", rush="false"),
    event("eq-below-zero", quantity="-20"),
    event("eq-number-word", quantity="99.0"),
    event("eq-logged", minutes="33.5", quantity="4"),
    event("eq-logged-zero", minutes="0"),
    event("edge-first", at="2025-11-01T00:00:00"),
    event("edge-last", at="2026-10-31T23:59:59.999999"),
    event("edge-before", at="2025-10-31T23:59:59.999999"),
    event("edge-after", at="2026-11-01T00:00:00"),
    event("fail", "repair"),
    event("fail", case_id="k-ours"),
    event("fail", case_id="k-theirs"),
    event("fail", case_id="k-unknown"),
    event("asked", "visit", requested="false"),
    event("asked", "visit", requested="true"),
    event("asked", "visit"),
    event("asked", "pitch", requested="false", in_scope="false"),
    event("scope", "visit", in_scope="false"),
    event("scope", "visit", in_scope="true"),
    event("scope", "visit"),
    event("purposes", "pitch"),
    event("purposes", "review"),
    event("purposes", "call"),
    event("purposes", "visit"),
    event("field-only", "visit"),
    event("ghost", "visit"),
    event("", "visit"),
    event("s-plain", "print"),
    event("loss", "visit"),
]

LINE = ["transaction_id", "customer_id", "kind", "list_amount", "discount", "net_amount", "cogs", "freight", "date"]


def line(customer, kind="sale", date="2026-05-05", **amounts):
    return {"customer_id": customer, "kind": kind, "date": date, **amounts}


LINES = [
    line("s-plain", list_amount="1000", discount="100", cogs="400", freight="20"),
    line("s-plain", "return", net_amount="-50", cogs="-20", freight="-2"),
    line("s-plain", "credit", list_amount="-10"),
    line("s-plain", "rebate", net_amount="-5"),
    line("s-net-only", net_amount="500", cogs="200"),
    line("s-mixed", list_amount="100", discount="10", cogs="0"),
    line("s-mixed", net_amount="50", cogs="0"),
    line("s-derived", list_amount="100", net_amount="90", cogs="0"),
    line("s-no-cogs", list_amount="100", cogs="30"),
    line("s-no-cogs", list_amount="100"),
    line("s-credit-only", "credit", net_amount="-25"),
    line("loss", list_amount="100", cogs="90"),
    line("edge-line-first", date="2025-11-01", list_amount="7", cogs="0"),
    line("edge-line-last", date="2026-10-31", list_amount="7", cogs="0"),
    line("edge-line-before", date="2025-10-31", list_amount="7", cogs="0"),
    line("edge-line-after", date="2026-11-01", list_amount="7", cogs="0"),
]

#: Customers with `since` and `ended`; those above are customers throughout unless they are named here.
DATES = {
    "since-after": ("2026-11-01", ""),
    "since-last-day": ("2026-10-31", ""),
    "since-first-day": ("2025-11-01", ""),
    "since-day-before": ("2025-10-31", ""),
    "ended-before": ("", "2025-10-31"),
    "ended-first-day": ("", "2025-11-01"),
    "edge-first": ("", "2020-01-01"),
    "edge-last": ("", "2020-01-01"),
    "edge-before": ("", "2020-01-01"),
    "edge-after": ("", "2020-01-01"),
    "edge-line-first": ("", "2020-01-01"),
    "edge-line-last": ("2027-01-01", ""),
    "edge-line-before": ("", "2020-01-01"),
    "edge-line-after": ("", "2020-01-01"),
    "silent": ("", ""),
}

CASES = """
case_id,customer_id,opened_at,cause
k-ours,fail,2024-01-01,ours
k-theirs,fail,2026-05-01,customer
k-unknown,fail,2026-05-01,
"""


def csv(names, rows, key):
    body = [",".join({**row, key: f"{key}{n}"}.get(name, "") for name in names) for n, row in enumerate(rows)]
    return "\n".join([",".join(names), *body, ""])


def files():
    ids = dict.fromkeys([*(e["customer_id"] for e in EVENTS), *(x["customer_id"] for x in LINES), *DATES])
    rows = [f"{i},Customer {i},{','.join(DATES.get(i, ('', '')))}" for i in ids if i not in ("", "ghost")]
    return {
        "customers": "\n".join(["customer_id,name,since,ended", *rows, ""]),
        "service_events": csv(EVENT, EVENTS, "event_id"),
        "transactions": csv(LINE, LINES, "transaction_id"),
        "cases": CASES,
        "costing": COSTING,
    }


@pytest.fixture(scope="module")
def data(share_dataset):
    return share_dataset(**files())


@pytest.fixture(scope="module")
def portfolio(data):
    return Portfolio(data, "2026-10-31")


@pytest.fixture(scope="module")
def rows(portfolio):
    return portfolio.accounts.set_index("customer_id")


@pytest.mark.parametrize(
    ("customer", "minutes"),
    [
        ("eq-empty", 10 + 2 * 1 + 3 * 0),
        ("eq-zero-quantity", 10),
        ("eq-all", 10 + 2 * 4 + 3 * 2 + 5 + 20 + 7),
        ("eq-false", 12),
        ("eq-below-zero", 0),
        ("eq-number-word", 10 + 2 * 99 + 100),
        ("eq-logged", 33.5),
        ("eq-logged-zero", 12),
    ],
)
def test_the_time_equation_gives_what_a_hand_calculation_gives(rows, customer, minutes):
    assert rows.service_minutes[customer] == minutes
    assert rows.cost_to_serve[customer] == minutes
    assert rows.events[customer] == 1


@pytest.mark.slow
def test_tables_too_long_to_be_kept_give_the_same_accounts(data, rows, monkeypatch):
    monkeypatch.setattr(reading, "FEW_ROWS", -1)

    asked_anew = Portfolio(data, "2026-10-31").accounts

    pd.testing.assert_frame_equal(asked_anew.set_index("customer_id"), rows)


def test_a_logged_zero_is_taken_at_its_word_where_the_policy_says_so(data):
    p = Portfolio(data, "2026-10-31", {"logged_zero": "zero"})

    assert p.accounts.set_index("customer_id").service_minutes["eq-logged-zero"] == 0
    assert p.accounts.set_index("customer_id").service_minutes["eq-logged"] == 33.5


def test_events_count_from_the_first_midnight_to_the_last_moment_of_the_as_of_day(rows):
    inside = {name for name in rows.index if name.startswith("edge-") and not name.startswith("edge-line")}

    assert inside == {"edge-first", "edge-last"}


def test_lines_count_on_the_first_and_the_last_day(rows):
    assert {name for name in rows.index if name.startswith("edge-line")} == {"edge-line-first", "edge-line-last"}
    assert rows.net_revenue["edge-line-first"] == rows.net_revenue["edge-line-last"] == 7


def test_accounts_are_listed_where_they_were_customers_or_did_something_in_the_window(rows):
    dated = {name for name in DATES if not name.startswith("edge-")}

    assert dated & set(rows.index) == {
        "since-last-day",
        "since-first-day",
        "since-day-before",
        "ended-first-day",
        "silent",
    }


def test_the_first_year_is_told_of_accounts_that_began_in_the_window(rows):
    assert rows.first_year[["since-first-day", "since-last-day"]].all()
    assert not rows.first_year[["since-day-before", "silent"]].any()


def test_failure_work_is_known_by_its_activity_and_by_its_case_however_old(rows):
    fail = rows.loc["fail"]

    assert fail.failure_cost == 30 * 3 + 12
    assert fail.cost_to_serve == 30 * 3 + 3 * 12


def test_work_is_unrequested_or_out_of_scope_only_where_it_says_false_and_serves(rows):
    assert rows.unrequested_cost["asked"] == 180
    assert rows.out_of_scope_cost["asked"] == 0
    assert rows.out_of_scope_cost["scope"] == 180
    assert rows.unrequested_cost["scope"] == 0


def test_purposes_and_groups_part_the_cost(rows):
    row = rows.loc["purposes"]

    assert (row.cost_to_obtain, row.cts_care, row.cts_desk, row.cts_visits) == (40, 15, 12, 180)
    assert row.cost_to_serve == 15 + 12 + 180
    assert (row.service_minutes, row.events) == (40 + 15 + 12 + 60, 4)
    assert row.net_margin == -(15 + 12 + 180) - 40
    assert row.running_margin == -(15 + 12 + 180)


def test_work_of_nobody_uses_capacity_and_is_charged_to_no_account(portfolio):
    field = portfolio.resources.set_index("resource").loc["field"]

    assert field.unassigned_cost == 2 * 180
    assert portfolio.accounts.cts_visits.sum() == field.used_cost - 2 * 180


def test_a_quarters_cost_and_capacity_are_scaled_to_the_years_window(portfolio):
    table = portfolio.resources.set_index("resource")

    assert table.supplied_cost.to_dict() == {"desk": 24000, "field": 12000, "printer": 400}
    assert table.capacity_minutes.to_dict() == {"desk": 24000, "field": 4000, "printer": 400}


def test_an_overloaded_resource_has_a_negative_unused_cost_and_is_told(portfolio):
    printer = portfolio.resources.set_index("resource").loc["printer"]

    assert (printer.used_minutes, printer.unused_minutes, printer.unused_cost) == (500, -100, -100)
    assert [w for w in portfolio.facts["warnings"] if "printer" in w and "125%" in w]


def test_returns_credits_and_rebates_are_taken_off_and_goods_come_back(rows):
    row = rows.loc["s-plain"]

    assert (row.list_revenue, row.discounts, row.returns, row.net_revenue) == (1000, 100, 65, 835)
    assert (row.cogs, row.freight, row.gross_margin) == (380, 18, 437)
    assert row.cts_pct == pytest.approx(500 / 835)
    assert row.service_demand == pytest.approx(500 / 935)


def test_a_discount_is_not_measured_where_no_list_price_is_known(rows):
    assert rows.list_revenue["s-net-only"] == rows.net_revenue["s-net-only"] == 500
    assert rows.discounts.isna()["s-net-only"]
    assert (rows.list_revenue["s-mixed"], rows.discounts["s-mixed"], rows.net_revenue["s-mixed"]) == (150, 10, 140)
    assert (rows.discounts["s-derived"], rows.net_revenue["s-derived"]) == (10, 90)


def test_a_line_without_cost_of_goods_leaves_the_margin_empty_and_never_zero(rows, portfolio):
    row = rows.loc["s-no-cogs"]

    assert row[["cogs", "gross_margin", "running_margin", "net_margin", "segment"]].isna().all()
    assert row.net_revenue == 200
    assert "s-no-cogs" not in set(portfolio.whale.customer_id)
    assert any("1 account" in left["what"] for left in portfolio.facts["left_out"])


def test_a_stated_share_stands_in_for_a_missing_cost_of_goods_alone(data):
    p = Portfolio(data, "2026-10-31", {"costs": {"cogs_share": 0.6}})
    row = p.accounts.set_index("customer_id").loc["s-no-cogs"]

    assert row.cogs == 30 + 60
    assert row.net_margin == 110
    assert p.accounts.set_index("customer_id").cogs["s-plain"] == 380
    assert any("60%" in text for text in p.facts["assumptions"])


def test_a_credit_moves_no_goods(rows):
    row = rows.loc["s-credit-only"]

    assert (row.returns, row.net_revenue, row.cogs, row.net_margin) == (25, -25, 0, -25)
    assert row[["cts_pct", "service_demand"]].isna().all()


def test_an_account_without_lines_has_no_revenue_and_no_discount(rows):
    row = rows.loc["silent"]

    assert (row.list_revenue, row.discounts, row.net_revenue, row.cogs, row.net_margin, row.events) == (0,) * 6
    assert row.segment == "profitable_low_demand"


def test_only_the_stated_share_of_a_cost_goes_when_the_account_goes(rows):
    field, desk = rows.loc["field-only"], rows.loc["eq-empty"]

    assert (field.avoidable_cost, field.gain_if_ended) == (90, 90 + 60 * 2)
    assert bool(field.avoidable_known)
    assert (desk.avoidable_cost, desk.gain_if_ended) == (0, 0)
    assert not bool(desk.avoidable_known)


def test_ending_a_loss_maker_may_lose_money_all_the_same(rows):
    loss = rows.loc["loss"]

    assert loss.net_margin == 100 - 90 - 180
    assert loss.gain_if_ended == 90 + 90 - 100 + 60 * 2


def test_the_identities_hold_and_every_amount_is_a_number(portfolio):
    assert [i.name for i in portfolio.identities if not i.holds] == []
    assert len(portfolio.identities) == 3


def test_without_service_events_costs_are_zero_and_named(share_dataset):
    part = files()
    p = Portfolio(share_dataset(customers=part["customers"], transactions=part["transactions"]), "2026-10-31")
    row = p.accounts.set_index("customer_id").loc["s-plain"]

    assert (row.cost_to_serve, row.cost_to_obtain, row.events, row.net_margin) == (0, 0, 0, 437)
    assert p.resources.empty
    assert {"Cost to serve and capacity", "Write-offs and financing cost"} <= {x["what"] for x in p.facts["left_out"]}
    # Each table that something needs is named by itself; the rest only add to what there is.
    without = (
        "service_events",
        "invoices",
        "cases",
        "surveys",
        "perceptions",
        "contracts",
        "mentions",
        "actions_taken",
    )
    whys = [x["why"] for x in p.facts["left_out"]]
    assert [name for name in without if f"the dataset has no `{name}`" not in whys] == []
    assert all(i.holds for i in p.identities)


def test_without_transactions_there_is_cost_and_no_margin_and_no_segment(share_dataset):
    part = files()
    p = Portfolio(
        share_dataset(customers=part["customers"], service_events=part["service_events"], cases=CASES, costing=COSTING),
        "2026-10-31",
    )
    row = p.accounts.set_index("customer_id").loc["purposes"]

    assert row.cost_to_serve == 207
    assert p.accounts[["net_revenue", "net_margin", "cts_pct", "segment"]].isna().all().all()
    assert p.whale.empty
    assert all(i.holds for i in p.identities)
    assert p.facts["totals"]["whale"]["accounts"] == 0


def test_a_window_without_any_row_has_accounts_without_amounts(data):
    p = Portfolio(data, "2040-12-31", {"window": {"allow_beyond": True}})

    assert set(p.accounts.net_revenue) == {0}
    assert p.resources.used_cost.sum() == 0
    assert p.resources.unused_cost.sum() == 36400
    assert all(i.holds for i in p.identities)
