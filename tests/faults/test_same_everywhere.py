"""The same rows in another order and on one core instead of all: the same tables, to the last digit.

Time zone, language, place, user and hashes are tried on a whole run, in test_starved.py.
"""

from __future__ import annotations

import os
import random
import shutil

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.data.contract import OUTPUTS
from tests.faults.fuzz import MORE
from tests.faults.helpers import ALL, DAY

pytestmark = pytest.mark.faults
#: What sums chances and days late, and takes the last of several answers; `MUTUAL_VALUE_FAULTS=1` compares every table.
NAMES = OUTPUTS if ALL else ("behaviours", "our_failures", "answers", "halfway", "ties")
#: Two answers of one day, and one that an earlier day has alone.
ANSWERS = "c1,2026-05-05,1,0,5,write,,,Ann\nc1,2026-04-04,,,,,,price,\n"
POLICY = {"window": {"allow_beyond": True}, "difficulty": {"least_causes": 10}}


def firm(source, place):
    """Write the firm with more tables (`ALL`: every one), in amounts of which binary fractions have no exact sum."""
    shutil.copytree(source, place)
    for name in MORE if ALL else ("cases", "invoices", "surveys"):
        (place / f"{name}.csv").write_text(MORE[name] + (ANSWERS if name == "surveys" else ""), encoding="utf-8")
    draw = random.Random(7)  # noqa: S311
    invoices = "".join(
        f"x{n},c{n % 3},2026-0{1 + n % 9}-01,2026-0{1 + n % 9}-20,{draw.randrange(100, 99999) / 100},"
        f"2026-0{1 + n % 9}-{20 + n % 8},,,,\n"
        for n in range(60)
    )
    cases = "".join(
        f"y{n},c{n % 3},complaint,2026-0{1 + n % 9}-05T09:00:00,,2026-0{1 + n % 9}-06T09:00:00,"
        f"2026-0{1 + n % 9}-05T1{n % 10}:00:00,2026-0{1 + n % 9}-0{5 + n % 4}T11:00:00,{n % 2},{n % 4},"
        f"{'true' if n % 5 == 0 else 'false'},{n % 7},{draw.choice(('ours', 'customer', 'neither', ''))},{1 + n % 5}\n"
        for n in range(120)
    )
    for name, rows in (("invoices", invoices), ("cases", cases)):
        with (place / f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write(rows)


def shuffled(place, order):
    """Write a dataset's rows in another order."""
    for path in place.glob("*.csv"):
        head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        order.shuffle(rows)
        path.write_text(head + "".join(rows), encoding="utf-8")


def tables(place):
    portfolio = Portfolio(place, DAY, POLICY)
    found = {name: portfolio.table(name) for name in NAMES}
    portfolio.opened.engine.close()
    if "rejected" in found:  # it names the rows by their place in the file
        rows = found["rejected"].drop(columns="row")
        found["rejected"] = rows.sort_values(list(rows), ignore_index=True)
    return found


@pytest.mark.slow
def test_the_order_of_rows_and_the_number_of_cores_leave_no_trace(data, tmp_path, one_core):
    firm(data, tmp_path / "firm")
    one = tables(tmp_path / "firm")
    one_core()
    shuffled(tmp_path / "firm", random.Random(int(os.environ.get("MUTUAL_VALUE_ORDER", "1"))))  # noqa: S311
    other = tables(tmp_path / "firm")

    for name, rows in one.items():
        pd.testing.assert_frame_equal(other[name], rows, check_exact=True, obj=name)
    assert one["answers"].set_index("customer_id").loc["c1", "satisfied_with"] == "staff"
    chances = one["our_failures"]["count"]
    assert (chances % 1 > 0).any()
