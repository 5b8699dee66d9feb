"""What a costing may not say, each with its place."""

from __future__ import annotations

import pytest

from analysis.errors import DataError
from analysis.ledger.costing import Costing


@pytest.mark.parametrize(
    ("resource", "activity", "place"),
    [
        ("cost = 1e308\ncapacity_minutes = 5000", "", "resources.desk"),
        ("cost = 4000\ncapacity_minutes = 1e-300", "", "resources.desk"),
        ("cost = 4000\ncapacity_minutes = 5000", "minutes = 1e13", "activities.call.minutes"),
    ],
)
def test_work_that_no_amount_can_hold_is_told_with_its_place(resource, activity, place, tmp_path):
    file = tmp_path / "costing.toml"
    text = f'period = "year"\n[resources.desk]\n{resource}\n[activities.call]\nresource = "desk"\n{activity}\n'
    file.write_text(text, encoding="utf-8")

    with pytest.raises(DataError) as told:
        Costing.read(file)
    assert [problem.column for problem in told.value.problems] == [place]
    assert all(problem.mend for problem in told.value.problems)
