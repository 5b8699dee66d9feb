"""The examples in docstrings open `data/sample`; their tests find a firm of a few accounts there, opened once."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from analysis import Portfolio
from sample_firms import make_sample

#: It is about a package that only some have.
collect_ignore = [] if find_spec("pyspark") else ["analysis/data/spark_sql.py"]
#: As few draws as the policy allows: an example shows how a thing is called.
FEWEST = {"uncertainty": {"draws": 100, "rank_draws": 100}, "value": {"draws": 20}, "steps": {"draws": 20}}


@pytest.fixture(scope="session", autouse=True)
def _few_accounts(doctest_namespace: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    home: Path = tmp_path_factory.mktemp("home")

    @cache
    def opened(data: str) -> Portfolio:
        return Portfolio(make_sample(home / data, seed=2, accounts=40), policy=FEWEST)

    doctest_namespace["Portfolio"] = opened
