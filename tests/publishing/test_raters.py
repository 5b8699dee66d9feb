"""Nothing that a run writes tells who rated."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


def test_no_file_of_a_run_holds_the_name_of_anybody_who_rated(sample_run):
    with (SAMPLE / "perceptions.csv").open(encoding="utf-8") as file:
        names = {row["rater"] for row in csv.DictReader(file)} - {""}
    files = [file for file in sample_run.rglob("*") if file.is_file()]

    assert len(names) > 20
    assert {".html", ".ipynb", ".csv", ".parquet", ".json"} <= {file.suffix for file in files}
    for file in files:
        frame = pd.read_parquet(file).to_csv() if file.suffix == ".parquet" else ""
        text = frame or file.read_text(encoding="utf-8", errors="replace")
        found = sorted(name for name in names if name in text)
        assert not found, f"{file.relative_to(sample_run)} names {found}"
