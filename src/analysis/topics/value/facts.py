"""What `run.json` says of value: what the book is worth, what that rests on, what was left out and what is assumed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.formats import counted
from analysis.topics.value.judgement.referral import acquisition_cost
from analysis.topics.value.judgement.rescue import hour_cost

if TYPE_CHECKING:
    from analysis.tables.computed import Computed

#: Numbers of value that have no total: chances, ranges, shares of a total, and what others' values hold already.
NO_SUMS = (
    *("clv_low", "clv_high", "margin_own", "leaves_year", "referral_value", "relationship_value", "value_to_customer"),
    *("save_budget", "save_budget_low", "save_budget_high"),
)


def value_facts(of: Computed) -> dict[str, Any]:
    """Return what the book is worth and what that rests on.

    Keys: model (`signs`, `tenure`, `purchases` or `none`), endings and months (of the history that it was learnt from),
    accounts (still here), clv, low and high (of all of them together; low and high empty where nothing was drawn),
    acquisition_cost (of one account) and hour_cost; empty where nothing tells.
    """
    staying, known = of.staying, of.statement
    return {
        "model": staying.model,
        "endings": staying.endings,
        "months": of.lifetimes.months,
        "accounts": int((~staying.left).sum()),
        **of.worth.book,
        "acquisition_cost": acquisition_cost(known, of.policy.value.referral.acquisition_cost),
        "hour_cost": hour_cost(known),
    }


def value_left_out(of: Computed) -> Iterator[tuple[str, str]]:
    """Yield what of value could not be measured, and why."""
    checked, model = of.checked, of.staying.model
    if model == "none":
        yield (
            "Value over the lifetime",
            "the chance of leaving is not known: no account has ever ended, there are no contracts, and the purchases "
            "do not tell who stops (too few came again, or nobody who did has stopped)",
        )
    elif of.worth.accounts.clv.isna().all():
        yield "Value over the lifetime", "no account's running margin is measured"
    if model == "tenure":
        yield (
            "What moves the chance of leaving",
            f"{of.staying.endings} endings in the history; the policy asks for "
            f"{of.policy.value.minimum_endings} (value.minimum_endings)",
        )
    if "referred_by" not in checked.tables["customers"].given:
        yield "Referrals", "`customers` has no referred_by"
    if "contracts" not in checked:
        yield "What accounting sees (contract_value, exit_fee)", "the dataset has no `contracts`"
    if "mentions" not in checked:
        yield "Word of mouth", "the dataset has no `mentions`"
    elif of.policy.value.referral.price_of_reach is None:
        yield "A price for word of mouth", "the policy states none (value.referral.price_of_reach)"
    few = int(of.value_judgement.value_to_customer.isna().sum())
    if few:
        least = of.policy.value.to_customer.minimum_parts
        yield (
            f"Value to the customer of {counted(few, 'account')}",
            f"fewer than {least} of its five parts are known",
        )


def value_assumptions(of: Computed) -> Iterator[str]:
    """Yield what is assumed where value is told."""
    policy, finance = of.policy.value, of.policy.finance
    model = of.staying.model
    if model == "none":
        return
    yield (
        f"Values look {finance.horizon_months} months ahead at {finance.discount_rate:.1%} a year; what an account "
        "earns in a month, and what is known of it, are taken to stay as they are."
    )
    if model == "purchases":
        yield "Nobody records that an account leaves: how long it stays is told from its purchases."
    low, likely, high = policy.rescue.uplift
    yield f"An effort to keep an account raises that chance by {likely:.0%} ({low:.0%} to {high:.0%})."
    if of.referrals.shape[0]:
        low, likely, high = policy.referral.share
        share = f"{likely:.0%} ({low:.0%} to {high:.0%})"
        yield f"Of the accounts that others brought in, {share} would not have come otherwise."
