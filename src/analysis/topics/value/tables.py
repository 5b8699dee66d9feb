"""What each relationship is worth, to us and to the account. Every frame and array is in the order of `statement`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty, net_of
from analysis.data.span import begins
from analysis.ledger.ledger import Ledger
from analysis.ledger.working_time import WorkingTime
from analysis.policy import Policy
from analysis.statistics.ends import REACH
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.difficulty.judgement.ours_first import ours_first
from analysis.topics.value.judgement.hazard import what_moves
from analysis.topics.value.judgement.history import history
from analysis.topics.value.judgement.lenses import accounting, contracts_ahead, first_sales
from analysis.topics.value.judgement.lenses import lenses as through_lenses
from analysis.topics.value.judgement.lifetime import Lifetimes, Staying, Worth
from analysis.topics.value.judgement.lifetime import worth as discounted
from analysis.topics.value.judgement.margin import avoidable_serving, month_sales, month_squares, shortest, shrunk
from analysis.topics.value.judgement.mutual_value import (
    LEAST_MARK,
    MARKS,
    price_rank,
    promises_due,
    shrunk_share,
    wants_met,
)
from analysis.topics.value.judgement.mutual_value import mutual_value as of_both
from analysis.topics.value.judgement.referral import acquisition_cost, referral_value
from analysis.topics.value.judgement.referral import referrals as brought_in
from analysis.topics.value.judgement.referral import word_of_mouth as said_in_public
from analysis.topics.value.judgement.rescue import hour_cost, last_contacts, save_budget
from analysis.topics.value.judgement.rescue import protect_first as to_protect
from analysis.topics.value.judgement.rescue import rescue as at_stake_first
from analysis.topics.value.judgement.signs import YEAR
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd
    from numpy import float64
    from numpy.typing import NDArray

    Floats = NDArray[float64]


@CATALOGUE.part()
def months_there(statement: pd.DataFrame, days: pd.DataFrame, window: Window) -> Floats:
    """Return the months of the window that each account was a customer."""
    mine = statement[["customer_id"]].merge(days, on="customer_id", how="left").days
    return mine.to_numpy(dtype="float64") / window.days * window.months


@CATALOGUE.part("value", "finance.horizon_months")
def lifetimes(
    checked: Checked, listed: pd.DataFrame, working_time: WorkingTime, policy: Policy, window: Window
) -> Lifetimes:
    """Return how long accounts stay, to be learnt: as far as values look, and a year at least."""
    horizon = max(policy.finance.horizon_months, YEAR)
    names = listed.customer_id.reset_index(drop=True)
    return Lifetimes(checked, names, window.after, begins(checked), policy.value, horizon, working_time)


@CATALOGUE.part()
def staying(lifetimes: Lifetimes) -> Staying:
    """Return how long accounts stay."""
    return lifetimes.staying


@CATALOGUE.part()
def left(statement: pd.DataFrame, staying: Staying) -> pd.Series[bool]:
    """Return which accounts have left."""
    import pandas as pd

    return pd.Series(staying.left, index=statement.index)


@CATALOGUE.part("peers.by", "peers.minimum")
def like_value(statement: pd.DataFrame, policy: Policy) -> pd.Series[str]:
    """Return who is like whom: by the policy's columns, where they are enough; else all accounts together."""
    import pandas as pd

    by = ("size",) if policy.peers.by is None else policy.peers.by
    alike = [statement[name].astype("str").fillna("") for name in by]
    keys = pd.Series("", index=statement.index, dtype="str").str.cat(alike, sep="/")
    return keys.where(keys.groupby(keys).transform("size") >= policy.peers.minimum, "")


@CATALOGUE.part()
def monthly_margin(
    statement: pd.DataFrame, ledger: Ledger, months_there: Floats, like_value: pd.Series[str], window: Window
) -> pd.DataFrame:
    """Return what an account earns in a month as a customer: `full` and `avoidable` (at avoidable cost).

    With `own`, the weight of its own months, and `spread`, the standard deviation of what is not known of `full`.
    """
    squares = month_squares(ledger.lines, ledger.events, ledger.rates, window)
    rows = statement[["customer_id", "cost_to_serve"]].merge(squares, on="customer_id", how="left")
    rows = rows.merge(month_sales(ledger.lines, window), on="customer_id", how="left")
    before_serving = statement.gross_margin - statement.write_offs - statement.financing_cost
    rows = rows.assign(
        months=months_there,
        full=statement.running_margin,
        avoidable=before_serving - _avoidable_serving(statement, ledger),
        revenue=statement.net_revenue,
    )
    return shrunk(rows, like_value, window.months)


