"""What the tests share: a way to write a small dataset, and one real run of the sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"

WriteDataset = Callable[..., Path]


@pytest.fixture
def write_dataset(tmp_path: Path) -> WriteDataset:
    """Return a function that writes a dataset: keyword arguments are tables (CSV text) and `costing`, `policy` (TOML)."""

    def write(folder: str = "dataset", **files: str) -> Path:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            suffix = "toml" if name in ("costing", "policy") else "csv"
            place.joinpath(f"{name}.{suffix}").write_text(text.lstrip("\n"), encoding="utf-8", newline="")
        return place

    return write


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of a real `mutual-value run` of data/sample."""
    from analysis.publishing.publish import run

    yield run(SAMPLE, tmp_path_factory.mktemp("reports"))
