"""Published cases, exactly, from files to tables: Kaplan & Anderson 2004, Horngren, Kaplan's Dakota."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analysis import Portfolio

CASES = Path(__file__).parent


def case(name: str) -> dict[str, Any]:
    return json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))


def csv(header: str, rows: list[tuple[Any, ...]]) -> str:
    return "\n".join([header, *(",".join(str(cell) for cell in row) for row in rows), ""])


@pytest.fixture(scope="module")
def service_department(share_dataset):
    hbr = case("tdabc_hbr_2004")
    resource = hbr["resource"]
    costing = [
        'period = "quarter"',
        "[resources.service]",
        f"cost = {resource['cost']}",
        f"capacity_minutes = {resource['capacity_minutes']}",
    ]
    for activity in hbr["activities"]:
        name = activity["activity"]
        costing += [f"[activities.{name}]", 'resource = "service"', f'group = "{name}"']
        costing += [f"[activities.{name}.per]", f"quantity = {activity['minutes']}"]
    events = [
        (n, "c1", "2026-02-10T10:00:00", activity["activity"], activity["volume"])
        for n, activity in enumerate(hbr["activities"])
    ]
    data = share_dataset(
        customers="customer_id,name\nc1,All customers\n",
        service_events=csv("event_id,customer_id,at,activity,quantity", events),
        costing="\n".join(costing),
    )
    return hbr, Portfolio(data, "2026-03-31", {"window": {"months": 3}})


def test_the_service_department_of_harvard_business_review_uses_and_wastes_what_the_paper_says(service_department):
    hbr, p = service_department
    row = p.resources.iloc[0]

    assert row.supplied_cost == hbr["resource"]["cost"]
    assert row.capacity_minutes == hbr["resource"]["capacity_minutes"]
    assert row.used_minutes == hbr["used_minutes"]
    assert row.used_cost == hbr["used_cost"]
    assert row.unused_minutes == hbr["unused_minutes"]
    assert row.unused_cost == hbr["unused_cost"]


@pytest.mark.parametrize("activity", ["process_order", "handle_inquiry", "credit_check"])
def test_each_activity_of_the_service_department_costs_what_the_paper_says(service_department, activity):
    hbr, p = service_department
    published = next(a for a in hbr["activities"] if a["activity"] == activity)

    assert p.accounts[f"cts_{activity}"].iloc[0] == published["cost"]


def test_one_call_of_each_kind_costs_the_rate_that_the_paper_prints(share_dataset):
    hbr = case("tdabc_hbr_2004")
    costing = f"""
period = "quarter"
[resources.service]
cost = {hbr["resource"]["cost"]}
capacity_minutes = {hbr["resource"]["capacity_minutes"]}
""" + "".join(
        f'[activities.{a["activity"]}]\nresource = "service"\nminutes = {a["minutes"]}\n' for a in hbr["activities"]
    )
    data = share_dataset(
        customers=csv("customer_id,name", [(a["activity"], a["activity"]) for a in hbr["activities"]]),
        service_events=csv(
            "event_id,customer_id,at,activity",
            [(n, a["activity"], "2026-01-01", a["activity"]) for n, a in enumerate(hbr["activities"])],
        ),
        costing=costing,
    )
    cost = Portfolio(data, "2026-03-31", {"window": {"months": 3}}).accounts.set_index("customer_id").cost_to_serve

    assert cost.to_dict() == {a["activity"]: a["rate"] for a in hbr["activities"]}


@pytest.fixture(scope="module")
def spring(share_dataset):
    published = case("customers_spring_distribution")
    rates = published["activity_rates"]
    costing = f"""
