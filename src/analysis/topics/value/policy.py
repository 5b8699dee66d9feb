"""The choices about what a relationship is worth: to us, through those it brought in, and to the account."""

from __future__ import annotations

from pydantic import Field, field_validator

from analysis.settings import Range, Settings


def _are_shares(value: tuple[float, ...]) -> tuple[float, ...]:
    if value[0] < 0 or value[2] > 1:
        raise ValueError("a share lies between 0 and 1")
    return value


class Rescue(Settings):
    """What is assumed of the effort to keep an account, and which accounts to look at first."""

    uplift: Range = Field(
        (0.05, 0.10, 0.20), description="by which an effort raises the chance of keeping an account: low, likely, high"
    )
    renewal_months: int = Field(6, ge=1, le=60, description="ahead that a contract's end counts as up for renewal")
    silent_days: int = Field(90, ge=1, description="without a contact from which an account counts as silent")

    _shares = field_validator("uplift")(_are_shares)


class Referral(Settings):
    """What is assumed of the accounts that others brought in, and of what accounts say in public."""

    share: Range = Field(
        (0.25, 0.5, 0.75),
        description="of referred accounts that would not have come otherwise: low, likely, high; the others saved the "
        "cost of winning them",
    )
    acquisition_cost: float | None = Field(
        None, ge=0, description="of winning one account; unset: what obtaining cost in the window, per account won"
    )
    price_of_reach: float | None = Field(
        None, ge=0, description="the most that 1,000 people reached with a good word are worth; unset: it has no price"
    )
    in_save_budget: bool = Field(
        False, description="count the middle of what a good word may be worth in save_budget; it needs a price_of_reach"
    )

    _shares = field_validator("share")(_are_shares)


class ToCustomer(Settings):
    """How the parts of what an account gets for its money are weighed."""

    minimum_parts: int = Field(3, ge=1, le=5, description="known, below which value_to_customer is empty")
    wants_met: float = Field(1.0, ge=0, description="weight of the wants met")
    promises_kept: float = Field(1.0, ge=0, description="weight of the promises kept")
    price: float = Field(1.0, ge=0, description="weight of the price against list and peers")
    satisfaction: float = Field(1.0, ge=0, description="weight of satisfaction")
    wanted_share: float = Field(1.0, ge=0, description="weight of the share of service that it wants")
    shrink: float = Field(4.0, ge=0, description="promises and answers of the portfolio that its own are shrunk by")


class Value(Settings):
    """How lifetimes are learnt and what is assumed of keeping accounts and of those that they bring in."""

    minimum_endings: int = Field(
        20, ge=1, description="in the history, below which tenure alone tells the chance of leaving"
    )
    prior: float = Field(
        0.25,
        gt=0,
        le=5,
        description="standard deviation of what a sign may do to the log-odds of leaving",
    )
    draws: int = Field(100, ge=20, le=1_000, description="of the bootstrap that the ranges rest on")
    seed: int = Field(1, ge=0, description="the same seed gives the same answer")
    rescue: Rescue = Field(default_factory=Rescue, description="the effort to keep an account")
    referral: Referral = Field(default_factory=Referral, description="the accounts that it brought in")
    to_customer: ToCustomer = Field(default_factory=ToCustomer, description="what it gets for its money")
