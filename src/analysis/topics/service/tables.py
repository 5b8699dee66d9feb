"""What accounts are served with, set against what was agreed and wanted: the tables of service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty
from analysis.ledger.behaviour import response_hours, service_work
from analysis.ledger.costing import Costing
from analysis.ledger.drivers import OTHER_SERVICE
from analysis.ledger.ledger import Ledger
from analysis.ledger.working_time import WorkingTime
from analysis.policy import Policy, ServiceAttribute
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.service.judgement.expectations import expectations as talks
from analysis.topics.service.judgement.expectations import latest_answers
from analysis.topics.service.judgement.like_accounts import (
    against_like_accounts,
    likeness,
    surely_material,
    usual_service,
)
from analysis.topics.service.judgement.offers import offers as priced_offers
from analysis.topics.service.judgement.offers import trades as worth_trading
from analysis.topics.service.judgement.over_served import (
    beyond_chance,
    judge,
    limits,
    material,
    over_ranges,
    over_service,
    under_served,
)
from analysis.topics.service.judgement.service import delivered as got
from analysis.topics.service.judgement.service import gaps
from analysis.topics.service.judgement.service_money import service_money as in_money
from analysis.topics.service.measures.after_hours import after_hours_by_account
from analysis.topics.service.measures.demand import demand as demand_by
from analysis.topics.service.measures.demand import demand_by_week as by_week
from analysis.topics.service.measures.demand import unasked as nobody_asked
from analysis.topics.service.measures.levels import due_levels, latest_statements
from analysis.topics.service.measures.likeness import asked_work, demands, other_by_activity
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd

Attributes = Mapping[str, ServiceAttribute]

WORK = ["customer_id", "attribute", "activity", "events", "minutes", "logged", "modelled", "cost"]


@CATALOGUE.part("calendar", "timezone")
def working_time(policy: Policy) -> WorkingTime:
    """Return how time is counted."""
    return WorkingTime.of(policy)


@CATALOGUE.part()
def attributes(ledger: Ledger) -> Attributes:
    """Return the attributes that can be measured in this dataset."""
    every = ledger.attributes
    return every if ledger.events is not None else {name: a for name, a in every.items() if not a.activities}


@CATALOGUE.part()
def service_by_activity(ledger: Ledger, checked: Checked) -> pd.DataFrame:
    """Return each account's measured work by attribute and activity."""
    import pandas as pd

    if ledger.measured_events is None:
        texts = dict.fromkeys(WORK[:3], "str")
        return pd.DataFrame(columns=WORK).astype({**dict.fromkeys(WORK, "float64"), **texts})
    found: pd.DataFrame = service_work(ledger.measured_events, ledger.rates, checked["customers"]).to_pandas()
    return found


@CATALOGUE.part("tiers")
def levels(checked: Checked, window: Window, policy: Policy) -> pd.DataFrame:
    """Return the levels that each account is due: what was agreed, and what it asked for."""
    stated = checked.get("service_levels")
    said = None if stated is None else latest_statements(stated, window.end).to_pandas()
    tiers = checked["customers"].select("customer_id", "tier").to_pandas()
    return due_levels(said, tiers, policy.tiers)


@CATALOGUE.part()
def hours_to_answer(checked: Checked, window: Window, working_time: WorkingTime) -> pd.DataFrame | None:
    """Return how long each account's cases waited for a first answer; None without cases."""
    cases = checked.get("cases")
    return None if cases is None else response_hours(cases, window, working_time).to_pandas()


@CATALOGUE.part()
def delivered(
    service_by_activity: pd.DataFrame,
    hours_to_answer: pd.DataFrame | None,
    days: pd.DataFrame,
    levels: pd.DataFrame,
    attributes: Attributes,
    window: Window,
) -> pd.DataFrame:
    """Return what each account got of every attribute that a level or a wish is known of."""
    return got(service_by_activity, hours_to_answer, days, levels, attributes, window)


