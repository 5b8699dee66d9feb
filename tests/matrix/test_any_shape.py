"""Any data, any shape: whatever the contract lets a dataset lack, tables and pages come, and hold no slip.

A shape takes ten seconds or so, since each asks the engine some 130 questions; so seven are tried by default.
`MUTUAL_VALUE_MATRIX=300` tries every single gap and 300 combinations.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analysis.data.contract import OUTPUTS
from analysis.errors import MutualValueError
from analysis.reporting import drawing
from analysis.reporting.markup import element
from tests.pages import slip

_spec = importlib.util.spec_from_file_location("matrix_worlds", Path(__file__).with_name("worlds.py"))
assert _spec and _spec.loader
worlds: Any = importlib.util.module_from_spec(_spec)
sys.modules["matrix_worlds"] = worlds
_spec.loader.exec_module(worlds)

ASKED = int(os.environ.get("MUTUAL_VALUE_MATRIX", "0"))
SINGLE = dict(worlds.single())
#: Those that end many ways at once: always tried.
ALWAYS = ("one account", "nothing happened", "headers alone", "service_events alone, bare", "all bare")
RANDOM = ASKED or 2


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    made = worlds.World.make(tmp_path_factory.mktemp("world"), accounts=16, seed=5)
    yield made
    made.opened.engine.close()


@pytest.fixture(scope="module", autouse=True)
def _words_of_figures_alone() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(drawing, "_drawing", lambda plot, prefix, alt, width, height: element("p", alt))
    yield
    patch.undo()


def try_out(world: Any, shape: Any) -> None:
    """Take a shape through tables, facts and pages; what the project says in words of its own is an answer, too."""
    try:
        run = world.portfolio(shape)
        for name in OUTPUTS:
            run.table(name)
        assert run.accounts.customer_id.is_unique
        assert run.facts
        broken = [identity for identity in run.identities if not identity.holds]
        assert not broken
        for page in worlds.PAGES:
            assert not slip(worlds.words(run, page)), page
    except MutualValueError as said:
        assert str(said)


@pytest.mark.slow
@pytest.mark.parametrize("name", SINGLE if ASKED else ALWAYS)
def test_a_gap_leaves_a_run(world: Any, name: str) -> None:
    try_out(world, SINGLE[name])


@pytest.mark.slow
@pytest.mark.parametrize("of", ["every table", "customers", "service_events"])
def test_a_column_without_a_value_tells_as_little_as_one_that_is_not_there(world: Any, of: str) -> None:
    mine = frozenset(place for place in SINGLE["all bare"].dropped if of in (place[0], "every table"))
    gone, empty = (world.portfolio(worlds.Shape(**{how: mine})) for how in ("dropped", "emptied"))

    assert [name for name in OUTPUTS if not gone.table(name).equals(empty.table(name))] == []
    assert gone.facts["left_out"] == empty.facts["left_out"]


def sets(of: list[Any], most: int) -> st.SearchStrategy[frozenset[Any]]:
    return st.frozensets(st.sampled_from(of), max_size=most)


SHAPES = st.builds(
    worlds.Shape,
    absent=sets(worlds.TABLES, 10),
    headers=sets(worlds.TABLES, 5),
    dropped=sets(worlds.OPTIONAL, 40),
    emptied=sets(worlds.OPTIONAL, 20),
    flags=st.dictionaries(st.sampled_from(worlds.FLAGS), st.booleans(), max_size=3).map(lambda d: tuple(d.items())),
    only=st.sampled_from([0, 0, 0, 1, 2]),
    as_of=st.sampled_from([worlds.AS_OF, worlds.AS_OF, worlds.AS_OF, "2025-03-31", "2031-12-31"]),
    plain=st.booleans(),
    obtains=st.booleans(),
    tiers=st.booleans(),
).filter(lambda shape: shape.is_dataset)


@pytest.mark.slow
@settings(
    max_examples=RANDOM,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
@given(shape=SHAPES)
def test_any_gaps_together_leave_a_run(world: Any, shape: Any) -> None:
    try_out(world, shape)