period = "year"
[resources.dollars]
cost = 1000000
capacity_minutes = 1000000
[activities.order]
resource = "dollars"
minutes = {rates["order"]}
[activities.visit]
resource = "dollars"
minutes = {rates["visit"]}
[activities.delivery]
resource = "dollars"
per.quantity = {rates["delivery_mile"]}
[activities.handling]
resource = "dollars"
per.quantity = {rates["case_handled"]}
[activities.expedited_delivery]
resource = "dollars"
minutes = {rates["expedited_delivery"]}
"""
    work: list[tuple[str, str, Any]] = []
    for c in published["customers"]:
        work += [(c["id"], "order", "")] * c["orders"] + [(c["id"], "visit", "")] * c["visits"]
        work += [(c["id"], "delivery", c["miles_each"])] * c["deliveries"]
        work += [(c["id"], "handling", c["cases"])] + [(c["id"], "expedited_delivery", "")] * c["expedited"]
    lines = [
        (
            c["id"],
            c["id"],
            "2026-06-30",
            "sale",
            c["list_revenue"],
            c["discount"],
            c["cases"] * published["cost_per_case"],
        )
        for c in published["customers"]
    ]
    data = share_dataset(
        customers=csv("customer_id,name", [(c["id"], f"Customer {c['id']}") for c in published["customers"]]),
        transactions=csv("transaction_id,customer_id,date,kind,list_amount,discount,cogs", lines),
        service_events=csv(
            "event_id,customer_id,at,activity,quantity",
            [(n, who, "2026-05-05T08:00:00", what, q) for n, (who, what, q) in enumerate(work)],
        ),
        costing=costing,
    )
    return published, Portfolio(data, "2026-12-31", {"window": {"allow_beyond": True}})


@pytest.mark.parametrize("customer", ["P", "Q", "R", "S", "T"])
def test_each_customer_of_spring_distribution_earns_what_the_book_says(spring, customer):
    published, p = spring
    book = next(c for c in published["customers"] if c["id"] == customer)
    row = p.accounts.set_index("customer_id").loc[customer]

    assert row.list_revenue == book["list_revenue"]
    assert row.discounts == book["discount"]
    assert row.gross_margin == book["gross_margin"]
    assert row.cost_to_serve == book["cost_to_serve"]
    assert row.net_margin == book["operating_income"]


def test_the_whale_curve_of_spring_distribution_peaks_above_the_whole(spring):
    from analysis.topics.profitability.judgement.profitability import shape

    published, p = spring
    found = shape(p.whale)

    assert p.whale.customer_id.tolist() == published["whale"]["order"]
    assert p.whale.cumulative.tolist() == published["whale"]["cumulative"]
    assert found.total == published["total"]
    assert round(found.peak_share, 6) == published["whale"]["peak"]
    assert found.peak_accounts == 4


@pytest.fixture(scope="module")
def dakota(share_dataset):
    published = case("receivables_dakota")
    activities = "".join(
        f'[activities.{name}]\nresource = "dollars"\nper.quantity = {rate}\n'
        for name, rate in published["rates"].items()
    )
    events = [(c["id"], name, count) for c in published["customers"] for name, count in c["drivers"].items() if count]
    lines = [
        (c["id"], c["id"], "2026-01-31", "sale", c["sales"], c["sales"] - c["gross_margin"])
        for c in published["customers"]
    ]
    invoices = [
        ("A1", "A", "2026-02-01", "2026-03-01", 45000, "2026-04-15"),
        ("A2", "A", "2026-02-01", "2026-03-01", 58000, "2026-02-01"),
        ("B1", "B", "2026-02-01", "2026-03-01", 75000, "2026-06-27"),
        ("B2", "B", "2026-02-01", "2026-03-01", 29000, "2026-02-01"),
    ]
    data = share_dataset(
        customers="customer_id,name\nA,Customer A\nB,Customer B\n",
        transactions=csv("transaction_id,customer_id,date,kind,list_amount,cogs", lines),
        service_events=csv(
            "event_id,customer_id,at,activity,quantity",
            [(n, who, "2026-05-05", what, q) for n, (who, what, q) in enumerate(events)],
        ),
        invoices=csv("invoice_id,customer_id,issued,due,amount,paid", invoices),
        costing='period = "year"\n[resources.dollars]\ncost = 100000\ncapacity_minutes = 100000\n' + activities,
    )
    return published, Portfolio(
        data,
        "2026-12-31",
        {"finance": {"receivables_rate": published["annual_rate"]}, "window": {"allow_beyond": True}},
    )


@pytest.mark.parametrize("customer", ["A", "B"])
def test_the_terms_of_payment_at_dakota_alone_part_the_two_customers(dakota, customer):
    published, p = dakota
    paper = next(c for c in published["customers"] if c["id"] == customer)
    row = p.accounts.set_index("customer_id").loc[customer]

    assert row.gross_margin == paper["gross_margin"]
    assert row.gross_margin - row.cost_to_serve == paper["before_interest"]
    assert row.financing_cost == paper["before_interest"] - paper["after_interest"]
    assert row.net_margin == paper["after_interest"]


def test_one_customer_of_dakota_is_a_gain_and_the_other_a_loss(dakota):
    _, p = dakota

    assert p.accounts.segment.str.startswith("profitable").tolist() == [True, False]


def allied_west(share_dataset, leased: bool):
    published = case("drop_a_customer")
    goods = published["avoidable"]["cogs"]
    pools = {**{n: (v, 1) for n, v in published["avoidable"].items() if n != "cogs"}}
    pools |= {n: (v, 0) for n, v in published["not_avoidable"].items()}
    costing = 'period = "year"\n'
    for name, (cost, avoidable) in pools.items():
        resale = 20 if leased and name == "rent" else 0
        costing += (
            f"[resources.{name}]\ncost = {cost}\ncapacity_minutes = 1000\navoidable = {avoidable}\nresale = {resale}\n"
        )
        costing += f'[activities.{name}]\nresource = "{name}"\nminutes = 1000\n'
    data = share_dataset(
        customers="customer_id,name\nW,Wisk\n",
        transactions=csv(
            "transaction_id,customer_id,date,kind,list_amount,cogs",
            [(1, "W", "2026-03-03", "sale", published["revenue"], goods)],
        ),
        service_events=csv(
            "event_id,customer_id,at,activity", [(n, "W", "2026-03-03", name) for n, name in enumerate(pools)]
        ),
        costing=costing,
    )
    return published, Portfolio(data, "2026-12-31", {"window": {"allow_beyond": True}})


def test_full_cost_says_drop_wisk_and_avoidable_cost_says_keep_it(share_dataset):
    published, p = allied_west(share_dataset, leased=False)
    row = p.accounts.iloc[0]

    assert row.net_margin == published["full_cost_income"]
    assert row.avoidable_cost == sum(published["avoidable"].values())
    assert row.gain_if_ended == published["gain_if_dropped"]
    assert bool(row.avoidable_known) is True


def test_wisk_is_dropped_at_a_gain_once_its_space_can_be_leased(share_dataset):
    published, p = allied_west(share_dataset, leased=True)

    assert p.accounts.gain_if_ended.iloc[0] == published["gain_if_dropped_and_space_leased_for_20000"]
    assert p.accounts.net_margin.iloc[0] == published["full_cost_income"]
