"""Exports that are known, by the header lines that the systems really write."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from analysis.data.contract import INPUTS
from analysis.opening import open_all
from analysis.propose.match import _names_in
from analysis.propose.proposing import propose
from analysis.propose.words import shapes

HEADERS = tomllib.loads(Path(__file__).with_name("headers.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", HEADERS)
def test_an_export_is_known_by_its_real_header_and_gives_what_must_be_there(name):
    header = HEADERS[name].strip().split(";")
    assert [shape.name for shape in shapes() if shape.fits(header)] == [name]
    [shape] = [shape for shape in shapes() if shape.name == name]
    there = {one.lower() for one in header}
    given = {
        ours
        for ours, ways in shape.columns.items()
        if any({part.lower() for part in _names_in(way) if isinstance(part, str)} <= there for way in ways)
    }
    wanted = set(INPUTS[shape.table].required) - {"kind"}  # by the sign of the amount
    assert wanted <= given


def test_an_export_that_names_columns_several_times_is_read(tmp_path):
    """As Jira does: one column for each comment and watcher; its own dates, and one in ISO 8601."""
    header = HEADERS["Jira Service Management: issues"].strip().split(";")
    row = {"Issue key": "SD-1", "Issue Type": "[System] Incident", "Created": "25/Feb/26 10:17 PM", "Reporter": "Eve"}
    row |= {"Resolved": "26/Feb/26 2:05 AM", "Custom field (Organizations)": "Alder", "Summary": "It is slow"}
    row |= {"Custom field ([CHART] Date of First Response)": "2026-02-25 22:38:58.679", "Comment": "hello"}
    lines = [header, [row.get(name, "") for name in header]]
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "issues.csv").write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")
    (tmp_path / "raw" / "crm.csv").write_text("Record ID,Company name,Company owner\n1,Alder,Sam\n2,Birch,Sue\n")

    told = "\n".join(propose([tmp_path / "raw"], tmp_path / "out").lines())
    case = open_all(tmp_path / "out").checked["cases"].to_pandas().iloc[0]
    assert "issues.csv: Summary, Issue id" in told
    assert "Watchers (1)" in told
    assert (case.case_id, case.customer_id, case.kind) == ("SD-1", "1", "incident")
    assert [str(case[at])[:19] for at in ("opened_at", "first_response_at", "resolved_at")] == [
        "2026-02-25 22:17:00",
        "2026-02-25 22:38:58",
        "2026-02-26 02:05:00",
    ]
    said = tomllib.loads((tmp_path / "out" / "dataset.toml").read_text(encoding="utf-8"))
    assert said["tables"]["cases"]["date_format"] == ["%d/%b/%y %I:%M %p", "%Y-%m-%d %H:%M:%S.%f"]