def _avoidable_serving(statement: pd.DataFrame, ledger: Ledger) -> pd.Series[float]:
    """Return what of the cost to serve would go with each account."""
    if ledger.work is None:
        return statement.cost_to_serve
    found = statement[["customer_id"]].merge(avoidable_serving(ledger.work), on="customer_id", how="left")
    return found.avoidable_serving.fillna(0.0)


@CATALOGUE.part("finance.discount_rate", "finance.horizon_months", "value.seed")
def worth(
    drawn: pd.DataFrame,
    staying: Staying,
    monthly_margin: pd.DataFrame,
    months_there: Floats,
    policy: Policy,
    window: Window,
) -> Worth:
    """Return the value of each account's margin ahead, and of the book's."""
    import numpy as np

    months = np.maximum(months_there, shortest(window.months))
    cost_spread = (drawn.net_margin_high - drawn.net_margin_low) / (2.0 * REACH) / months
    ahead = staying.until(policy.finance.horizon_months)
    return discounted(ahead, monthly_margin, cost_spread, policy.finance.discount_rate, policy.value.seed)


@CATALOGUE.part("value.referral")
def referrals_priced(statement: pd.DataFrame, checked: Checked, worth: Worth, policy: Policy) -> pd.DataFrame:
    """Return the accounts that others brought in, with what that is worth."""
    found = checked["customers"].select("customer_id", "referred_by").to_pandas()
    customers = statement[["customer_id"]].merge(found, on="customer_id", how="left")
    cost = acquisition_cost(statement, policy.value.referral.acquisition_cost)
    clv = statement[["customer_id"]].assign(clv=worth.accounts.clv)
    return brought_in(customers, clv, cost, policy.value.referral)


