"""Service in money where it is easily missed, by hand; and cuts that sum to the portfolio."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import Portfolio
from tests.conftest import WriteDataset
from tests.pages import QUICK, words

CUSTOMERS = """
customer_id,name,region,account_manager
A,Ash,North,Ada
B,Birch,South,Ben
C,Cedar,,Ada
"""
SALES = """
transaction_id,customer_id,date,kind,list_amount,discount,cogs,product
1,A,2026-05-10,sale,1000,0,400,pumps
2,B,2026-06-10,sale,2000,0,800,pumps
3,C,2026-07-10,sale,500,0,100,
"""
# A minute costs 1. A had 4 visits of 60 minutes, one after hours; B had 1 of 60; nobody else had any.
EVENTS = """
event_id,customer_id,at,activity,minutes,after_hours
1,A,2026-01-05T10:00:00,visit,60,false
2,A,2026-02-05T10:00:00,visit,60,false
3,A,2026-03-05T10:00:00,visit,60,
4,A,2026-04-05T22:00:00,visit,60,true
5,B,2026-04-05T10:00:00,visit,60,false
6,A,2026-04-06T22:00:00,night,30,true
"""
# Agreed: A 2 visits a year and 100 night minutes, B 3 visits and all the night minutes that it wants, C 2 visits.
LEVELS = """
customer_id,attribute,basis,level
A,visits,entitled,2
B,visits,entitled,3
C,visits,entitled,2
A,nights,entitled,100
B,nights,entitled,inf
"""
COSTING = """
period = "year"
[resources.field]
cost = 1000
capacity_minutes = 1000
[resources.night_team]
cost = 500
capacity_minutes = 500
[activities.visit]
resource = "field"
[activities.night]
resource = "night_team"
"""
POLICY = """
[service.visits]
activities = ["visit"]
measure = "count"
period = "year"
[service.nights]
activities = ["night"]
measure = "minutes"
period = "year"
standby = "night_team"
"""


@pytest.fixture(scope="module")
def run(share_dataset: WriteDataset) -> Portfolio:
    tables = {"customers": CUSTOMERS, "transactions": SALES, "service_events": EVENTS, "service_levels": LEVELS}
    return Portfolio(share_dataset(**tables, costing=COSTING, policy=POLICY), "2026-10-31", QUICK)


def test_each_kind_of_money_is_as_by_hand(run: Portfolio) -> None:
    rows = run.table("service_money").set_index("customer_id")
    assert rows.beyond_agreed_cost[["A", "B"]].tolist() == [120, 0]  # two visits beyond two, 60 each
    assert rows.after_hours_cost.tolist() == [60 + 30, 0, 0]
    # The night team supplies 500 and 30 were used; 470 stand ready, half of it for each of two entitled alike.
    assert rows.standing_ready_cost[["A", "B"]].tolist() == [235, 235]
    # A lacks 70 night minutes at 1 each; B two visits at its own 60; C two at what one costs over all accounts, 60.
    assert rows.under_service_cost.tolist() == [70, 120, 120]


def test_what_is_not_recorded_is_empty_and_never_0(share_dataset: WriteDataset) -> None:
    events = "\n".join(line.rsplit(",", 1)[0] for line in EVENTS.strip().splitlines())
    data = share_dataset(customers=CUSTOMERS, transactions=SALES, service_events=events, costing=COSTING)
    rows = Portfolio(data, "2026-10-31", QUICK).table("service_money")
    assert rows.after_hours_cost.isna().all()
    assert rows.standing_ready_cost.isna().all()
    assert rows.under_service_cost.isna().all()


def test_every_cut_sums_to_the_portfolio_and_names_what_is_not_known(run: Portfolio) -> None:
    rows, accounts = run.table("cuts"), run.accounts
    for cut in ("manager", "region"):
        mine = rows[rows.cut == cut]
        for column in ("net_revenue", "gross_margin", "cost_to_serve", "net_margin"):
            assert mine[column].sum() == pytest.approx(accounts[column].sum())
        assert int(mine.accounts.sum()) == len(accounts)
    ada = rows[(rows.cut == "manager") & (rows.value == "Ada")].iloc[0]
    assert (ada.accounts, ada.net_revenue, ada.gross_margin, ada.cost_to_serve) == (2, 1500, 1000, 270)
    losing = rows[rows.cut.isin(["manager", "region"])].groupby("cut").losing.sum()
    assert (losing == int((accounts.net_margin < 0).sum())).all()
    assert rows[(rows.cut == "region") & rows.value.isna()].net_revenue.tolist() == [500]
    pumps = rows[(rows.cut == "product") & (rows.value == "pumps")].iloc[0]
    assert (pumps.accounts, pumps.net_revenue, pumps.gross_margin) == (2, 3000, 1800)
    assert pd.isna(pumps.cost_to_serve)
    assert set(rows.cut) == {"manager", "region", "product"}


def test_the_page_says_so(run: Portfolio) -> None:
    told = " ".join(words(run, "cuts").split())
    assert "Service beyond what is due costs EUR 120 since 5 January 2026" in told
    assert "Standing ready, unused EUR 470 2 accounts are entitled" in told
    assert "Agreed and not delivered EUR 310 with 3 accounts" in told
    # June brought 1,200; in April 150 minutes were worked and nothing was sold.
    assert "The best month was June 2026, the poorest April 2026" in told
