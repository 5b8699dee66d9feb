"""The data contract: every table and column that goes in or comes out, by name, with its rules.

It is the one place where they are defined; `docs/tables.md` is written from it.
"""

from analysis.data.contract.describe import describe
from analysis.data.contract.inputs import BEYOND_ANY, INPUTS, LARGEST, RECORDS, amount_of, discount_of, net_of
from analysis.data.contract.outputs import BACKTEST, OUTPUTS, conform, empty
from analysis.data.schema import Column, Cost, Kind, RowRule, Table

__all__ = [
    "BACKTEST",
    "BEYOND_ANY",
    "INPUTS",
    "LARGEST",
    "OUTPUTS",
    "RECORDS",
    "Column",
    "Cost",
    "Kind",
    "RowRule",
    "Table",
    "amount_of",
    "conform",
    "describe",
    "discount_of",
    "empty",
    "net_of",
]