@CATALOGUE.table()
def referrals(referrals_priced: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts that others brought in."""
    return conform(referrals_priced, "referrals")


@CATALOGUE.part("value.referral.price_of_reach")
def said_of_us(statement: pd.DataFrame, checked: Checked, policy: Policy, window: Window) -> pd.DataFrame:
    """Return what accounts say in public, in the order of `statement`."""
    mentions = checked.get("mentions")
    if mentions is None:
        return empty("word_of_mouth")
    return said_in_public(mentions, statement.customer_id, window, policy.value.referral.price_of_reach)


@CATALOGUE.table()
def word_of_mouth(said_of_us: pd.DataFrame) -> pd.DataFrame:
    """Return what accounts say in public."""
    return conform(said_of_us, "word_of_mouth")


@CATALOGUE.part()
def contracts_held(checked: Checked, window: Window) -> pd.DataFrame | None:
    """Return what contracts bring from the as-of day on; None without contracts."""
    contracts = checked.get("contracts")
    return None if contracts is None else contracts_ahead(contracts, window)


@CATALOGUE.part("value.to_customer.shrink")
def parts_to_customer(
    served: pd.DataFrame,
    case_sums: pd.DataFrame | None,
    delivered: pd.DataFrame,
    checked: Checked,
    like_value: pd.Series[str],
    working_time: WorkingTime,
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return the parts of what each account gets, each 0 to 100 or empty, beside its customer_id."""
    import pandas as pd

    strength = policy.value.to_customer.shrink
    due, kept = promises_due(served.customer_id, case_sums)
    seen = history(checked, served.customer_id, window.after, window.months, working_time)
    marks, answers = (
        pd.Series(seen.counts[name].sum(axis=1), served.index, dtype="float64") for name in ("satisfaction", "answers")
    )
    unwanted = served.beyond_wanted_cost / served.cost_to_serve.where(served.cost_to_serve > 0)
    wants = served[["customer_id"]].merge(wants_met(delivered), on="customer_id", how="left")
    return served[["customer_id"]].assign(
        wants_met=wants.wants_met,
        promises_kept=100.0 * shrunk_share(kept, due, strength),
        price=price_rank(served, like_value),
        satisfaction=100.0 * (shrunk_share(marks, answers, strength) - LEAST_MARK) / MARKS,
        wanted_share=100.0 * (1.0 - unwanted).clip(0.0, 1.0),
    )


@CATALOGUE.part("value.to_customer")
def value_of_both(parts_to_customer: pd.DataFrame, worth: Worth, left: pd.Series[bool], policy: Policy) -> pd.DataFrame:
    """Return what each account gets for its money, beside its value to us."""
    return of_both(parts_to_customer, worth.accounts.clv, left, policy.value.to_customer)


@CATALOGUE.table()
def mutual_value(value_of_both: pd.DataFrame) -> pd.DataFrame:
    """Return what each account gets for its money, beside its value to us."""
    return conform(value_of_both, "mutual_value")


@CATALOGUE.part("value.rescue", "value.referral.in_save_budget")
def value_judgement(
    statement: pd.DataFrame,
    checked: Checked,
    monthly_margin: pd.DataFrame,
    staying: Staying,
    worth: Worth,
    referrals_priced: pd.DataFrame,
    said_of_us: pd.DataFrame,
    contracts_held: pd.DataFrame | None,
    value_of_both: pd.DataFrame,
    left: pd.Series[bool],
    policy: Policy,
) -> pd.DataFrame:
    """Return what each account is worth: `customer_id` and columns of `tables/accounts`."""
    names, clv = statement.customer_id, worth.accounts
    sent = bool(checked.says("customers", "referred_by"))
    brought = referral_value(names, referrals_priced, sent)
    lost = clv.clv_avoidable  # what is lost if an account goes; with a good word, where the policy counts it
    if policy.value.referral.in_save_budget:
        said = statement[["customer_id"]].merge(said_of_us, on="customer_id", how="left")
        lost = lost + ((said.low + said.high) / 2.0).fillna(0.0).mask(left, 0.0)
    return statement[["customer_id"]].assign(
        **clv,
        margin_month=monthly_margin.full,
        margin_own=monthly_margin.own,
        leaves_year=1.0 - (1.0 - staying.hazards[:, :YEAR]).prod(axis=1),
        referral_value=brought,
        relationship_value=clv.clv + brought,
        **accounting(names, contracts_held, left),
        **save_budget(lost, policy.value.rescue),
        value_to_customer=value_of_both.value_to_customer,
    )


@CATALOGUE.part()
def at_stake(value_judgement: pd.DataFrame, statement: pd.DataFrame, left: pd.Series[bool]) -> pd.DataFrame:
    """Return the accounts that may leave, by what is at stake."""
    return at_stake_first(value_judgement.assign(left=left), hour_cost(statement))


@CATALOGUE.table()
def rescue(at_stake: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts that may leave, by what is at stake."""
    return conform(at_stake, "rescue")


@CATALOGUE.table("steps.material_trouble", "steps.own_failures", "value.rescue")
def protect_first(
    at_stake: pd.DataFrame,
    of_a_kind: pd.DataFrame,
    contracts_held: pd.DataFrame | None,
    checked: Checked,
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return the accounts worth keeping that are under-served, failed by us, silent or up for renewal."""
    rows = of_a_kind[["customer_id", "net_margin", "under_served"]]
    rows = rows.assign(failed_by_us=ours_first(of_a_kind, policy))
    contacts = last_contacts(checked.get("service_events"), checked.get("cases"), window)
    for part, column in ((contracts_held, "contract_ends"), (contacts, "last")):
        found = part[["customer_id", column]] if part is not None else None
        rows = rows.assign(**{column: None}) if found is None else rows.merge(found, on="customer_id", how="left")
    return conform(to_protect(at_stake, rows, policy.value.rescue, window), "protect_first")


@CATALOGUE.table()
def lenses(value_judgement: pd.DataFrame, left: pd.Series[bool], checked: Checked, window: Window) -> pd.DataFrame:
    """Return each account that is still here through the three lenses."""
    rows, lines, first = value_judgement[~left].reset_index(drop=True), checked.get("transactions"), begins(checked)
    if lines is None or first is None:
        return conform(through_lenses(rows), "lenses")
    whose = checked["customers"].select("customer_id", "since")
    dated = lines.mutate(net=net_of(lines)).inner_join(whose, "customer_id")
    sold = first_sales(dated, window, first)
    return conform(through_lenses(rows.merge(sold, on="customer_id", how="left")), "lenses")


@CATALOGUE.table()
def staying_fit(lifetimes: Lifetimes) -> pd.DataFrame:
    """Return how the chances of leaving compare with what happened."""
    found = lifetimes.calibration()
    return empty("staying_fit") if found is None else conform(found, "staying_fit")


@CATALOGUE.table()
def staying_signs(staying: Staying) -> pd.DataFrame:
    """Return what moves the chance of leaving."""
    model = staying.hazard_model
    return empty("staying_signs") if model is None else conform(what_moves(model), "staying_signs")
