"""The choices that a user makes: every key of `policy.toml`, typed, with its default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from analysis.errors import PolicyError
from analysis.policy.calendar import Calendar
from analysis.policy.general import Checks, Costs, Finance, Peers, Segments, Uncertainty, WindowPolicy
from analysis.settings import Settings, merge, read_toml, validate
from analysis.topics.actions.policy import Assumptions, Ending, Plan, Steps, default_actions, with_defaults
from analysis.topics.archetypes.policy import Archetypes
from analysis.topics.backtest.policy import Backtest
from analysis.topics.difficulty.policy import Difficulty
from analysis.topics.perception.policy import Perception
from analysis.topics.sellers.policy import Sellers
from analysis.topics.service.policy import OverService, ServiceAttribute, UnderService, Where, default_attributes
from analysis.topics.value.policy import Value

__all__ = [
    "PERIOD_MONTHS",
    "Archetypes",
    "Assumptions",
    "Backtest",
    "Calendar",
    "Checks",
    "Costs",
    "Difficulty",
    "Ending",
    "Finance",
    "OverService",
    "Peers",
    "Perception",
    "Plan",
    "Policy",
    "Segments",
    "Sellers",
    "ServiceAttribute",
    "Steps",
    "Uncertainty",
    "UnderService",
    "Value",
    "Where",
    "WindowPolicy",
]

Level = Annotated[float, Field(ge=0, allow_inf_nan=True)]
PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Policy(Settings):
    """The policy in force. An empty one works: every key has its default."""

    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="of every amount (ISO 4217)")
    timezone: str = Field("UTC", description="timestamps with an offset become local to it")
    logged_zero: Literal["missing", "zero"] = Field(
        "missing", description="a logged 0 counts as not logged, or is taken at its word"
    )
    window: WindowPolicy = Field(default_factory=WindowPolicy, description="what a run looks at")
    calendar: Calendar | None = Field(None, description="when we work; without it hours are hours of the clock")
    finance: Finance = Field(default_factory=Finance, description="the price of money")
    costs: Costs = Field(default_factory=Costs, description="what is assumed where the data is silent")
    checks: Checks = Field(default_factory=Checks, description="what a run may bear")
    segments: Segments = Field(default_factory=Segments, description="where the lines lie")
    peers: Peers = Field(default_factory=Peers, description="who is compared with whom")
    uncertainty: Uncertainty = Field(default_factory=Uncertainty, description="how cost ranges are drawn from")
    over_service: OverService = Field(default_factory=OverService, description="when over-service is material")
    under_service: UnderService = Field(default_factory=UnderService, description="when a shortfall is material")
    difficulty: Difficulty = Field(default_factory=Difficulty, description="when an account is difficult")
    perception: Perception = Field(
        default_factory=Perception, description="which ratings count, and when a reputation is none"
    )
    archetypes: Archetypes = Field(default_factory=Archetypes, description="when accounts make a kind")
    sellers: Sellers = Field(default_factory=Sellers, description="the scorecard of account managers")
    backtest: Backtest = Field(default_factory=Backtest, description="how the past is replayed")
    value: Value = Field(default_factory=Value, description="what a relationship is worth, and what is assumed of it")
    service: dict[str, ServiceAttribute] = Field(
        default_factory=default_attributes, description="service attributes; entries replace the defaults"
    )
    tiers: dict[str, dict[str, Level]] = Field(
        default_factory=dict, description="entitled levels of a tier, by attribute (`inf`: unlimited)"
    )

    actions: dict[str, Assumptions] = Field(
        default_factory=default_actions, description="what each step is assumed to change; laid on the defaults"
    )
    steps: Steps = Field(default_factory=Steps, description="how steps are weighed")
    plan: Plan = Field(default_factory=Plan, description="the hours that there are for steps")
    ending: Ending = Field(default_factory=Ending, description="when parting may be proposed")

    @field_validator("actions", mode="before")
    @classmethod
    def _on_the_defaults(cls, value: Any) -> Any:
        return with_defaults(value) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _teams_have_hours(self) -> Self:
        lost = sorted({assumed.team for assumed in self.actions.values()} - set(self.plan.hours))
        if lost:
            raise ValueError(f"actions name the team {lost[0]!r}, but plan.hours has no hours of it")
        return self

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"unknown time zone {value!r}; write it as in Europe/Berlin") from None
        return value

    @classmethod
    def read(cls, file: Path | None, overrides: Mapping[str, Any] | None = None) -> Self:
        """Return the policy of a file (none: the defaults) with overrides laid on it, nested alike.

        Raises
        ------
        PolicyError
            An unknown key, a missing file or a value of the wrong kind; every one is named.
        """
        content = read_toml(file, PolicyError) if file else {}
        return validate(cls, merge(content, overrides or {}), file.name if file else "policy", PolicyError)

    def in_force(self) -> dict[str, Any]:
        """Return every key with its value, as plain JSON values."""
        return self.model_dump(mode="json", exclude_none=True)

    def stated(self) -> dict[str, Any]:
        """Return the keys that the user states, as plain JSON values: what is left is the default of a version."""
        return self.model_dump(mode="json", exclude_none=True, exclude_unset=True)
