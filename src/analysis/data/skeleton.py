"""Start a dataset: the tables that nearly everyone has, the optional ones beside them, and the settings to fill in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.data.contract import INPUTS, Table
from analysis.errors import UsageError
from analysis.folders import make_folder

CORE = ("customers", "transactions", "service_events")
OPTIONAL = "optional"

_COSTING = """\
# What service costs: who does the work, and how long each kind of work takes. The figures are placeholders: put yours.
# Every key with its meaning: `mutual-value settings`.

period = "quarter"                # what the costs and capacities below cover: month, quarter or year

[resources.support]               # a group of people, and what they use
cost = 100000                     # their pay, rooms, tools and supervision in the period
capacity_minutes = 120000         # the minutes they can really work in it: about 80% of those paid for
uncertainty = 0.10                # how far the cost of a minute may be off: 0.10 is 10% either way
# avoidable = 0.6                 # the share of the cost that would go if the work did; leave it out where unknown

[activities.inquiry]              # a kind of work: what the column `activity` of service_events says
resource = "support"              # who does it
minutes = 15                      # how long it takes; used where an event logs no minutes of its own
uncertainty = 0.15                # how far these minutes may be off
# purpose = "serve"               # or "obtain": winning new business, or "retain"
# demand = "value"                # or "failure": work that a failure of ours caused

# [activities.inquiry.per]        # more minutes for each unit of a numeric column of the event
# quantity = 2

# [activities.inquiry.when]       # more minutes where a true/false column, or column=value, holds
# after_hours = 5
# "channel=onsite" = 60

# [control]                       # your books for the window; with them the reports end at your operating profit
# as_of = 2026-12-31              # the last day of that window: runs of other days are not tied to these books
# revenue = 0
# cogs = 0
# operating_profit = 0
"""

_POLICY = """\
# The choices that you make. Every key has a default, so this file may stay as it is, or be deleted.
# Every key with its meaning: `mutual-value settings`.

currency = "EUR"                  # of every amount; nothing is converted

[window]
months = 12                       # how far back a run looks from its as-of day

# [calendar]                      # when you work: then hours to answer, silences and dates count working time
# days = ["mon", "tue", "wed", "thu", "fri"]
# hours = ["08:30", "17:30"]
# holidays = ["2026-12-25"]

# [costs]
# cogs_share = 0.6                # where a transaction gives no `cogs`: its share of the net amount, marked as assumed

# [finance]
# receivables_rate = 0.08         # what waiting for money costs you, a year
"""

_README = """\
# A dataset for Mutual Value

Fill the three tables here, then `costing.toml`. Each `.csv` has its header line already: UTF-8, commas, decimal points,
dates as 2026-10-31, `true` and `false`. A column in *italics* may stay empty, or be deleted. Empty means unknown,
never 0.

The tables in `optional/` are not read there. To use one, fill it and move it up to this folder.

Then:

    mutual-value check --data THIS_FOLDER
    mutual-value run --data THIS_FOLDER --out reports

Delete `service_events.csv` and `costing.toml` if you have no record of the work, or `transactions.csv` if you have no
sales: the reports say what they leave out. Keys of the settings: `mutual-value settings`. Every rule of every column:
`mutual-value contract`.
"""


def write_skeleton(folder: Path) -> Iterator[Path]:
    """Write the skeleton of a dataset and yield each file written.

    Raises
    ------
    UsageError
        The folder holds something already, or cannot be written to.
    """
    make_folder(folder)
    if any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty. Give a new folder.")
    tables = "\n".join(_columns(table) for table in INPUTS.values())
    yield _write(folder / "README.md", f"{_README}\n{tables}")
    for table in INPUTS.values():
        place = folder if table.name in CORE else folder / OPTIONAL
        yield _write(place / f"{table.name}.csv", ",".join(table.names) + "\n")
    yield _write(folder / "costing.toml", _COSTING)
    yield _write(folder / "policy.toml", _POLICY)


def _columns(table: Table) -> str:
    """Return a table's columns in words."""
    lines = [f"## {table.name}\n\n{table.doc}\n\n| column | type | meaning |\n|---|---|---|\n"]
    for column in table.columns:
        name = f"**{column.name}**" if column.required else f"*{column.name}*"
        told = not column.values or column.values[0] in column.doc
        values = "" if told else f"; one of {', '.join(column.values)}"
        lines.append(f"| {name} | {column.kind.word} | {column.doc.replace('|', '/')}{values} |\n")
    return "".join(lines)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
