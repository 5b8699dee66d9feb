"""Compute the tables of one window of a dataset: each once, when asked for, and only what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import ThreadpoolController

from analysis.ledger.costing import Costing
from analysis.opening import Opened
from analysis.policy import Policy
from analysis.tables import every as _every  # noqa: F401 - it fills the catalogue
from analysis.tables.catalogue import CATALOGUE, COSTING, CatalogueError, Node, differing, readable
from analysis.topics.profitability.judgement.scale import in_amounts
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

_TAKEN, _KEPT = "taken", "kept"
#: A table of more rows, once it was taken, is read back where something is made of it.
MANY_ROWS = 50_000
#: The keys of the policy that say how a dataset is read: where one changes, nothing that was computed holds.
READING = ("currency", "service", "tiers", "timezone", "window")


@dataclass(frozen=True)
class Before:
    """What rested on what changed, keys of the policy or the costing: it holds where what it rests on is as it was."""

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
        self._readers: dict[str, set[str]] = {}
        self._back: Callable[[str], pd.DataFrame] | None = None
        self._taken: set[str] = set()

    def get(self, name: str) -> Any:
        """Return a table or a part by its name in the catalogue."""
        if name in self._made:
            return self._made[name]
        node = CATALOGUE.nodes[name]
        if self._back is not None and (name in self._taken or not self._readers.get(name)):
            return self._read_back(node)
        rests_on = {need: self.get(need) for need in node.rests_on}
        if self._before.holds(node, rests_on):
            self._made[name] = self._before.made[name]
        else:
            others = {need: self._given(need, node) for need in node.needs if need not in rests_on}
            self._made[name] = node.make(**others, **{need: rests_on[need] for need in node.needs if need in rests_on})
        self._let_go(name, node.rests_on)
        return self._made[name]

    def each(
        self,
        tables: Iterable[str],
        keep: Iterable[str],
        take: Callable[[str, pd.DataFrame], None],
        back: Callable[[str], pd.DataFrame],
    ) -> None:
        """Compute tables one after the other, and hold each table and part only until all that is made of it is there.

        The next table is the one for which the least is still to be made, so that little is held at once. A table of
        many rows is not held at all once it was taken. After the last one the parts to keep are all that is left.

        Parameters
        ----------
        tables
            Tables of the contract.
        keep
            Parts to hold on to.
        take
            Called with each table and its name.
        back
            What gives a table that was taken, once it was let go of.

        Raises
        ------
        CatalogueError
            Something asks, then or later, for a part that was let go of.
        """
        left, keep = {*tables}, {*keep}
        self._back, self._readers = back, CATALOGUE.readers(left | keep, self._made)
        for name in left | keep:
            self._readers[name].add(_KEPT if name in keep else _TAKEN)
        self._made = {name: value for name, value in self._made.items() if self._readers.get(name)}
        while left | keep:
            name = min(sorted(left | keep), key=self._still_to_make)
            made = self._on_one_thread(name)
            if name in left:
                take(name, made)
                self._let_go(_TAKEN, [name])
                if len(made) > MANY_ROWS:
                    self._taken.add(name)
                    self._made.pop(name, None)
            left, keep = left - {name}, keep - {name}

    def _still_to_make(self, name: str) -> int:
        return len({*CATALOGUE.readers([name], self._made)} - {*self._made})

    def _let_go(self, reader: str, names: Iterable[str]) -> None:
        """Let go of those of which this was the last reader."""
        for name in names:
            if name in self._readers:
                self._readers[name].discard(reader)
                if not self._readers[name]:
                    self._made.pop(name, None)

    def _read_back(self, node: Node) -> Any:
        if self._back is None or not node.is_table:
            raise CatalogueError(f"{node.name} is asked for, and was let go of.")
        return self._back(node.name)

    def _given(self, need: str, to: Node) -> Any:
        given = getattr(self, need)
        return readable(given, to) if need in ("policy", "stated") else given

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

    def under(self, policy: Policy, costing: Costing | None) -> Computed | None:
        """Return the same under another policy and costing, with all that reads nothing of what differs.

        None where the dataset must be read anew.

        Raises
        ------
        DataError
            The policy or the tables do not have what the costing names.
        """
        changed = [*differing(self.policy.model_dump(), policy.model_dump())]
        if "ledger" in CATALOGUE.hang_on(changed) or any(key.partition(".")[0] in READING for key in changed):
            return None
        opened = self.opened.under(policy, costing)
        if opened is None:
            return None
        changed += [COSTING] if costing != self.costing else []
        anew = CATALOGUE.hang_on(changed)
        kept = {name: value for name, value in self._made.items() if name not in anew}
        before = {name: value for name, value in self._made.items() if name in anew}
        return Computed(opened, self.window, self.last_run, kept, Before(tuple(changed), before))
