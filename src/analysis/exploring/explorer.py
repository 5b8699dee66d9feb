"""What an analyst tries out: the portfolio as it is, and as it would be under thresholds and costs of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from analysis.errors import UsageError
from analysis.exploring.levers import Lever, levers
from analysis.exploring.moved import counts, moved
from analysis.exploring.saved import save
from analysis.portfolio import Portfolio

if TYPE_CHECKING:
    from analysis.topics.actions.policy import Assumptions

FOUND = 30
Found = TypeVar("Found")


class Explorer:
    """A portfolio beside itself under other thresholds, or at other costs.

    Parameters
    ----------
    p
        The portfolio as it is. One that was read from a run's tables is computed anew, under that run's policy.
    data
        Its dataset; only asked for where `p` was read from a run's tables.

    Attributes
    ----------
    p, q
        The portfolio as it is, and under the thresholds and costs that were set.
    choices
        What was set, by topic and key; what equals the policy is no choice.
    """

    def __init__(self, p: Portfolio, data: str | Path = "") -> None:
        self.p = _computing(p, data)
        self.q = self.p
        self.choices: dict[str, dict[str, Any]] = {}

    @cached_property
    def levers(self) -> dict[str, Lever]:
        """The thresholds, by their name in the policy."""
        return {lever.path: lever for lever in levers(self.p.judged, self.p.policy)}

    def set(self, path: str, value: float) -> None:
        """Move a threshold.

        Raises
        ------
        UsageError
            There is no such threshold, or the value is no number.
        PolicyError
            The policy does not go so far; what was set before stays.
        """
        lever = _one_of(self.levers, path, "threshold to move", value)
        stated = getattr(getattr(self.p.policy, lever.topic), lever.key)
        same = abs(value - lever.of(self.p.policy)) < lever.step / 1000
        setting = stated if same else lever.as_setting(value)
        # From what was set last, not from the start: so only what reads this key is judged anew.
        self.q = self.q.with_policy({lever.topic: {lever.key: setting}})
        keys = {key: value for key, value in self.choices.get(lever.topic, {}).items() if key != lever.key}
        self.choices[lever.topic] = keys if same else keys | {lever.key: setting}
        self.choices = {topic: keys for topic, keys in self.choices.items() if keys}

    @cached_property
    def costs(self) -> dict[str, float]:
        """What each resource of the costing costs in the costing's period, by its name; empty without a costing."""
        costing = self.p.opened.costing
        return {name: resource.cost for name, resource in costing.resources.items()} if costing else {}

    def set_cost(self, resource: str, cost: float) -> None:
        """Let a resource cost something else, in the costing's period.

        Raises
        ------
        UsageError
            There is no such resource, or the cost is no number.
        DataError
            The costing does not go so far; what was set before stays.
        """
        stated = _one_of(self.costs, resource, "resource in the costing", cost)
        same = abs(cost - stated) < stated / 1000
        self.q = self.q.with_costing({"resources": {resource: {"cost": stated if same else cost}}})

    @property
    def moved(self) -> pd.DataFrame:
        """Who would change, in what, and why."""
        return moved(self.p.compare(self.q))

    @property
    def counts(self) -> pd.DataFrame:
        """How many are judged what, before and after."""
        return counts(self.p.judged, self.q.judged)

    @property
    def assumed(self) -> Mapping[str, Assumptions]:
        """What is assumed of each step now: the policy's ranges, once the record of earlier steps has been heard."""
        found: Mapping[str, Assumptions] = self.p.computed.steps_learnt.actions
        return found

    def search(self, words: str) -> pd.DataFrame:
        """Return the accounts whose id or name has the words in it, as judged now; those with most revenue first."""
        rows, sought = self.q.judged, words.strip().casefold()
        named = zip(rows["customer_id"], rows["name"], strict=True)
        fits = [sought in f"{key} {name}".casefold() for key, name in named]
        return rows[fits].sort_values(["net_revenue", "customer_id"], ascending=[False, True]).head(FOUND)

    def of(self, table: str, customer_id: str) -> pd.DataFrame:
        """Return the rows of an account in a table, under the thresholds that were set."""
        rows = self.q.table(table)
        return rows[rows["customer_id"] == customer_id].drop(columns="customer_id")

    def save(self, who: str, why: str) -> str:
        """Write what was set into the dataset's `policy.toml`, for the next run; return the difference.

        Raises
        ------
        UsageError
            Nothing was set, or only what is no choice, or nobody says who and why.
        """
        if not self.choices and self.q.opened.costing != self.p.opened.costing:
            raise UsageError(
                "What a team costs is a fact, no choice: state it in costing.toml. No threshold was moved."
            )
        return save(self.policy_file, self.choices, who, why)

    @property
    def policy_file(self) -> Path:
        """Where the dataset's policy is, or would be."""
        dataset = self.p.opened.dataset
        return dataset.policy or dataset.folder / "policy.toml"


def _one_of(known: Mapping[str, Found], name: str, what: str, value: float) -> Found:
    if name not in known:
        raise UsageError(f"There is no {what} {name!r}. Known: {', '.join(known) or 'none'}.")
    if not isinstance(value, Real):
        raise UsageError(f"{name} is set to a number, not to {value!r}.")
    return known[name]


def _computing(p: Portfolio, data: str | Path) -> Portfolio:
    """Return a portfolio that can compute: this one, or its dataset under its policy, to its day."""
    if p.is_read and not data:
        raise UsageError('This portfolio was read from a run\'s tables: name its dataset, as Explorer(p, "my-data").')
    return Portfolio(data, p.as_of, p.policy) if p.is_read else p
