"""The catalogue: every table, and every part that tables rest on, declared once, by name.

A function's name is the table's or the part's; its parameters name what it needs; the keys of the policy that it reads
stand beside it. So what hangs on what is known before anything is computed (after Apache Hamilton's functions).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

#: What is given and not computed; `policy` has the keys that are declared, `stated` the same with every amount stated.
GIVEN = ("checked", "costing", "engine", "last_run", "policy", "stated", "window")
#: What `stated` hangs on: where nobody stated an amount, the portfolio's own scale does.
SCALE = "scale"
EVERY_KEY = "*"
#: What stands for the whole costing among the keys that changed: no section of the policy is called so.
COSTING = "costing"


class CatalogueError(Exception):
    """The catalogue contradicts itself, or a part read a key that it does not declare."""


@dataclass(frozen=True)
class Node:
    """One table or part.

    Attributes
    ----------
    make
        The function that computes it.
    needs
        What it is given: names of other nodes, or of `GIVEN`.
    reads
        The keys of the policy that it reads, as `difficulty.cases`; a section's name stands for all its keys.
    is_table
        Whether the contract has a table of this name.
    """

    make: Callable[..., Any]
    needs: tuple[str, ...]
    reads: tuple[str, ...]
    is_table: bool

    @property
    def name(self) -> str:
        """The name of the table or part."""
        return self.make.__name__

    @property
    def rests_on(self) -> set[str]:
        """The nodes that must be computed before."""
        return {*self.needs} - {*GIVEN} | ({SCALE} if "stated" in self.needs else set())

    def is_of(self, changed: Iterable[str]) -> bool:
        """Return whether it reads one of the keys that changed, or is given the costing, and that changed."""
        keys = [*changed]
        if COSTING in keys and COSTING in self.needs:
            return True
        return any(_overlap(read, key) for read in self.reads for key in keys)


class Catalogue:
    """The tables and parts by name."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}

    def part(self, *reads: str) -> Callable[[Function], Function]:
        """Declare a part that tables rest on, with the keys of the policy that it reads."""
        return self._declare(reads, is_table=False)

    def table(self, *reads: str) -> Callable[[Function], Function]:
        """Declare a table of the contract, with the keys of the policy that it reads."""
        return self._declare(reads, is_table=True)

    def _declare(self, reads: tuple[str, ...], *, is_table: bool) -> Callable[[Function], Function]:
        def declared(make: Function) -> Function:
            node = Node(make, tuple(inspect.signature(make).parameters), reads, is_table)
            if node.name in self.nodes or node.name in GIVEN:
                raise CatalogueError(f"{node.name} is declared twice: in {make.__module__} and elsewhere.")
            self.nodes[node.name] = node
            return make

        return declared

    def stop_unless_whole(self, tables: Iterable[str]) -> None:
        """Stop where a table has no function, a function no table, a need no node, or where needs run in a circle.

        Raises
        ------
        CatalogueError
            All of it at once.
        """
        faults = list(self._faults(set(tables)))
        if faults:
            raise CatalogueError(" ".join(faults))

    def _faults(self, tables: set[str]) -> Iterator[str]:
        made = {name for name, node in self.nodes.items() if node.is_table}
        yield from (f"No function computes the table {name}." for name in sorted(tables - made))
        yield from (f"The contract has no table {name}." for name in sorted(made - tables))
        for node in self.nodes.values():
            yield from (
                f"{node.name} needs {lost}, which nothing computes." for lost in sorted(node.rests_on - {*self.nodes})
            )
            if node.reads and not {"policy", "stated"} & {*node.needs}:
                yield f"{node.name} declares keys of a policy that it is not given."
        try:
            TopologicalSorter({name: node.rests_on for name, node in self.nodes.items()}).prepare()
        except CycleError as circle:
            yield f"Needs run in a circle: {', '.join(circle.args[1])}."

    def readers(self, names: Iterable[str], made: Container[str] = ()) -> dict[str, set[str]]:
        """Return these and all that they rest on, each with what of it is made of it.

        Parameters
        ----------
        made
            What is there already, and rests on nothing any more.
        """
        found: dict[str, set[str]] = {name: set() for name in names}
        left = [*found]
        while left:
            name = left.pop()
            for need in self.nodes[name].rests_on if name not in made else ():
                if need not in found:
                    left.append(need)
                found.setdefault(need, set()).add(name)
        return found

    def hang_on(self, changed: Iterable[str]) -> set[str]:
        """Return every table and part that reads one of these keys of the policy, or rests on one that does.

        `COSTING` among them stands for the costing.
        """
        keys = [*changed]
        order = TopologicalSorter({name: node.rests_on for name, node in self.nodes.items()}).static_order()
        found: set[str] = set()
        for name in order:
            if self.nodes[name].is_of(keys) or self.nodes[name].rests_on & found:
                found.add(name)
        return found


#: The one catalogue; the modules beside this one fill it.
CATALOGUE = Catalogue()


def _overlap(one: str, other: str) -> bool:
    """Return whether one key is the other, or a section that holds it."""
    return EVERY_KEY in (one, other) or f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


class Readable:
    """A policy, or a section of it, of which only the declared keys can be read."""

    __slots__ = ("_keys", "_of", "_who")

    def __init__(self, of: Any, keys: Iterable[str], who: str) -> None:
        self._of, self._keys, self._who = of, tuple(keys), who

    def __getattr__(self, name: str) -> Any:
        if name in self._keys:
            return getattr(self._of, name)
        below = [key.removeprefix(f"{name}.") for key in self._keys if key.startswith(f"{name}.")]
        if not below:
            raise CatalogueError(f"{self._who} reads the policy's {name} and does not declare it.")
        return Readable(getattr(self._of, name), below, self._who)


def readable(policy: Any, node: Node) -> Any:
    """Return a policy of which a node can read what it declares, and nothing else."""
    return policy if EVERY_KEY in node.reads else Readable(policy, node.reads, node.name)


def differing(one: Mapping[str, Any], other: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Yield the keys in which two policies differ, as `difficulty.cases`.

    Examples
    --------
    >>> list(differing({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1, "c": 5}, "d": 3}))
    ['a.c']
    """
    for name in sorted({*one, *other}):
        mine, theirs = one.get(name), other.get(name)
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            yield from differing(mine, theirs, f"{at}{name}.")
        elif mine != theirs:
            yield f"{at}{name}"
