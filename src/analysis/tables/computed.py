"""Compute the tables of one window of a dataset: each once, when asked for, and only what is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import ThreadpoolController

from analysis.ledger.bridge import Tie, tie
from analysis.ledger.identities import Identity, identities
from analysis.opening import Opened
from analysis.policy import Policy
from analysis.tables import every as _every  # noqa: F401 - it fills the catalogue
from analysis.tables.catalogue import CATALOGUE, Node, differing, readable
from analysis.topics.profitability.judgement.scale import in_amounts
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

#: The keys of the policy that say how a dataset is read: where one changes, nothing that was computed holds.
READING = ("currency", "service", "tiers", "timezone", "window")


@dataclass(frozen=True)
class Before:
    """What rested on keys of the policy that changed: it still holds where what it rests on came out as it was."""

    changed: tuple[str, ...]
    made: Mapping[str, Any]

    def holds(self, node: Node, rests_on: Mapping[str, Any]) -> bool:
        """Return whether a table or part is what it was, where what it rests on is as given."""
        if node.name not in self.made or node.is_of(self.changed):
            return False
        return all(name not in self.made or _alike(value, self.made[name]) for name, value in rests_on.items())


@cache
def _sums_of_vectors() -> ThreadpoolController:
    """Return the libraries that share a sum of vectors among threads: NumPy's, and the one that SciPy brings.

    They are looked for once: it takes as long as a small table.
    """
    import scipy.linalg  # noqa: F401 - what is not loaded is not found

    return ThreadpoolController().select(user_api="blas")


def _alike(one: Any, other: Any) -> bool:
    """Return whether two values are surely the same; tables of the engine that are named alike may not be."""
    import pandas as pd

    if one is other:
        return True
    if isinstance(one, pd.DataFrame | pd.Series):
        return type(one) is type(other) and bool(one.equals(other))
    return False


class Computed:
    """The tables of one window of a dataset, and the parts that they rest on: each is an attribute.

    Parameters
    ----------
    opened
        The dataset with its policy and its costing.
    window
        What to look at.
    last_run
        The folder of the run before this one; None: there is none.
    kept
        What is known already, by name.
    before
        What rested on keys of the policy that have changed since.
    """

    def __init__(
        self,
        opened: Opened,
        window: Window,
        last_run: Path | None = None,
        kept: Mapping[str, Any] | None = None,
        before: Before | None = None,
    ) -> None:
        self.opened, self.window, self.last_run = opened, window, last_run
        self.policy, self.costing = opened.policy, opened.costing
        self.checked, self.engine = opened.checked, opened.engine
        self._made: dict[str, Any] = dict(kept or {})
        self._before = before or Before((), {})

    def get(self, name: str) -> Any:
        """Return a table or a part by its name in the catalogue."""
        if name not in self._made:
            node = CATALOGUE.nodes[name]
            rests_on = {need: self.get(need) for need in node.rests_on}
            if self._before.holds(node, rests_on):
                self._made[name] = self._before.made[name]
            else:
                self._made[name] = node.make(**{need: self._given(need, name) for need in node.needs})
        return self._made[name]

    def _given(self, need: str, to: str) -> Any:
        if need == "policy":
            return readable(self.policy, CATALOGUE.nodes[to])
        if need == "stated":
            return readable(self.stated, CATALOGUE.nodes[to])
        return self.get(need) if need in CATALOGUE.nodes else getattr(self, need)

    @cached_property
    def stated(self) -> Policy:
        """The policy with every amount of money stated: where nobody did, by the portfolio's own scale."""
        return in_amounts(self.policy, self.get("scale"))

    def __getattr__(self, name: str) -> Any:
        if name in CATALOGUE.nodes:
            return self._on_one_thread(name)
        raise AttributeError(f"There is no table and no part {name!r}.")

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *CATALOGUE.nodes]

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the contract."""
        found: pd.DataFrame = self._on_one_thread(name)
        return found

    def _on_one_thread(self, name: str) -> Any:
        """Return a table or a part, its many small sums of vectors each on one thread.

        Sharing them costs more than it saves, and their last digits would hang on how many cores there are.
        """
        with _sums_of_vectors().limit(limits=1):
            return self.get(name)

    def under(self, policy: Policy) -> Computed | None:
        """Return the same under another policy, with all that reads none of the keys that differ.

        None where the dataset must be read anew.
        """
        changed = [*differing(self.policy.model_dump(), policy.model_dump())]
        anew = CATALOGUE.hang_on(changed)
        if "ledger" in anew or any(key.partition(".")[0] in READING for key in changed):
            return None
        kept = {name: value for name, value in self._made.items() if name not in anew}
        before = {name: value for name, value in self._made.items() if name in anew}
        opened = replace(self.opened, policy=policy, engine=self.engine.apart())
        return Computed(opened, self.window, self.last_run, kept, Before(tuple(changed), before))

    @property
    def identities(self) -> list[Identity]:
        """The identities that hold to the cent in every run."""
        ledger = self.get("ledger")
        nobodys = ledger.unassigned_sales.net_revenue
        return identities(
            self.get("statement"), ledger.resources, ledger.transactions_net, self.get("group_columns"), nobodys
        )

    @property
    def tie(self) -> Tie | None:
        """How far the ledger is from the books; None without `[control]`."""
        control = self.costing.control if self.costing else None
        return tie(self.get("statement"), control, self.get("ledger").unassigned_sales)
