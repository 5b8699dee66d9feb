"""The worlds that the relations are tried on, and how their accounts are judged."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import Portfolio


def _loaded(name: str) -> Any:
    """Load a module of this folder, which is no package, under a name that the tests can import it by."""
    spec = importlib.util.spec_from_file_location(f"metamorphic_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


worlds, _ = _loaded("worlds"), _loaded("changes")
#: One relation at a time, on every world, takes a quarter of an hour; all that move nothing, at once, a minute.
collect_ignore = [] if os.environ.get("MUTUAL_VALUE_SLOW") else ["test_relations.py"]
#: Fewer draws than the defaults: no relation hangs on their number.
FAST = {
    "uncertainty": {"draws": 100, "rank_draws": 100},
    "value": {"draws": 20},
    "steps": {"draws": 20},
    "archetypes": {"references": 10, "shuffles": 19, "splits": 4, "resamples": 20},
}
REASONS = 3


@pytest.fixture(
    scope="session",
    params=["sample", *(pytest.param(name, marks=pytest.mark.real_data) for name in ("stranger", "real"))],
)
def world(request: pytest.FixtureRequest) -> Any:
    """Return a world of some 75 to 150 accounts: more than `over_service.peer_minimum`, so that like accounts speak."""
    return worlds.WORLDS[request.param]().of(100)


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., pd.DataFrame]:
    """Return a function that gives a world's accounts table by customer_id, with the first reasons of each.

    A policy of its own stands beside the world's.
    """

    def found(world: Any, policy: dict[str, Any] | None = None) -> pd.DataFrame:
        place = tmp_path_factory.mktemp("world")
        for name, rows in world.tables.items():
            rows.to_csv(place / f"{name}.csv", index=False)
        place.joinpath("costing.toml").write_text(world.costing, "utf-8")
        place.joinpath("policy.toml").write_text(world.policy, "utf-8")
        portfolio = Portfolio(place, world.as_of, {**FAST, **(policy or {})})
        accounts = portfolio.table("accounts").set_index("customer_id")
        first = portfolio.table("reasons").query("rank <= @REASONS").sort_values(["customer_id", "rank"])
        told = first.groupby("customer_id").driver.agg(" > ".join)
        portfolio.opened.engine.close()
        return accounts.assign(reasons=told.reindex(accounts.index)).sort_index()

    return found


@pytest.fixture(scope="session")
def before(world: Any, judged: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Return the accounts of the world as it is."""
    return judged(world)
