"""The words that go with a world: `truth/README.md` and `truth/world.json`."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files

import numpy as np

from sample_firms.accounts import (
    BEHAVIOURS,
    DIFFICULT_FROM,
    DIFFICULT_KINDS,
    FAILURE_LEADS_TO,
    LEAST_CASES,
    REFERENCE,
    STEEPNESS,
)
from sample_firms.entitlements import OVER_AMOUNT, OVER_KINDS, OVER_SHARE
from sample_firms.opinions import PERCEPTIONS
from sample_firms.trade import Trade
from sample_firms.world import FUTURE_MONTHS, Calendar, Ints, Settings


def readme(version: int) -> str:
    """Return the text of the truth's README."""
    text = files("sample_firms").joinpath("truth_readme.md").read_text(encoding="utf-8")
    return text.format(
        version=version,
        share=OVER_SHARE,
        amount=OVER_AMOUNT,
        difficult=DIFFICULT_FROM,
        least=LEAST_CASES,
        kinds=", ".join(f"`{kind}`" for kind in DIFFICULT_KINDS),
        behaviours=", ".join(BEHAVIOURS),
        months=FUTURE_MONTHS,
        steepness=STEEPNESS,
    )


def world_json(settings: Settings, calendar: Calendar, version: int) -> str:
    """Return the settings and definitions of a world."""
    facts = {
        "world_version": version,
        "seed": settings.seed,
        "accounts": settings.accounts,
        "noise": settings.noise,
        "as_of": settings.as_of.isoformat(),
        "history_starts": str(calendar.start),
        "window_starts": str(calendar.dates(_one(calendar.window))[0]),
        "over_served": settings.over_served,
        "difficult": settings.difficult,
        "structure": settings.structure,
        "over_served_from": {"share_of_revenue": OVER_SHARE, "amount_a_year": OVER_AMOUNT},
        "over_served_kinds": list(OVER_KINDS),
        "difficult_from": DIFFICULT_FROM,
        "difficult_kinds": list(DIFFICULT_KINDS),
        "behaviour_reference": REFERENCE,
        "failure_leads_to": FAILURE_LEADS_TO,
        "perceptions": list(PERCEPTIONS),
    }
    if settings.trade != Trade():
        facts["trade"] = asdict(settings.trade)
    return json.dumps(facts, indent=2) + "\n"


def _one(number: int) -> Ints:
    return np.array([number], dtype=np.int64)
