"""Every step is told everywhere: what a new one needs beside its place in `STEPS`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from analysis.reporting.action_words import ACTIONS as TITLES
from analysis.tables.catalogue import CatalogueError
from analysis.topics.actions.columns import ACTIONS
from analysis.topics.actions.judgement.step_reasons import TRIED
from analysis.topics.actions.judgement.step_words import DOUBTS, WORDS
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.actions.policy import DEFAULTS

#: What tells of each step, by where it stands.
TOLD: Mapping[str, Collection[str]] = {
    "ACTIONS (topics/actions/columns.py: what a person may decide)": ACTIONS,
    "DEFAULTS (topics/actions/policy.py: what it is assumed to change)": DEFAULTS,
    "WORDS (topics/actions/judgement/step_words.py: what it is for an account)": WORDS,
    "DOUBTS (topics/actions/judgement/step_words.py: what would change our mind)": DOUBTS,
    "TRIED (topics/actions/judgement/step_reasons.py: what it is called once taken)": TRIED,
    "TITLES (reporting/action_words.py, as ACTIONS: what it is called on a page)": TITLES,
}


def stop_unless_told() -> None:
    """Stop where a step is missing in one of the lists that tell of it.

    Raises
    ------
    CatalogueError
        Every step with every list that it lacks.
    """
    lacking = {name: [where for where, told in TOLD.items() if name not in told] for name in STEPS}
    faults = [f"The step {name} is missing in {', in '.join(places)}." for name, places in lacking.items() if places]
    if faults:
        raise CatalogueError(" ".join(faults))
