"""What `run.json` says of value: what the book is worth, what that rests on, what was left out and what is assumed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.data.checks import Checked
from analysis.formats import counted
from analysis.policy import Finance, Policy, Value
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.value.judgement.lifetime import Lifetimes, Staying, Worth
from analysis.topics.value.judgement.referral import acquisition_cost
from analysis.topics.value.judgement.rescue import hour_cost

if TYPE_CHECKING:
    import pandas as pd


@CATALOGUE.part("value.referral.acquisition_cost")
def value_facts(
    staying: Staying, lifetimes: Lifetimes, worth: Worth, statement: pd.DataFrame, policy: Policy
) -> dict[str, Any]:
    """Return what the book is worth and what that rests on.

    Keys: model (`signs`, `tenure`, `purchases` or `none`), endings and months (of the history that it was learnt from),
    accounts (still here), clv, low and high (of all of them together; low and high empty where nothing was drawn),
    acquisition_cost (of one account) and hour_cost; empty where nothing tells.
    """
    return {
        "model": staying.model,
        "endings": staying.endings,
        "months": lifetimes.months,
        "accounts": int((~staying.left).sum()),
        **worth.book,
        "acquisition_cost": acquisition_cost(statement, policy.value.referral.acquisition_cost),
        "hour_cost": hour_cost(statement),
    }


@CATALOGUE.part("value.minimum_endings", "value.referral.price_of_reach", "value.to_customer.minimum_parts")
def value_left_out(
    checked: Checked, staying: Staying, worth: Worth, value_judgement: pd.DataFrame, policy: Policy
) -> list[tuple[str, str]]:
    """Return what of value could not be measured, and why."""
    unknown = bool(worth.accounts.clv.isna().all())
    few = int(value_judgement.value_to_customer.isna().sum())
    return [*_left_out(checked, staying, unknown, few, policy.value)]


def _left_out(checked: Checked, staying: Staying, unknown: bool, few: int, policy: Value) -> Iterator[tuple[str, str]]:
    if staying.model == "none":
        yield (
            "Value over the lifetime",
            "the chance of leaving is not known: no end of an account lies in the data, there are no contracts, and "
            "the purchases do not tell who stops (too few came again, or nobody who did has stopped)",
        )
    elif unknown:
        yield "Value over the lifetime", "no account's running margin is measured"
    if staying.model == "tenure":
        yield (
            "What moves the chance of leaving",
            f"{staying.endings} endings in the history; the policy asks for "
            f"{policy.minimum_endings} (value.minimum_endings)",
        )
    if not checked.says("customers", "referred_by"):
        yield "Referrals", "`customers` has no referred_by"
    if "contracts" not in checked:
        yield "What accounting sees (contract_value, exit_fee)", "the dataset has no `contracts`"
    if "mentions" not in checked:
        yield "Word of mouth", "the dataset has no `mentions`"
    elif policy.referral.price_of_reach is None:
        yield "A price for word of mouth", "the policy states none (value.referral.price_of_reach)"
    if few:
        least = policy.to_customer.minimum_parts
        yield (
            f"Value to the customer of {counted(few, 'account')}",
            f"fewer than {least} of its five parts are known",
        )


@CATALOGUE.part(
    *("finance.horizon_months", "finance.discount_rate", "value.rescue.uplift", "value.referral.share"),
)
def value_assumptions(staying: Staying, referrals: pd.DataFrame, policy: Policy) -> list[str]:
    """Return what is assumed where value is told."""
    return [] if staying.model == "none" else [*_assumed(staying, referrals, policy.value, policy.finance)]


def _assumed(staying: Staying, referrals: pd.DataFrame, policy: Value, finance: Finance) -> Iterator[str]:
    yield (
        f"Values look {finance.horizon_months} months ahead at {finance.discount_rate:.1%} a year; what an account "
        "earns in a month, and what is known of it, are taken to stay as they are."
    )
    if staying.model == "purchases":
        yield "Nobody records that an account leaves: how long it stays is told from its purchases."
    low, likely, high = policy.rescue.uplift
    yield f"An effort to keep an account raises that chance by {likely:.0%} ({low:.0%} to {high:.0%})."
    if len(referrals):
        low, likely, high = policy.referral.share
        share = f"{likely:.0%} ({low:.0%} to {high:.0%})"
        yield f"Of the accounts that others brought in, {share} would not have come otherwise."
