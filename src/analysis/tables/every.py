"""Every topic's tables, in the catalogue: a function for each, and for each part that several of them rest on."""

from analysis.data.contract import OUTPUTS
from analysis.tables import last_run
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.actions import facts as of_actions
from analysis.topics.actions import next_steps, record, trials
from analysis.topics.actions import tables as actions
from analysis.topics.archetypes import facts as of_archetypes
from analysis.topics.archetypes import lookalikes
from analysis.topics.archetypes import tables as archetypes
from analysis.topics.difficulty import dealings
from analysis.topics.difficulty import facts as of_difficulty
from analysis.topics.difficulty import tables as difficulty
from analysis.topics.overview import accounts, since
from analysis.topics.overview import headline_figures as figures
from analysis.topics.perception import facts as of_perception
from analysis.topics.perception import tables as perception
from analysis.topics.profitability import ahead
from analysis.topics.profitability import tables as statement
from analysis.topics.sellers import tables as sellers
from analysis.topics.service import tables as service
from analysis.topics.value import facts as of_value
from analysis.topics.value import tables as value

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
    "of_actions",
    "of_archetypes",
    "of_difficulty",
    "of_perception",
    "of_value",
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
