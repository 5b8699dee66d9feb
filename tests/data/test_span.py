"""The days that a dataset speaks of, and a window that ends beyond them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from analysis import Portfolio
from analysis.data.span import quiet_ends, tables_from
from analysis.errors import UsageError
from analysis.opening import open_all
from analysis.reporting.known import recorded_late

CUSTOMERS = "customer_id,name\na,A\n"


def lines(days):
    rows = [f"t{n},a,{day},sale,100,60" for n, day in enumerate(days)]
    return "\n".join(["transaction_id,customer_id,date,kind,net_amount,cogs", *rows, ""])


@pytest.fixture(scope="module")
def daily(share_dataset):
    days = [date(2026, 8, 1) + timedelta(days=n) for n in range(61) if (date(2026, 8, 1) + timedelta(n)).weekday() < 5]
    invoices = "invoice_id,customer_id,issued,due,amount\ni,a,2026-10-05,2026-10-20,100\n"
    return share_dataset(allow_beyond=False, customers=CUSTOMERS, transactions=lines(days), invoices=invoices)


def test_an_as_of_day_more_than_a_month_beyond_the_data_is_an_error_that_names_the_last_day(daily):
    assert Portfolio(daily, "2026-11-05").as_of == date(2026, 11, 5)
    with pytest.raises(UsageError, match="2026-10-05"):
        Portfolio(daily, "2026-11-06")


def test_the_policy_may_allow_it(daily):
    assert Portfolio(daily, "2027-06-30", {"window": {"allow_beyond": True}}).as_of == date(2027, 6, 30)


@pytest.mark.parametrize(
    ("as_of", "told"),
    # The last sale is on Wednesday 30 September; a weekend is usual, three weeks are not.
    [("2026-10-02", set()), ("2026-10-21", {"transactions", "invoices"})],
)
def test_days_at_the_windows_end_without_rows_are_told_where_they_are_unusual(daily, as_of, told):
    p = Portfolio(daily, as_of)
    found = {problem.table for problem in quiet_ends(p.opened.checked, p.window)}

    assert found - {"invoices"} == told - {"invoices"}
    assert any("last 21 days" in words for words in p.facts["warnings"]) == ("transactions" in told)


def test_a_clock_that_stands_before_all_data_is_told_as_that(share_dataset):
    """As on a machine that lost its time: data of the year 2999 stands for data of today under a clock of 1970."""
    days = [date(2999, month, 1) for month in range(1, 13)]
    far = share_dataset(customers=CUSTOMERS, transactions=lines(days))
    with pytest.raises(UsageError, match=rf"says {date.today()}, but the data begins on 2999-01-01\. Set the clock"):
        Portfolio(far)
    assert Portfolio(far, "2999-12-31").as_of == date(2999, 12, 31)
    assert not Portfolio(far, "2999-12-31").opened.checked.errors
    assert not [problem for problem in open_all(far).problems if problem.severity == "error"]


def test_a_firm_that_bills_once_a_month_is_not_warned_each_month(share_dataset):
    days = [date(2026, month, 1) for month in range(1, 11)]
    p = Portfolio(share_dataset(customers=CUSTOMERS, transactions=lines(days)), "2026-10-31")

    assert not list(quiet_ends(p.opened.checked, p.window))


CALL = """
period = "month"
[resources.desk]
cost = 100
capacity_minutes = 100
[activities.call]
resource = "desk"
minutes = 5
"""


def logged(days):
    return "\n".join(["event_id,customer_id,at,activity", *(f"e{n},a,{day},call" for n, day in enumerate(days)), ""])


@pytest.mark.parametrize(
    ("first", "each", "late"),
    [
        (date(2026, 5, 4), 3, True),  # the helpdesk was bought in May
        (date(2025, 11, 20), 3, False),
        (date(2026, 5, 4), 30, False),  # six pieces of work tell nothing of when it was begun to log
    ],
)
def test_a_log_that_begins_long_after_the_sales_is_told_since_until_then_it_counts_as_no_work(
    write_dataset, first, each, late
):
    sold = [date(2025, 11, 1) + timedelta(days=n) for n in range(0, 365, 2)]
    worked = [first + timedelta(days=n) for n in range(0, (date(2026, 10, 31) - first).days, each)]
    data = write_dataset(customers=CUSTOMERS, transactions=lines(sold), service_events=logged(worked), costing=CALL)
    p = Portfolio(data, "2026-10-31")

    assert tables_from(p.opened.checked, p.window) == ({"service_events": first} if late else {})
    assert p.facts["tables_from"] == ({"service_events": str(first)} if late else {})
    assert any(f"nothing is dated in the window before {first}" in words for words in p.facts["warnings"]) == late
    said = "Of this window the data has work only from 4 May 2026 on; what lies before counts as none."
    assert recorded_late(p) == (said if late else "")


def test_a_season_that_begins_late_in_the_window_is_no_record_that_does(write_dataset):
    seasons = [date(year, 6, 1) + timedelta(days=n) for year in (2025, 2026) for n in range(100)]
    sold = [date(2025, 6, 1) + timedelta(days=n) for n in range(0, 500, 2)]
    data = write_dataset(customers=CUSTOMERS, transactions=lines(sold), service_events=logged(seasons), costing=CALL)
    p = Portfolio(data, "2026-10-31")
    assert tables_from(p.opened.checked, p.window) == {}


def test_where_all_tables_begin_late_none_is_told_apart(write_dataset):
    days = [date(2026, 6, 1) + timedelta(days=n) for n in range(150)]
    data = write_dataset(customers=CUSTOMERS, transactions=lines(days), service_events=logged(days), costing=CALL)
    p = Portfolio(data, "2026-10-31")
    assert tables_from(p.opened.checked, p.window) == {}
