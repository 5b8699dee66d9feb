"""What tests and the examples in docstrings share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from analysis.publishing.lean import import_lean
from tests.compiled import compiled_once

import_lean()

#: What takes minutes begins first, so that all workers end together; the very first makes the run that others read.
FIRST = (
    *("test_in_the_browser.py", "test_spark.py", "test_run.py", "test_in_lab.py", "test_report_pages.py"),
    *("test_last_run.py", "test_fuzz.py", "test_backtest_run.py", "test_catalogue.py", "test_shapes.py"),
    *("test_kinds.py", "portfolio.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest in front; `--no-loadscope-reorder` leaves them there."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(FIRST)))


def pytest_collection_finish() -> None:
    """Look through what was imported for garbage no more: it is much, and stays."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Let go of it, so that no package counts it as leaked."""
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with compiled_once():
        yield
