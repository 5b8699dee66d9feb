"""Lifetimes and what they are worth by hand calculations on small datasets: files in, tables out."""

from __future__ import annotations

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from analysis import Portfolio
from analysis.topics.value.judgement.hazard import HazardModel, Months, what_moves
from analysis.topics.value.judgement.margin import shrunk
from analysis.topics.value.judgement.rescue import last_contacts
from analysis.window import Window

AS_OF = "2026-10-31"
COSTING = """
period = "year"
[resources.desk]
cost = 600000
capacity_minutes = 600000
avoidable = 0.5
[activities.call]
resource = "desk"
minutes = 10
[activities.sales_call]
resource = "desk"
purpose = "obtain"
minutes = 100
"""
#: account: (since, ended, referred by)
ACCOUNTS = {
    "earns": ("2020-01-01", "", ""),
    "loses": ("2020-01-01", "", ""),
    "left": ("2020-01-01", "2026-06-30", ""),
    "leaves-later": ("2020-01-01", "2026-11-15", ""),
    "sent": ("2020-01-01", "", "earns"),
    "sent-loses": ("2020-01-01", "", "earns"),
    "sent-left": ("2020-01-01", "2026-03-31", "loses"),
}
#: account: net a year, calls a year (10 each)
TRADE = {
    "earns": (2400, 120),
    "loses": (600, 120),
    "left": (2400, 0),
    "leaves-later": (1200, 0),
    "sent": (1200, 0),
    "sent-loses": (0, 60),
    "sent-left": (1200, 0),
}
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025, 2026) for month in range(1, 13)][6:34]
CONTRACTS = """contract_id,customer_id,starts,ends,monthly_fee,cancellation_fee
1,earns,2026-01-01,2026-12-31,100,
2,loses,2024-01-01,2027-10-31,10,5000
3,left,2026-01-01,2026-12-31,100,70
4,sent,2024-01-01,2026-10-31,100,9
5,leaves-later,2026-12-01,2027-11-30,50,20
"""


