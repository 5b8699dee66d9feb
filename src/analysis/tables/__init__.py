"""The output tables: a function for each, in the catalogue, and for each part that several of them rest on."""

from analysis.data.contract import OUTPUTS
from analysis.tables import (
    accounts,
    actions,
    ahead,
    archetypes,
    dealings,
    difficulty,
    figures,
    last_run,
    lookalikes,
    next_steps,
    perception,
    record,
    sellers,
    service,
    since,
    statement,
    trials,
    value,
)
from analysis.tables.catalogue import CATALOGUE

__all__ = [
    "accounts",
    "actions",
    "ahead",
    "archetypes",
    "dealings",
    "difficulty",
    "figures",
    "last_run",
    "lookalikes",
    "next_steps",
    "perception",
    "record",
    "sellers",
    "service",
    "since",
    "statement",
    "trials",
    "value",
]

CATALOGUE.stop_unless_whole(OUTPUTS)
