"""What tests and the examples in docstrings share."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from _pytest.doctest import DoctestItem, DoctestModule

from analysis.publishing.lean import import_lean
from tests.compiled import compiled_once

import_lean()

TESTS = Path(__file__).parent / "tests"
#: What takes minutes begins first, so that all workers end together; the very first makes the run that others read.
FIRST = (
    *("test_in_the_browser.py", "test_spark.py", "test_run.py", "test_in_lab.py", "test_report_pages.py"),
    *("test_last_run.py", "test_fuzz.py", "test_backtest_run.py", "test_catalogue.py", "test_shapes.py"),
    *("test_kinds.py", "portfolio.py"),
)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Look for examples in the package alone: tests have none."""
    found = yield
    return [one for one in found if not (isinstance(one, DoctestModule) and TESTS in file_path.parents)]


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


@pytest.fixture(scope="session")
def small_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which `data/sample` is a small one."""
    from sample_firms import make_sample

    place = tmp_path_factory.mktemp("examples")
    make_sample(place / "data" / "sample", seed=2, accounts=40)
    return place


@pytest.fixture(autouse=True)
def _examples_on_a_small_sample(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if isinstance(request.node, DoctestItem):
        monkeypatch.chdir(request.getfixturevalue("small_sample"))


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with compiled_once():
        yield
