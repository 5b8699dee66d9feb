"""What accounts pay and cost: the tables of the statement, from the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty
from analysis.data.reading import Engine
from analysis.data.span import reaches_back
from analysis.ledger.behaviour import customer_days
from analysis.ledger.bridge import Tie
from analysis.ledger.bridge import bridge as to_the_books
from analysis.ledger.bridge import tie as tied_to_the_books
from analysis.ledger.costing import Costing
from analysis.ledger.identities import Identity
from analysis.ledger.identities import identities as held
from analysis.ledger.ledger import Ledger
from analysis.ledger.ties import ties as tied
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.profitability.judgement.cuts import by_product
from analysis.topics.profitability.judgement.cuts import cuts as cut
from analysis.topics.profitability.judgement.profitability import whale as curve
from analysis.topics.profitability.judgement.reasons import reasons as told_reasons
from analysis.topics.profitability.judgement.scale import Scale
from analysis.topics.profitability.judgement.segments import segment
from analysis.topics.profitability.judgement.sensitivity import factors_alone
from analysis.topics.profitability.judgement.sensitivity import sensitivity as other_rates
from analysis.topics.profitability.judgement.uncertainty import Ranges
from analysis.topics.profitability.judgement.uncertainty import ranges as drawn_ranges
from analysis.topics.profitability.judgement.uncertainty import segment_chances as drawn_chances
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd

#: The keys of the policy that a ledger reads.
LEDGER = ("currency", "logged_zero", "finance.receivables_rate", "costs", "service")
#: How many of the worst orders and of the dearest cases `tables/losses_within` lists.
WORST = 1_000


@CATALOGUE.part(*LEDGER)
def ledger(engine: Engine, checked: Checked, policy: Policy, costing: Costing | None, window: Window) -> Ledger:
    """Return the ledger of the window."""
    return Ledger(engine, checked, policy, costing, window)


@CATALOGUE.part()
def group_columns(ledger: Ledger) -> list[str]:
    """Return the columns `cts_<group>`."""
    return [f"cts_{group}" for group in ledger.groups]


@CATALOGUE.part()
def costed(ledger: Ledger, group_columns: list[str]) -> pd.DataFrame:
    """Return the accounts with the lines of their statement, before any judgement."""
    return _as_accounts(ledger.accounts, group_columns)


def _as_accounts(frame: pd.DataFrame, group_columns: list[str]) -> pd.DataFrame:
    return conform(frame, "accounts", group_columns, after="cost_to_serve")


@CATALOGUE.part("segments")
def statement(costed: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return the accounts before any judgement that rests on draws, orders or peers."""
    return costed.assign(segment=segment(costed, policy.segments))


@CATALOGUE.part("segments", *LEDGER)
def year_before(
    engine: Engine,
    checked: Checked,
    policy: Policy,
    costing: Costing | None,
    window: Window,
    group_columns: list[str],
) -> pd.DataFrame:
    """Return the same window a year before, with every line of the statement; empty where the data is shorter."""
    before = window.year_before()
    if not reaches_back(checked, before):
        return empty("accounts")
    found = _as_accounts(Ledger(engine, checked, policy, costing, before).accounts, group_columns)
    return found.assign(segment=segment(found, policy.segments))


@CATALOGUE.table()
def accounts_last_year(year_before: pd.DataFrame) -> pd.DataFrame:
    """Return the same window a year before; empty where the data does not reach back."""
    return conform(year_before, "accounts_last_year")


@CATALOGUE.part()
def days(checked: Checked, window: Window) -> pd.DataFrame:
    """Return each account's days of the window as a customer."""
    found: pd.DataFrame = customer_days(checked["customers"], window).to_pandas()
    return found


@CATALOGUE.part()
def scale(ledger: Ledger, days: pd.DataFrame, window: Window) -> Scale:
    """Return what is usual in this portfolio, in its money."""
    rows = ledger.accounts[["customer_id"]].merge(days, on="customer_id", how="left")
    years = rows.days / window.days * window.months / 12
    return Scale.of(ledger.accounts.reset_index(drop=True), years)


@CATALOGUE.part("uncertainty")
def ranges(costed: pd.DataFrame, ledger: Ledger, costing: Costing | None, policy: Policy) -> Ranges | None:
    """Return what draws from the costing's ranges say; None without costs or margins to draw."""
    minutes = ledger.minutes
    if minutes is None or costing is None or costed.net_margin.isna().all():
        return None
    return drawn_ranges(costed, minutes, costing, policy)


@CATALOGUE.part()
def portfolio_range(ranges: Ranges | None) -> dict[str, Any] | None:
    """Return the range of the margin of all accounts together; None without any."""
    return None if ranges is None else ranges.portfolio


@CATALOGUE.part("segments", "uncertainty.draws", "uncertainty.seed")
def segment_chances(ranges: Ranges | None, costing: Costing | None, policy: Policy) -> pd.DataFrame | None:
    """Return the chance of each segment over the same draws; None without any."""
    return None if ranges is None or costing is None else drawn_chances(ranges, costing, policy)


