"""The choices about what to do: what each step is assumed to change, the hours there are, and when to part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from analysis.settings import LISTED, Names, Range, Settings, merge

TEAMS = ("account_managers", "service", "finance")


class Assumptions(Settings):
    """What one step is assumed to change: a range is `[low, likely, high]`, or one number for a certainty."""

    share: Range = Field((0.0, 0.0, 0.0), description="of what it acts on that goes (`reprice`: the rise)")
    share_refused: Range = Field((0.0, 0.0, 0.0), description="that goes although the account does not agree")
    accepts: Range = Field((1.0, 1.0, 1.0), description="chance that the account goes along")
    pull: Range = Field((1.0, 1.0, 1.0), description="factor on its chance of leaving where it goes along")
    pull_refused: Range = Field((1.0, 1.0, 1.0), description="the same factor where it does not")
    cost_hours: Range = Field(
        (0.0, 0.0, 0.0), description="to do it once, in hours at what an hour of work costs in this portfolio"
    )
    cost: Range | None = Field(None, description="in money, to do it once; unset: `cost_hours` tells the amount")
    room: float | None = Field(
        None,
        gt=0,
        description="the most that `share` is of what the portfolio keeps of a sale as gross margin, where nobody "
        "states another `share`: thin margins leave prices little room; a rise is never of less than 1%",
    )
    hours: float = Field(0.0, ge=0, description="that it takes, once")
    team: str = Field("account_managers", description="whose hours: of `plan.hours`")
    considered: bool = Field(True, description="false: never proposed")

    @field_validator("share", "share_refused", "accepts")
    @classmethod
    def _is_a_share(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if value[0] < 0 or value[2] > 1:
            raise ValueError("a share lies between 0 and 1")
        return value

    @field_validator("pull", "pull_refused")
    @classmethod
    def _is_a_factor(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if value[0] < 0.2 or value[2] > 5:
            raise ValueError("a factor on the chance of leaving lies between 0.2 and 5")
        return value

    @field_validator("cost", "cost_hours")
    @classmethod
    def _is_a_cost(cls, value: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if value is not None and value[0] < 0:
            raise ValueError("a cost is 0 or more")
        return value


_MANAGERS, _SERVICE, _FINANCE = TEAMS
#: Hours in a quarter, until the policy states yours.
HOURS = {_MANAGERS: 160.0, _SERVICE: 120.0, _FINANCE: 40.0}
#: The assumptions of every step that changes anything. They are rules of thumb until `actions_taken` shows better.
DEFAULTS: dict[str, dict[str, Any]] = {
    "talk": {"pull": [0.94, 0.98, 1.0], "cost_hours": [0, 1, 2], "hours": 3.0, "team": _MANAGERS},
    "mend_our_failures": {
        **{"share": [0.35, 0.55, 0.7], "pull": [0.6, 0.72, 0.85]},
        **{"cost_hours": [10, 18, 30], "hours": 16.0, "team": _SERVICE},
    },
    "restore_service": {
        **{"share": [0.7, 0.9, 1.0], "pull": [0.6, 0.8, 0.95]},
        **{"cost_hours": [1.5, 3, 6], "hours": 6.0, "team": _SERVICE},
    },
    "invest": {
        **{"share": [0.05, 0.1, 0.15], "pull": [0.82, 0.93, 1.0]},
        **{"cost_hours": [6, 12, 24], "hours": 12.0, "team": _MANAGERS},
    },
    "educate": {
        **{"share": [0.03, 0.08, 0.15], "accepts": [0.3, 0.5, 0.7], "pull": [0.96, 1.0, 1.02]},
        **{"pull_refused": [1.0, 1.02, 1.05], "cost_hours": [4, 7, 12], "hours": 8.0, "team": _SERVICE},
    },
    "require_notice": {
        **{"share": [0.4, 0.6, 0.75], "accepts": [0.5, 0.7, 0.85], "pull": [0.98, 1.0, 1.05]},
        **{"pull_refused": [1.05, 1.15, 1.3], "cost_hours": [3, 5, 8], "hours": 5.0, "team": _MANAGERS},
    },
    "order_terms": {
        **{"share": [0.08, 0.18, 0.3], "accepts": [0.3, 0.5, 0.7], "pull": [1.0, 1.02, 1.06]},
        **{"pull_refused": [1.02, 1.08, 1.2], "cost_hours": [3, 5, 8], "hours": 5.0, "team": _MANAGERS},
    },
    "payment_terms": {
        **{"share": [0.5, 0.7, 0.85], "pull": [1.01, 1.03, 1.06]},
        **{"cost_hours": [2, 3, 5], "hours": 3.0, "team": _FINANCE},
    },
    "trim_frequency": {
        **{"share": [0.75, 0.9, 0.97], "share_refused": [0.75, 0.9, 0.97], "pull": [0.93, 0.98, 1.05]},
        **{"pull_refused": [1.15, 1.35, 1.6], "cost_hours": [4, 6, 10], "hours": 6.0, "team": _MANAGERS},
    },
    "change_offer": {
        **{"share": [0.3, 0.5, 0.7], "accepts": [0.3, 0.5, 0.7], "pull": [0.95, 0.99, 1.03]},
        **{"pull_refused": [1.0, 1.03, 1.1], "cost_hours": [6, 10, 18], "hours": 10.0, "team": _MANAGERS},
    },
    "change_channel": {
        **{"share": [0.15, 0.25, 0.35], "accepts": [0.3, 0.45, 0.6], "pull": [0.97, 1.0, 1.04]},
        **{"pull_refused": [1.05, 1.12, 1.25], "cost_hours": [4, 7, 12], "hours": 6.0, "team": _SERVICE},
    },
    "change_staff": {
        **{"share": [0.05, 0.12, 0.25], "accepts": [0.4, 0.6, 0.8], "pull": [1.0, 1.04, 1.1]},
        **{"pull_refused": [1.05, 1.15, 1.3], "cost_hours": [4, 8, 16], "hours": 8.0, "team": _SERVICE},
    },
    "charge_out_of_scope": {
        **{"share": [0.45, 0.65, 0.8], "pull": [1.02, 1.05, 1.1]},
        **{"cost_hours": [2.5, 4, 7], "hours": 4.0, "team": _MANAGERS},
    },
    "reprice": {
        **{"share": [0.04, 0.04, 0.04], "share_refused": [0.005, 0.012, 0.02], "accepts": [0.35, 0.45, 0.55]},
        **{"room": 0.15},
        **{"pull": [1.01, 1.04, 1.1], "pull_refused": [1.6, 2.2, 2.8]},
        **{"cost_hours": [2.5, 4, 7], "hours": 5.0, "team": _MANAGERS},
    },
    "change_tier": {
        **{"share": [0.05, 0.12, 0.2], "accepts": [0.25, 0.4, 0.6], "pull": [1.0, 1.05, 1.12]},
        **{"pull_refused": [1.08, 1.2, 1.4], "cost_hours": [5, 8, 14], "hours": 8.0, "team": _MANAGERS},
    },
    "terminate": {"cost_hours": [5, 10, 30], "hours": 14.0, "team": _MANAGERS},
}


class Steps(Settings):
    """How steps are weighed, whichever they are."""

    draws: int = Field(200, ge=20, le=5_000, description="of every step's assumptions; a range is their 5% to 95%")
    seed: int = Field(1, ge=0, description="the same seed gives the same answer")
    discontent: float = Field(
        0.6, ge=0, le=1, description="factor on the chance that an account goes along where it is not content"
    )
    content_from: float = Field(
        3.0, ge=1, le=5, description="mean of its answers to surveys and on cases from which an account is content"
    )
    usual_failures: float = Field(
        0.05, ge=0, lt=1, description="share of cases caused by us that mending does not go below"
    )
    marked_failures: float = Field(
        0.20, gt=0, le=1, description="share of cases caused by us at which `mend_our_failures` has its stated `pull`"
    )
    own_failures: float = Field(
        0.30, gt=0, le=1, description="of cost to serve from which our failures are mended before anything is asked"
    )
    material_trouble: float = Field(
        40.0, ge=0, le=100, description="of `trouble` from which it matters that half of it or more is ours"
    )
    by_hand: Names = Field(
        ("phone", "email", "chat"), description="channels that `change_channel` moves work away from"
    )
    again_after_months: int = Field(
        12, ge=0, description="a step that was taken or refused is not proposed again before that"
    )
    learn: bool = Field(True, description="what is assumed of a step follows the record of those that were taken")
    doubt: float = Field(
        0.45, gt=0, le=2, description="how far what comes may be from a rule of thumb, over it, before any record"
    )
    doubt_shared: float = Field(
        0.3, ge=0, lt=1, description="the part of that doubt (its variance) that all steps have in common"
    )
    segments: Annotated[tuple[Literal["industry", "region", "size", "account_manager"], ...], LISTED] = Field(
        ("industry", "region", "size"),
        description="columns of the customers by which a long record may show that a step works here and not there",
    )
    packages: int = Field(2_000, ge=0, description="accounts with most to gain for which combinations are looked for")


class Plan(Settings):
    """The hours that the teams have for steps, and how many of a kind may be taken at once."""

    quarters: int = Field(2, ge=1, le=8, description="quarters that are planned")
    hours: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda: dict(HOURS),
        description="hours of each team in a quarter, laid on the defaults; another team is a resource or a department",
    )
    at_most: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default_factory=lambda: {"reprice": 20}, description="how many of a step may be taken in a quarter"
    )
    basis: Literal["full", "cash"] = Field(
        "full",
        description="what the plan has most of: value at full cost, as capacity follows work in time; or cash alone",
    )
    caution: float = Field(
        0.25, ge=0, le=1, description="weight of what the plan adds in the worst tenth of the draws; 0: expected alone"
    )
    most_on_one: float = Field(
        1.0, gt=0, le=1, description="the most of the plan's value that may rest on one step; 1: no limit"
    )
    accounts: int = Field(
        20_000, ge=10, le=200_000, description="accounts with most to gain that the solver weighs; its gap counts all"
    )
    seconds: float = Field(20.0, gt=0, description="that the solver may take; it stops within a hair of the optimum")

    @field_validator("hours", mode="before")
    @classmethod
    def _on_the_defaults(cls, value: Any) -> Any:
        return {**HOURS, **value} if isinstance(value, dict) else value


class Ending(Settings):
    """When parting with an account may be proposed at all. Each rule has to hold, and a person approves."""

    sure: float = Field(0.8, gt=0.5, lt=1, description="share of the draws in which ending it must gain")
    unknown_share: float = Field(0.10, ge=0, le=1, description="of its cost whose avoidable share may be unknown")
    linked_share: float = Field(
        0.25, ge=0, le=1, description="of the value of accounts of its group, and of those it brought in, put at risk"
    )
    notice_months: int = Field(3, ge=0, description="notice that a decent ending gives")
    approved: Names = Field((), description="accounts whose ending a person has approved")


def with_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every step's assumptions: the defaults, with those given laid on them.

    Raises
    ------
    ValueError
        A step that there is not.
    """
    unknown = sorted(set(given) - set(DEFAULTS))
    if unknown:
        raise ValueError(f"there is no step {unknown[0]!r}; known: {', '.join(DEFAULTS)}")
    return merge(DEFAULTS, given)


def default_actions() -> dict[str, Assumptions]:
    """Return the assumptions that hold where the policy states none."""
    return {name: Assumptions.model_validate(values) for name, values in DEFAULTS.items()}
