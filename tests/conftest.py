"""What the tests share: a way to write a small dataset, one real run of the sample, and one browser."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip

WriteDataset = Callable[..., Path]


def _write(place: Path, *, allow_beyond: bool = True, **files: str) -> Path:
    """Write a dataset; one of a few rows ends where it likes, so its policy says that the window may go beyond it."""
    place.mkdir(parents=True, exist_ok=True)
    policy = files.get("policy", "")
    if allow_beyond and "allow_beyond" not in policy:
        head, window, rest = policy.partition("[window]\n")
        files["policy"] = f"{head}\n[window]\nallow_beyond = true\n{rest if window else ''}"
    for name, text in files.items():
        suffix = "toml" if name in ("costing", "policy", "dataset") else "csv"
        place.joinpath(f"{name}.{suffix}").write_text(text.lstrip("\n"), encoding="utf-8", newline="")
    return place


@pytest.fixture
def write_dataset(tmp_path: Path) -> WriteDataset:
    """Return a function that writes a dataset: keywords are tables (CSV) and `costing`, `policy`, `dataset` (TOML)."""

    def write(folder: str = "dataset", **files: str) -> Path:
        return _write(tmp_path / folder, **files)

    return write


@pytest.fixture(scope="module")
def share_dataset(tmp_path_factory: pytest.TempPathFactory) -> WriteDataset:
    """Return the same for a whole module: each call writes a dataset into a folder of its own."""

    def write(folder: str = "dataset", **files: str) -> Path:
        return _write(tmp_path_factory.mktemp(folder), **files)

    return write


@pytest.fixture
def one_core() -> Iterator[Callable[[], None]]:
    """Return a function that leaves this process, and those that it starts, one core where the system can do so."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()

    def use_one() -> None:
        if before:
            os.sched_setaffinity(0, {min(before)})

    yield use_one
    if before:
        os.sched_setaffinity(0, before)


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a real `mutual-value run` of data/sample: one for all the tests, on however many workers."""
    from analysis.errors import LockedError
    from analysis.publishing.publish import run

    own = tmp_path_factory.getbasetemp()
    out = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "reports-of-the-sample"
    while not (out / "latest").exists():
        try:
            run(SAMPLE, out)
        except LockedError:
            time.sleep(1)
    return (out / "latest").resolve()


def found_browser() -> str:
    """Find a Chromium; where there is none, skip, or fail where everything is required."""
    named = os.environ.get("MUTUAL_VALUE_CHROMIUM")
    path = named or next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path:
        return path
    reason = "There is no Chromium: install it, or name it in MUTUAL_VALUE_CHROMIUM."
    if os.environ.get("MUTUAL_VALUE_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Give a headless Chromium: one a process, since its driver bears no second one there."""
    path = found_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()
