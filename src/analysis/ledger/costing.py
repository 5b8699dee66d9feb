"""`costing.toml`: what service costs, by time-driven activity-based costing.

Kaplan & Anderson, "Time-Driven Activity-Based Costing", Harvard Business Review 82(11), 2004:
rate = cost of capacity supplied / practical capacity; cost of an event = its minutes x the rate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from analysis.errors import DataError, Example, Problem
from analysis.policy import PERIOD_MONTHS
from analysis.settings import Day, Settings, read_toml, validate

#: No minute of a resource costs more, in any currency, and no unit of work takes more minutes.
MOST_A_MINUTE = 1_000_000
NotNegative = Annotated[float, Field(ge=0, le=MOST_A_MINUTE)]
Uncertainty = Annotated[float, Field(ge=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]
GROUP_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Resource(Settings):
    """A group of people and what they use."""

    cost: float = Field(gt=0, description="of the capacity supplied, in the period")
    capacity_minutes: float = Field(gt=0, description="practical capacity, in the period")
    uncertainty: Uncertainty = Field(0.0, description="relative half-width of the rate's range (triangular)")
    avoidable: Share | None = Field(None, description="the share of its cost that would go if the work did")
    resale: NotNegative = Field(0.0, description="money that a freed minute would bring")
    capacity_step: float | None = Field(
        None,
        gt=0,
        description="the least capacity that can be let go at once (a person, a shift): minutes in the period",
    )

    @property
    def rate(self) -> float:
        """Cost of a minute: cost of the capacity supplied / practical capacity.

        Examples
        --------
        >>> Resource(cost=560000.0, capacity_minutes=700000.0).rate
        0.8
        """
        return self.cost / self.capacity_minutes


class Activity(Settings):
    """A kind of work: who does it, for what, and how long it takes."""

    resource: str = Field(description="the resource that does it")
    group: str = Field("", description="line of the account's statement; empty: the resource")
    purpose: Literal["serve", "obtain", "retain"] = Field(
        "serve", description="serve the customer, obtain (win new business) or retain it"
    )
    demand: Literal["value", "failure"] = Field(
        "value", description="value: work the customer pays for; failure: work that a failure of ours caused"
    )
    per_order: bool = Field(
        False, description="it handles orders: what it costs above peers' is the size of the orders"
    )
    minutes: NotNegative = Field(0.0, description="the time equation's first term; used where an event logs no minutes")
    uncertainty: Uncertainty = Field(0.0, description="relative half-width of the range of its modelled minutes")
    per: dict[str, NotNegative] = Field(
        default_factory=dict, description="minutes for each unit of a numeric column of the event"
    )
    when: dict[str, NotNegative] = Field(
        default_factory=dict, description="minutes more where a true/false column, or `column=value`, holds"
    )

    @field_validator("group")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if value and not GROUP_NAME.fullmatch(value):
            raise ValueError("a group names a column `cts_<group>`: letters, digits and _ only")
        return value


class Control(Settings):
    """The books, for the window, to tie the run to."""

    as_of: Day | None = Field(
        None,
        description="the last day of the window that these are of: a run of another one is not tied to them, and says "
        "so; where it is not stated they are taken to be of every run's window",
    )
    revenue: float | None = Field(None, description="net revenue")
    cogs: float | None = Field(None, description="cost of goods sold")
    operating_profit: float | None = Field(None, description="operating profit: where the bridge ends")


class Costing(Settings):
    """Resources, activities and the books, as `costing.toml` states them."""

    period: Literal["month", "quarter", "year"] = Field(description="what the costs and capacities below cover")
    resources: dict[str, Resource] = Field(default_factory=dict, description="who does the work, by name")
    activities: dict[str, Activity] = Field(default_factory=dict, description="the kinds of work, by name")
    control: Control | None = Field(None, description="the books")

    @classmethod
    def read(cls, file: Path) -> Costing:
        """Return the costing of a file.

        Raises
        ------
        DataError
            With every problem at once: a resource without cost or capacity, an activity without a
            resource, a negative term, an uncertainty of 1 or more, an unknown key.
        """
        return cls.of(read_toml(file, DataError), file.name)

    @classmethod
    def of(cls, content: Mapping[str, Any], file: str = "costing.toml") -> Costing:
        """Return the costing of what a file says, nested as in it.

        Raises
        ------
        DataError
            With every problem at once, as `read` has them; they name the file.
        """
        costing = validate(cls, content, file, DataError)
        if problems := list(costing.problems(file)):
            raise DataError(problems)
        return costing

    def books_of(self, as_of: date) -> Control | None:
        """Return the books of the window that ends with a day; None where none are stated, or those of another one."""
        control = self.control
        return None if control is None or (control.as_of or as_of) != as_of else control

    def problems(self, file: str) -> Iterator[Problem]:
        """Yield what its parts say against each other."""
        for name, activity in self.activities.items():
            if activity.resource not in self.resources:
                known = ", ".join(sorted(self.resources)) or "none"
                yield Problem(
                    file,
                    f"activities.{name}.resource",
                    "unknown_resource",
                    "this activity is done by a resource that the costing does not have",
                    f"Add [resources.{activity.resource}] with its cost and capacity. Known here: {known}.",
                    examples=(Example(None, "", activity.resource),),
                )
        for name, resource in self.resources.items():
            if resource.rate > MOST_A_MINUTE:
                yield Problem(
                    file,
                    f"resources.{name}",
                    "too_high",
                    f"a minute of this resource would cost more than {MOST_A_MINUTE:,.0f}",
                    "Correct `cost` or `capacity_minutes`: both are of the whole period.",
                    examples=(Example(None, "", f"{resource.rate:,.6g} a minute"),),
                )
        for name in sorted(n for n in self.resources if not GROUP_NAME.fullmatch(n) and self._is_group(n)):
            yield Problem(
                file,
                f"resources.{name}",
                "not_a_column_name",
                "the resource's name becomes a column `cts_<name>`",
                "Use letters, digits and _ only, or give its activities a `group`.",
            )

        columns = [group.lower() for group in self.groups]
        for group in self.groups:
            if group.lower() == "pct" or columns.count(group.lower()) > 1:
                yield Problem(
                    file,
                    "groups",
                    "taken_name",
                    f"the column `cts_{group}` would be there twice",
                    "Name the group (or the resource) in another way; upper and lower case are one.",
                    examples=(Example(None, "", group),),
                )

    def _is_group(self, resource: str) -> bool:
        return any(a.resource == resource and not a.group for a in self.activities.values())

    def group_of(self, activity: str) -> str:
        """Return the line of the account's statement that an activity is charged to."""
        return self.activities[activity].group or self.activities[activity].resource

    @property
    def groups(self) -> list[str]:
        """The groups that cost to serve is split into, by name; work to obtain business is none of them."""
        return sorted({self.group_of(name) for name, a in self.activities.items() if a.purpose != "obtain"})

    def scale(self, months: int) -> float:
        """Return how many of the costing's periods fit into so many months."""
        return months / PERIOD_MONTHS[self.period]