@CATALOGUE.table()
def ties(ledger: Ledger, costed: pd.DataFrame) -> pd.DataFrame:
    """Return revenue, cost of goods, work and invoices from the files to the accounts."""
    return tied(ledger, costed)


@CATALOGUE.table()
def whale(costed: pd.DataFrame, ranges: Ranges | None) -> pd.DataFrame:
    """Return the accounts from the most to the least profitable, with the band of the running total."""
    found = curve(costed)
    if ranges is None:
        return found
    plain = found.drop(columns=["cumulative_low", "cumulative_high"])
    return conform(plain.merge(ranges.whale, on="rank"), "whale")


@CATALOGUE.table("peers", "currency")
def reasons(
    statement: pd.DataFrame, work_by_driver: pd.DataFrame | None, policy: Policy, window: Window
) -> pd.DataFrame:
    """Return why accounts earn less or more than their peers."""
    return told_reasons(statement, work_by_driver, policy, window.months)


@CATALOGUE.table()
def resources(ledger: Ledger) -> pd.DataFrame:
    """Return capacity supplied, used, unassigned and unused."""
    return ledger.resources


@CATALOGUE.table()
def capacity(ledger: Ledger) -> pd.DataFrame:
    """Return capacity by resource and month."""
    return ledger.capacity


@CATALOGUE.table()
def margin_by_month(ledger: Ledger) -> pd.DataFrame:
    """Return what each account brought and took in each month."""
    return ledger.margin_by_month


@CATALOGUE.table()
def activities(ledger: Ledger) -> pd.DataFrame:
    """Return what each activity took and cost, and how its log compares with its time equation."""
    return ledger.activities


@CATALOGUE.table()
def cuts(served: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Return the portfolio cut by manager, region, industry, size and product."""
    return cut(served, by_product(ledger.lines) if ledger.lines is not None else None)


@CATALOGUE.table("segments")
def sensitivity(ranges: Ranges | None, costing: Costing | None, policy: Policy) -> pd.DataFrame:
    """Return what an error in one rate would change."""
    if ranges is None or costing is None:
        return empty("sensitivity")
    return other_rates(*ranges.everyone, costing, policy)


@CATALOGUE.table()
def uncertainty(ranges: Ranges | None, costing: Costing | None) -> pd.DataFrame:
    """Return what drives the range of the portfolio's margin."""
    if ranges is None or costing is None:
        return empty("uncertainty")
    return factors_alone(float(ranges.known.net_margin.sum()), ranges.terms, costing)


@CATALOGUE.table()
def losses_within(costed: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Return the worst orders and the dearest cases of accounts that earn money."""
    import pandas as pd

    good = costed.loc[costed.net_margin >= 0, "customer_id"]
    parts = []
    if ledger.orders is not None:
        lost = ledger.orders.filter(ledger.orders.margin < 0)
        parts.append(_worst(lost.rename(id="order_id"), "margin", good).assign(kind="order"))
    if ledger.cases is not None:
        rows = ledger.cases.rename(id="case_id")
        dear = _worst(rows.mutate(margin=-rows.work_cost), "margin", good)
        parts.append(dear.assign(kind="case"))
    if not parts:
        return empty("losses_within")
    found = pd.concat([conform(part, "losses_within") for part in parts])
    return found.sort_values(["customer_id", "kind", "margin", "id"], ignore_index=True)


def _worst(rows: ibis.Table, by: str, good: pd.Series[str]) -> pd.DataFrame:
    import ibis

    known = ibis.memtable({"customer_id": good.tolist()}, schema={"customer_id": "string"})
    mine = rows.semi_join(known, "customer_id").order_by([by, "customer_id", "id"]).limit(WORST)
    money = {name: mine[name].cast("float64") for name in mine.columns if mine[name].type().is_decimal()}
    frame: pd.DataFrame = mine.mutate(**money).to_pandas()
    return frame


@CATALOGUE.part()
def identities(statement: pd.DataFrame, ledger: Ledger, group_columns: list[str]) -> list[Identity]:
    """Return the identities that hold to the cent in every run."""
    nobodys = ledger.unassigned_sales.net_revenue
    return held(statement, ledger.resources, ledger.transactions_net, group_columns, nobodys)


@CATALOGUE.part()
def tie(statement: pd.DataFrame, ledger: Ledger, costing: Costing | None, window: Window) -> Tie | None:
    """Return how far the ledger is from the window's books; None without them, or where no sales are recorded."""
    if ledger.lines is None:
        return None
    control = costing.books_of(window.end) if costing else None
    return tied_to_the_books(statement, control, ledger.unassigned_sales)


@CATALOGUE.table()
def bridge(costed: pd.DataFrame, ledger: Ledger, costing: Costing | None, window: Window) -> pd.DataFrame:
    """Return from the accounts' net margin to the operating profit of the window's books."""
    control = costing.books_of(window.end) if costing else None
    return to_the_books(costed, ledger.resources, control, ledger.unassigned_sales)


@CATALOGUE.table()
def rejected(checked: Checked) -> pd.DataFrame:
    """Return the rows that broke the contract."""
    return checked.rejected()
