"""Data that others made, as files alone: what `propose` says of them, and how many lines a person must edit."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from analysis.opening import open_all
from analysis.propose.proposing import propose

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
REAL = Path(os.environ.get("MUTUAL_VALUE_REAL_DATA", "nowhere"))


def proposed(name, out):
    if not (REAL / name).exists():
        pytest.skip("MUTUAL_VALUE_REAL_DATA names no folder with it")
    propose([REAL / name], out)
    return open_all(out)


def test_superstore_needs_no_edit_and_adds_up(tmp_path):
    opened = proposed("superstore", tmp_path)
    lines = opened.checked["transactions"]
    sums = lines.aggregate(net=lines.net_amount.sum(), cogs=lines.cogs.sum()).to_pandas().iloc[0]

    # Sales 2,297,200.8603 and profit 286,397.0217, of 793 customers.
    assert float(sums.net) == pytest.approx(2_297_200.8603, abs=0.01)
    assert float(sums.net - sums.cogs) == pytest.approx(286_397.0217, abs=0.1)
    assert int(opened.checked["customers"].count().to_pandas()) == 793
    assert opened.checked.errors == []


def test_adventureworks_needs_one_line_freight_is_billed_on(tmp_path):
    opened = proposed("adventureworks", tmp_path)
    lines = opened.checked["transactions"]
    sums = lines.aggregate(net=lines.net_amount.sum(), cogs=lines.cogs.sum(), n=lines.count()).to_pandas().iloc[0]

    assert int(sums.n) == 60_855
    assert float(sums.net) == pytest.approx(80_450_596.98, abs=0.005)
    assert float(sums.cogs) == pytest.approx(79_980_114.38, abs=0.005)
    assert int(opened.checked["customers"].count().to_pandas()) == 701
    said = tomllib.loads((tmp_path / "dataset.toml").read_text())["tables"]["transactions"]
    assert said["columns"]["freight"] == "Freight"
    assert "leave it out where it is billed on" in (tmp_path / "proposal.md").read_text()
    _leave_freight_out(tmp_path / "dataset.toml")
    again = open_all(tmp_path).checked
    assert (again.errors, "freight" in again.tables["transactions"].given) == ([], False)


def _leave_freight_out(place):
    """Edit the file as the proposal says."""
    said = "[tables.transactions]"
    lines = [line for line in place.read_text().splitlines() if not line.startswith("freight =")]
    at = next(n for n, line in enumerate(lines) if line.startswith(said))
    place.write_text("\n".join([*lines[: at + 1], 'leave_out = ["Freight"]', *lines[at + 1 :]]))


def test_the_log_of_a_service_desk_is_known_and_its_last_states_count(tmp_path):
    opened = proposed("servicenow", tmp_path)
    cases = opened.checked["cases"]
    missed = (cases.promise_kept == False).mean()  # noqa: E712
    told = cases.aggregate(
        n=cases.count(), missed=missed, reopened=(cases.reopened > 0).mean(), handoffs=cases.handoffs.mean()
    )
    rates = told.to_pandas().iloc[0]

    # 24,918 incidents; those whose caller nobody knows belong to no account and are set aside, counted.
    table = opened.checked.tables["cases"]
    assert table.read == 24_918
    assert rates.n == 24_918 - 3
    assert int(opened.checked["customers"].count().to_pandas()) == 5_244  # 5,245 with `?`, who is nobody
    # 1,556 incidents have no resolution time; `?` stands there, and is no error.
    assert "resolved_at" not in {problem.column for problem in opened.checked.errors}
    assert rates.missed == pytest.approx(0.3658, abs=0.001)
    assert rates.reopened == pytest.approx(0.0110, abs=0.001)
    assert rates.handoffs == pytest.approx(0.94, abs=0.01)
