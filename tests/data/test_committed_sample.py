"""The committed sample is what its command makes, byte for byte."""

from __future__ import annotations

import filecmp
from pathlib import Path

from sample_firms import make_sample

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


def files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def test_make_sample_makes_the_committed_sample_again(tmp_path: Path) -> None:
    again = make_sample(tmp_path / "sample", seed=2, accounts=150)
    assert files(again) == files(SAMPLE)
    differ = [path for path in files(SAMPLE) if not filecmp.cmp(again / path, SAMPLE / path, shallow=False)]
    assert not differ


def test_the_committed_sample_stays_under_five_megabytes() -> None:
    assert sum((SAMPLE / path).stat().st_size for path in files(SAMPLE)) < 5_000_000