def dataset(share_dataset, **more):
    customers = "".join(f"{i},{i},{','.join(row)}\n" for i, row in ACCOUNTS.items())
    lines, events = [], []
    for who, (net, calls) in TRADE.items():
        last = ACCOUNTS[who][1] or "9999"
        for month in MONTHS:
            if net and f"{month}-15" <= last:
                lines.append(f"{who}{month},{who},{month}-15,sale,{net / 12},0")
            if f"{month}-15" <= last:
                events += [f"{who}{month}{n},{who},{month}-15T10:00,call,in" for n in range(calls // 12)]
    files = {
        "customers": f"customer_id,name,since,ended,referred_by\n{customers}",
        "transactions": "\n".join(["transaction_id,customer_id,date,kind,net_amount,cogs", *lines, ""]),
        "service_events": "\n".join(["event_id,customer_id,at,activity,contact", *events, ""]),
        "contracts": CONTRACTS,
        "costing": COSTING,
        **more,
    }
    return share_dataset(**{name: text for name, text in files.items() if text})


@pytest.fixture(scope="module")
def portfolio(share_dataset) -> Portfolio:
    return Portfolio(dataset(share_dataset), AS_OF, {"value": {"referral": {"acquisition_cost": 300}}})


@pytest.fixture(scope="module")
def accounts(portfolio) -> pd.DataFrame:
    return portfolio.accounts.set_index("customer_id")


def worth_of_one_a_month(hazards) -> float:
    stays = np.cumprod(1 - np.asarray(hazards))
    return float((stays * 1.10 ** (-np.arange(1, 37) / 12)).sum())


def test_the_value_is_the_margin_a_month_times_the_chance_to_be_there_discounted(portfolio, accounts):
    of = portfolio.computed
    place = of.statement.customer_id.tolist().index("earns")
    one = worth_of_one_a_month(of.staying.hazards[place])

    # 2,400 a year less 120 calls at 10, and at half of them that go with it.
    assert accounts.margin_month["earns"] == pytest.approx(100)
    assert accounts.clv["earns"] == pytest.approx(100 * one)
    assert accounts.clv_avoidable["earns"] == pytest.approx((2400 - 600) / 12 * one)
    assert accounts.clv["loses"] == pytest.approx((600 - 1200) / 12 * one, rel=0.05)


def test_the_chance_of_leaving_is_that_of_the_months_seen_where_endings_are_few(portfolio):
    staying = portfolio.computed.staying
    # 28 months from July 2024: five accounts in all of them; those that left in 24 (June 2026) and 21 (March 2026).
    months = 5 * 28 + 24 + 21
    first = staying.hazards[~staying.left][:, 0]

    assert (staying.model, staying.endings) == ("tenure", 2)
    assert first.min() > 0.5 * 2 / months
    assert first.max() < 2 * 2.5 / months
    assert staying.at_risk is not None
    assert len(staying.at_risk.left) == months


def test_an_account_that_has_left_is_worth_nothing_and_one_that_will_is_still_here(portfolio, accounts):
    names = ["clv", "clv_avoidable", "clv_low", "clv_high", "contract_value", "exit_fee", "save_budget"]

    assert (accounts.loc["left", names] == 0).all()
    assert accounts.leaves_year["left"] == 1
    assert accounts.clv["leaves-later"] > 0
    assert "left" not in set(portfolio.table("lenses").customer_id)


def test_fees_that_remain_are_counted_from_the_as_of_day_or_a_later_start(accounts):
    month = 365.25 / 12

    assert accounts.contract_value["earns"] == pytest.approx(61 / month * 100, abs=1e-3)
    assert accounts.contract_value["loses"] == pytest.approx(365 / month * 10, abs=1e-3)
    assert accounts.contract_value["leaves-later"] == pytest.approx(365 / month * 50, abs=1e-3)
    assert (accounts.contract_value["sent"], accounts.exit_fee["sent"]) == (0, 0)
    assert (accounts.exit_fee["loses"], accounts.exit_fee["leaves-later"]) == (5000, 20)
    assert pd.isna(accounts.exit_fee["earns"])


def test_referred_accounts_count_for_who_sent_them_and_in_no_total(portfolio, accounts):
    clv = accounts.clv
    rows = portfolio.table("referrals").set_index("referred")

    # Half would not have come otherwise; the other half saved the 300 of winning them.
    assert rows.value["sent"] == pytest.approx(0.5 * clv["sent"] + 150)
    assert rows.low["sent"] == pytest.approx(0.25 * clv["sent"] + 0.75 * 300)
    assert rows.high["sent"] == pytest.approx(0.75 * clv["sent"] + 0.25 * 300)
    assert rows.low["sent-loses"] == pytest.approx(0.75 * clv["sent-loses"] + 75)
    assert accounts.referral_value["earns"] == pytest.approx(0.5 * (clv["sent"] + clv["sent-loses"]) + 300)
    assert accounts.referral_value["loses"] == 150
    assert accounts.referral_value["sent"] == 0
    assert accounts.relationship_value["earns"] == pytest.approx(clv["earns"] + accounts.referral_value["earns"])
    totals = portfolio.facts["totals"]
    assert totals["clv"] == pytest.approx(clv.sum(), abs=0.01)
    assert not {"referral_value", "relationship_value", "save_budget"} & set(totals)


def test_what_winning_an_account_cost_moves_no_accounts_value(share_dataset, accounts):
    won = "".join(f"w{n},earns,2026-05-05T10:00,sales_call,out\n" for n in range(30))
    base = dataset(share_dataset)
    events = base.joinpath("service_events.csv").read_text(encoding="utf-8")
    other = Portfolio(dataset(share_dataset, service_events=events + won), AS_OF).accounts.set_index("customer_id")

    assert other.cost_to_obtain["earns"] == 3000
    assert other.net_margin["earns"] == accounts.net_margin["earns"] - 3000
    assert other.clv.to_dict() == pytest.approx(accounts.clv.to_dict())
    assert other.clv_avoidable.to_dict() == pytest.approx(accounts.clv_avoidable.to_dict())


def test_the_most_a_rescue_is_worth_is_the_uplift_times_what_is_lost_and_never_below_zero(accounts):
    lost = accounts.clv_avoidable

    assert (lost < 0).any()
    assert accounts.save_budget.to_dict() == pytest.approx((0.10 * lost.clip(lower=0)).to_dict())
    assert accounts.save_budget_low.to_dict() == pytest.approx((0.05 * lost.clip(lower=0)).to_dict())
    assert accounts.save_budget_high.to_dict() == pytest.approx((0.20 * lost.clip(lower=0)).to_dict())


def test_accounts_at_risk_are_ranked_by_what_is_at_stake(portfolio, accounts):
    rows = portfolio.table("rescue").set_index("customer_id")
    stake = accounts.leaves_year * accounts.clv_avoidable

    assert set(rows.index) == {"earns", "leaves-later", "sent", "loses"} - set(
        accounts.index[accounts.clv_avoidable <= 0]
    )
    assert rows.at_stake.is_monotonic_decreasing
    assert rows.at_stake["earns"] == pytest.approx(stake["earns"])
    # An hour of the desk costs 60.
    assert rows.save_hours["earns"] == pytest.approx(accounts.save_budget["earns"] / 60)


def test_lenses_differ_where_fees_remain_on_what_loses_money(portfolio):
    rows = portfolio.table("lenses").set_index("customer_id")
    names = ["accounting_keeps", "full_cost_keeps", "avoidable_keeps", "relationship_keeps", "differ"]

    # Its fees are 120 and its exit fee 5,000; at full cost it loses, at avoidable cost it does not lose or earn.
    assert rows.loc["loses", names[:2]].tolist() == [False, False]
    assert rows.loc["earns", names].tolist() == [True, True, True, True, False]
    # No contract is left to accounting, but a margin is.
    assert rows.loc["sent", names].tolist() == [False, True, True, True, True]


def test_a_first_sale_is_seen_only_of_accounts_that_came_in_view(share_dataset):
    data = share_dataset(
        customers="customer_id,name,since\nold,Old,2020-01-01\nnew,New,2026-02-01\n",
        transactions="transaction_id,customer_id,date,kind,net_amount,cogs\n"
        "1,old,2025-01-05,sale,10,0\n2,old,2026-05-05,sale,20,0\n"
        "3,new,2026-02-05,sale,30,0\n4,new,2026-02-05,sale,40,0\n5,new,2026-03-05,sale,50,0\n",
        contracts="contract_id,customer_id,starts,ends,monthly_fee\n1,old,2026-01-01,2027-12-31,1\n",
    )
    rows = Portfolio(data, AS_OF).table("lenses").set_index("customer_id")

    assert rows.first_sale["new"] == 70
    assert pd.isna(rows.first_sale["old"])


def test_a_good_word_has_a_price_from_zero_only_where_the_policy_states_one(share_dataset):
    said = ["earns,2026-05-05,0.5,4000", "earns,2026-05-06,-0.25,1000", "earns,2024-05-06,1,9000"]
    mentions = "\n".join(["customer_id,on,sentiment,reach", *said, ""])
    data = dataset(share_dataset, mentions=mentions)
    free = Portfolio(data, AS_OF).table("word_of_mouth").iloc[0]
    policy = {"value": {"referral": {"price_of_reach": 30, "in_save_budget": True}}}
    priced = Portfolio(data, AS_OF, policy)
    row = priced.table("word_of_mouth").iloc[0]
    earns = priced.accounts.set_index("customer_id").loc["earns"]

    assert (free.mentions, free.reach, free.good_reach, free.bad_reach) == (2, 5000, 2000, 250)
    assert pd.isna(free.low)
    assert pd.isna(free.high)
    assert (row.low, row.high) == (0, 60)
    assert earns.save_budget == pytest.approx(0.10 * (earns.clv_avoidable + 30))


def test_accounts_are_to_be_protected_first_when_silent_or_up_for_renewal(portfolio):
    rows = portfolio.table("protect_first").set_index("customer_id")

    # The last call of `earns` was on 15 October, its contract ends in December; nobody ever called `sent`.
    assert rows.silent_days["earns"] == 16
    assert (bool(rows.renewal["earns"]), bool(rows.silent["earns"])) == (True, False)
    assert rows.contract_ends["earns"] == pd.Timestamp("2026-12-31")
    assert "leaves-later" not in rows.index
    assert "left" not in rows.index


def test_a_discount_that_never_changes_but_for_its_cents_tells_nothing_of_who_leaves():
    # A tenth off a fee each month: what its rounding to cents leaves moves the discount by some hundred-thousandths.
    rng = np.random.default_rng(3)
    accounts, age = np.divmod(np.arange(1200), 12)
    left = ((age == 11) & (accounts < 40)).astype("float64")
    cents = rng.normal(0.0, 0.00002, 1200) + 0.00004 * left
    said = np.column_stack([rng.normal(4.0, 0.5, 1200), np.zeros(1200), cents, np.zeros(1200), np.zeros(1200)])
    model = HazardModel.fit(Months(accounts, age + 1, said, left), minimum=15, prior=0.5)
    assert what_moves(model)["sign"].tolist() == ["satisfaction"]


def test_nobody_is_called_silent_for_work_of_which_nobody_recorded_whether_it_was_a_contact():
    rows = [
        ("trained", "2026-07-23T09:00:00", "out"), ("trained", "2026-10-26T09:00:00", None),
        ("billed", "2026-07-23T09:00:00", "in"), ("billed", "2026-10-26T09:00:00", "none"),
    ]  # fmt: skip
    events = pd.DataFrame(rows, columns=["customer_id", "at", "contact"])
    events["at"] = pd.to_datetime(events["at"])
    schema = {"customer_id": "string", "at": "timestamp", "contact": "string"}
    found = last_contacts(ibis.memtable(events, schema=schema), None, Window.until(date(2026, 10, 31), 12))
    assert found is not None
    last = pd.to_datetime(found.set_index("customer_id")["last"])
    # 23 July is a hundred days before 31 October, 26 October five.
    assert (pd.Timestamp("2026-10-31") - last).dt.days.to_dict() == {"billed": 100, "trained": 5}


def test_what_a_short_history_earns_is_drawn_to_what_like_accounts_earn(share_dataset):
    lines = []
    for n in range(20):
        for month in MONTHS[-12:]:
            lines.append(f"{n}-{month},a{n:02d},{month}-15,sale,100,{40 + n + (int(month[-2:]) % 3) * 6}")
    lines.append("new,new,2026-10-15,sale,100,0")
    customers = "".join(f"a{n:02d},A,2020-01-01\n" for n in range(20)) + "new,New,2026-10-01\n"
    data = share_dataset(
        customers=f"customer_id,name,since\n{customers}",
        transactions="\n".join(["transaction_id,customer_id,date,kind,net_amount,cogs", *lines, ""]),
        contracts="contract_id,customer_id,starts,ends,monthly_fee\n1,a00,2026-01-01,2027-12-31,1\n",
    )
    rows = Portfolio(data, AS_OF).accounts.set_index("customer_id")
    whole = rows[rows.index != "new"]
    usual = whole.running_margin.sum() / (12 * len(whole))

    assert (whole.margin_own == 1).all()
    assert (whole.margin_month * 12).to_dict() == pytest.approx(whole.running_margin.to_dict())
    assert 0 < rows.margin_own["new"] < 1
    # It had a margin of 100 in its 31 days of 365 x 12; its like earn a little less than half of that.
    assert usual < rows.margin_month["new"] < 100


def test_an_account_of_next_to_no_size_leaves_the_margins_of_the_others_as_they_are():
    rows = pd.DataFrame(
        {
            "months": [12.0, 12.0, 1.0, 1.0],
            "full": [1200.0, 600.0, 100.0, 5.0],
            "revenue": [3000.0, 3000.0, 250.0, 1e-300],
            "cost_to_serve": 0.0,
        }
    )
    rows = rows.assign(avoidable=rows.full, total=rows.full, squares=rows.full**2 / 12 + 50.0)
    alone, beside = (shrunk(part, pd.Series("", index=part.index), 12) for part in (rows[:3], rows))

    assert np.isfinite(beside.to_numpy()).all()
    assert beside.full[:2].tolist() == [100.0, 50.0]
    assert beside.full[2] == pytest.approx(alone.full[2], rel=0.05)