@CATALOGUE.part()
def gaps_by_level(delivered: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps between what was delivered and the levels that are known."""
    return gaps(delivered)


@CATALOGUE.part()
def customers_of_window(ledger: Ledger, days: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Return the accounts that were customers in the window, with the years that they were."""
    rows = ledger.accounts.merge(days[days.days > 0], on="customer_id")
    return rows.assign(years=rows.days / window.days * window.months / 12)


@CATALOGUE.part("over_service.days")
def alike(customers_of_window: pd.DataFrame, checked: Checked, window: Window, policy: Policy) -> pd.DataFrame:
    """Return what the accounts are alike in, of those that were there long enough to be a measure."""
    cases = checked.get("cases")
    asked = None if cases is None else demands(cases, window).to_pandas()
    return likeness(customers_of_window, asked, policy.over_service.days)


@CATALOGUE.part("over_service.amount")
def amount_stated(policy: Policy) -> bool:
    """Return whether a person stated from which amount over-service counts."""
    return policy.over_service.amount is not None


@CATALOGUE.part("over_service")
def material_from(
    customers_of_window: pd.DataFrame, alike: pd.DataFrame, stated: Policy, amount_stated: bool
) -> pd.Series[float]:
    """Return the cost from which over-service is material, by account."""
    usual = usual_service(customers_of_window, alike, stated)
    return limits(customers_of_window, usual, stated, stated=amount_stated)


@CATALOGUE.part()
def service_asked(ledger: Ledger, checked: Checked, costing: Costing | None) -> pd.DataFrame:
    """Return what each account got of every attribute, and who asked for it."""
    import pandas as pd

    if ledger.measured_events is None or costing is None:
        return pd.DataFrame({"customer_id": pd.Series(dtype="str"), "attribute": pd.Series(dtype="str")})
    found: pd.DataFrame = asked_work(ledger.measured_events, ledger.rates, checked["customers"], costing).to_pandas()
    return found


@CATALOGUE.part()
def piece_sizes(service_asked: pd.DataFrame, attributes: Attributes) -> dict[str, float]:
    """Return the size of a piece of work, as chance comes in it (sum of squares / sum), by attribute in minutes."""
    if service_asked.empty:
        return {}
    sums = service_asked.groupby("attribute")[["squares", "minutes"]].sum()
    minutes = [name for name, a in attributes.items() if a.measure == "minutes"]
    found = (sums.squares / sums.minutes.where(sums.minutes > 0)).dropna()
    return {str(name): float(found[name]) for name in minutes if name in found.index}


@CATALOGUE.part("over_service.peer_minimum", "over_service.sure")
def gaps_sure(
    gaps_by_level: pd.DataFrame,
    alike: pd.DataFrame,
    piece_sizes: dict[str, float],
    amount_stated: bool,
    policy: Policy,
) -> pd.DataFrame:
    """Return the gaps by stated levels, with whether each is more than an accident of one year."""
    few = len(alike) < policy.over_service.peer_minimum  # each of them is looked at by itself
    sure = None if few or amount_stated else policy.over_service.sure
    return gaps_by_level.assign(beyond=beyond_chance(gaps_by_level, piece_sizes, sure), ground="level")


@CATALOGUE.part(
    *("over_service.peer_minimum", "over_service.peer_quantile", "over_service.false_share"),
    *("over_service.asked", "over_service.sure"),
)
def compared_with_peers(
    alike: pd.DataFrame,
    service_asked: pd.DataFrame,
    levels: pd.DataFrame,
    gaps_sure: pd.DataFrame,
    attributes: Attributes,
    policy: Policy,
) -> pd.DataFrame:
    """Return the comparison with like accounts, per service of which no level is known; no rows where they are few."""
    said = levels[["customer_id", "attribute", "entitled", "expected", "wish"]]
    said = said.merge(gaps_sure[["customer_id", "attribute", "beyond"]], on=["customer_id", "attribute"], how="left")
    return against_like_accounts(alike, service_asked, said, attributes, policy)


@CATALOGUE.part()
def gaps_by_peers(compared_with_peers: pd.DataFrame, material_from: pd.Series[float]) -> pd.DataFrame:
    """Return the same with the chance that each account gets more by a material amount."""
    return surely_material(compared_with_peers, material_from)


@CATALOGUE.part("over_service", "under_service", "uncertainty")
def service_judgement(
    ledger: Ledger,
    customers_of_window: pd.DataFrame,
    service_by_activity: pd.DataFrame,
    levels: pd.DataFrame,
    gaps_by_level: pd.DataFrame,
    gaps_sure: pd.DataFrame,
    gaps_by_peers: pd.DataFrame,
    material_from: pd.Series[float],
    costing: Costing | None,
    stated: Policy,
) -> pd.DataFrame:
    """Return the judgement on service: one row per account of the window."""
    sums = over_service(gaps_sure, gaps_by_peers)
    known = levels[levels.entitled.notna() | levels.expected.notna()]  # a wish alone is no level
    ranges = over_ranges(service_by_activity, gaps_sure, material_from, costing, stated)
    found = judge(customers_of_window, sums, gaps_by_peers, ranges, known, material_from, stated)
    found = found.merge(under_served(gaps_by_level, stated), on="customer_id", how="left")
    found = ledger.accounts[["customer_id"]].merge(found, on="customer_id", how="left")
    outside = ~found.customer_id.isin(customers_of_window.customer_id)
    return found.assign(not_scored=found.not_scored.mask(outside, "a customer on no day of the window"))


@CATALOGUE.part("over_service", "under_service")
def every_gap(
    gaps_sure: pd.DataFrame, gaps_by_peers: pd.DataFrame, service_judgement: pd.DataFrame, stated: Policy
) -> pd.DataFrame:
    """Return every gap, by levels and by like accounts, with what is material of it."""
    import pandas as pd

    rows = pd.concat([gaps_sure, gaps_by_peers.assign(kind="peer", sign=1.0)])
    rows = rows.sort_values(["customer_id", "attribute", "kind"], ignore_index=True)
    return rows.assign(material=material(rows, service_judgement, stated))


@CATALOGUE.table()
def service_gaps(every_gap: pd.DataFrame) -> pd.DataFrame:
    """Return delivered against agreed and wanted, per account and attribute."""
    return conform(every_gap, "service_gaps")


@CATALOGUE.part()
def other_service_mostly(
    service_gaps: pd.DataFrame, ledger: Ledger, checked: Checked, costing: Costing | None
) -> pd.Series[str]:
    """Return, by customer_id, the activity that makes half or more of the other service that it gets too much of.

    Where no attribute of the policy measures a service, its name is all that tells which it is.
    """
    import pandas as pd

    over = service_gaps[(service_gaps.attribute == OTHER_SERVICE) & (service_gaps.over_cost > 0)]
    if over.empty or ledger.measured_events is None or costing is None:
        return pd.Series(dtype="str")
    work: pd.DataFrame = other_by_activity(ledger.measured_events, checked["customers"], costing).to_pandas()
    work = work[work.customer_id.isin(over.customer_id)]
    share = work.minutes / work.groupby("customer_id").minutes.transform("sum")
    most = work[share >= 0.5].drop_duplicates("customer_id")
    found: pd.Series[str] = most.set_index("customer_id").activity
    return found


@CATALOGUE.part()
def over_shares(gaps_by_level: pd.DataFrame, gaps_by_peers: pd.DataFrame) -> ibis.Table:
    """Return the part of each account's cost of an attribute that is over-service (Ibis), for the drivers."""
    import ibis
    import pandas as pd

    names = ["customer_id", "attribute", "over_cost", "cost"]
    rows = pd.concat([gaps_by_level[names], gaps_by_peers[names]])
    rows = rows[rows.over_cost > 0]
    rows = rows.assign(share=rows.over_cost / rows.cost).groupby(names[:2], as_index=False).share.sum()
    columns = {name: [*rows[name]] for name in rows.columns}
    return ibis.memtable(columns, schema={"customer_id": "string", "attribute": "string", "share": "float64"})


@CATALOGUE.part()
def levels_stated(gaps_by_level: pd.DataFrame) -> ibis.Table:
    """Return the services of which a level was agreed with an account, or is wanted by it: customer_id, attribute."""
    import ibis

    rows = gaps_by_level[["customer_id", "attribute"]].drop_duplicates()
    columns = {name: [*rows[name]] for name in rows.columns}
    return ibis.memtable(columns, schema={"customer_id": "string", "attribute": "string"})


@CATALOGUE.part()
def work_by_driver(ledger: Ledger, over_shares: ibis.Table) -> pd.DataFrame | None:
    """Return each account's work by driver and channel; None without service events."""
    return ledger.drivers(over_shares)


@CATALOGUE.part()
def unit_costs(service_by_activity: pd.DataFrame, attributes: Attributes) -> dict[str, float]:
    """Return what one unit of each attribute costs, over all accounts."""
    sums = service_by_activity.groupby("attribute")[["events", "minutes", "cost"]].sum()
    minutes = {name: attributes[name].measure == "minutes" for name in sums.index}
    units = {name: sums.minutes[name] if minutes[name] else sums.events[name] for name in sums.index}
    return {name: float(sums.cost[name] / units[name]) for name in sums.index if units[name] > 0}


@CATALOGUE.part()
def most_service(
    service_by_activity: pd.DataFrame,
    hours_to_answer: pd.DataFrame | None,
    days: pd.DataFrame,
    attributes: Attributes,
    window: Window,
) -> dict[str, float]:
    """Return the most service by attribute that any account gets, in units per period; of waiting, the least."""
    import pandas as pd

    pairs = [service_by_activity[["customer_id", "attribute"]].drop_duplicates()]
    timed = [name for name, a in attributes.items() if a.measure == "response_hours"]
    pairs += [days[["customer_id"]].assign(attribute=name) for name in timed]
    each = got(service_by_activity, hours_to_answer, days, pd.concat(pairs), attributes, window)
    best = (each.delivered * each.sign).groupby(each.attribute).max() * each.groupby("attribute").sign.first()
    return {str(name): float(value) for name, value in best.items()}


@CATALOGUE.table()
def offers(
    delivered: pd.DataFrame,
    customers_of_window: pd.DataFrame,
    service_by_activity: pd.DataFrame,
    ledger: Ledger,
    attributes: Attributes,
    piece_sizes: dict[str, float],
    unit_costs: dict[str, float],
) -> pd.DataFrame:
    """Return the price of standing ready."""
    known = delivered[delivered.customer_id.isin(customers_of_window.customer_id)]
    return priced_offers(
        known, customers_of_window, service_by_activity, ledger.resources, attributes, piece_sizes, unit_costs
    )


@CATALOGUE.table()
def trades(gaps_by_level: pd.DataFrame, unit_costs: dict[str, float]) -> pd.DataFrame:
    """Return what was agreed and is not wanted."""
    return worth_trading(gaps_by_level, unit_costs)


@CATALOGUE.part()
def surveys(checked: Checked, window: Window) -> pd.DataFrame | None:
    """Return the surveys up to the as-of day; None without any."""
    table = checked.get("surveys")
    if table is None:
        return None
    found: pd.DataFrame = table.filter(table.asked_on <= window.end).to_pandas()
    return found


@CATALOGUE.table()
def expectations(
    every_gap: pd.DataFrame,
    surveys: pd.DataFrame | None,
    unit_costs: dict[str, float],
    most_service: dict[str, float],
) -> pd.DataFrame:
    """Return the talks that the material gaps call for."""
    return talks(every_gap, surveys, unit_costs, most_service)


@CATALOGUE.table()
def answers(surveys: pd.DataFrame | None) -> pd.DataFrame:
    """Return what each account has told us in surveys: its latest answer to each question."""
    if surveys is None or surveys.empty:
        return empty("answers")
    return conform(latest_answers(surveys), "answers")


@CATALOGUE.table()
def service_money(
    ledger: Ledger,
    checked: Checked,
    service_judgement: pd.DataFrame,
    service_gaps: pd.DataFrame,
    levels: pd.DataFrame,
    offers: pd.DataFrame,
    unit_costs: dict[str, float],
) -> pd.DataFrame:
    """Return what service beyond what is due, after hours, standing ready and owed comes to."""
    judged = ledger.accounts[["customer_id"]].merge(service_judgement, on="customer_id", how="left")
    return in_money(judged, service_gaps, levels, offers, _after_hours(ledger, checked), unit_costs)


def _after_hours(ledger: Ledger, checked: Checked) -> pd.DataFrame | None:
    """Return what work after hours cost each account; None where the record does not say which was."""
    if ledger.events is None or not checked.says("service_events", "after_hours"):
        return None
    return after_hours_by_account(ledger.events, ledger.rates, checked["customers"])


@CATALOGUE.table()
def demand(ledger: Ledger, checked: Checked) -> pd.DataFrame:
    """Return cost to serve by channel, department, weekday and hour."""
    return _by_work(demand_by, "demand", ledger, checked)


@CATALOGUE.table()
def demand_by_week(ledger: Ledger, checked: Checked) -> pd.DataFrame:
    """Return cost to serve by week."""
    return _by_work(by_week, "demand_by_week", ledger, checked)


@CATALOGUE.table()
def unasked(ledger: Ledger, checked: Checked) -> pd.DataFrame:
    """Return work that nobody asked for, by who started it."""
    return _by_work(nobody_asked, "unasked", ledger, checked)


def _by_work(of: Any, name: str, ledger: Ledger, checked: Checked) -> pd.DataFrame:
    if ledger.events is None:
        return empty(name)
    found: pd.DataFrame = of(ledger.events, ledger.rates, checked["customers"])
    return found
