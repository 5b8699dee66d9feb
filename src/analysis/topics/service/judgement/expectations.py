"""The talk about expectations: for each material gap what to ask, and what the customer has already said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from analysis.data.contract import conform

if TYPE_CHECKING:
    import pandas as pd

SAID = ("must_do", "must_not", "improve", "satisfied_with", "forgiving")
MUST_DO = "What must we do, whatever else happens?"
MUST_NOT = "What must we not do?"
ONE_MISTAKE = "Does one mistake end it?"
QUESTIONS = {
    "price": "You get more {what} than was agreed and want it: which price would be fair?",
    "trade": "You have agreed more {what} than you want: what would you rather have instead?",
    "stop": "We give you more {what} than you asked for and than was agreed: what would you miss if it were less?",
    "ask": "You get more {what} than was agreed: do you want it?",
    "under": "You count on more {what} than we gave you: which part of it matters most?",
    "peer": "You get more {what} than like accounts do: which part of it do you want?",
    "beyond": "You ask for more {what} than any account gets: what would you do with it, and what is it worth to you?",
}


def latest_answers(surveys: pd.DataFrame) -> pd.DataFrame:
    """Return each account's latest answer to each question, and the day of its latest survey.

    Parameters
    ----------
    surveys
        customer_id, asked_on and the answers, up to the as-of day. Of several on one day the one counts that sorts
        last, whatever the order of the rows.
    """
    found = surveys.groupby("customer_id", as_index=False).asked_on.max()
    for question in SAID:
        ordered = surveys.sort_values(["asked_on", question])
        found = found.merge(ordered.groupby("customer_id", as_index=False)[question].last(), on="customer_id")
    return found


def expectations(
    rows: pd.DataFrame, surveys: pd.DataFrame | None, unit_costs: Mapping[str, float], most: Mapping[str, float]
) -> pd.DataFrame:
    """Return `tables/expectations`: every material gap, and every demand beyond what any account gets.

    Parameters
    ----------
    rows
        `tables/service_gaps`, with `sign` (-1 where fewer is more service) and `promise`.
    surveys
        As `latest_answers` takes them; None without surveys.
    unit_costs
        Cost of one unit by attribute, over all accounts, at the costing's rates.
    most
        The most service by attribute that any account gets, in units per period. A ceiling asks for nothing.
    """
    highest = rows.attribute.map(dict(most)).astype("float64")
    wanted = rows.expected.where(np.isfinite(rows.expected) & rows.promise.fillna(False).astype(bool))
    found = rows.assign(most_delivered=highest, beyond_any=wanted * rows.sign > highest * rows.sign)
    each = rows.attribute.map(dict(unit_costs)).astype("float64")
    found["cost_of_wanted"] = (found.expected * rows.periods * each).where(found.beyond_any).round(4)
    found["short_units"] = found.short_of_agreed.fillna(found.short_of_wanted).where(found.kind == "under")
    found = found[found.material.fillna(False).astype(bool) | found.beyond_any]
    found = found.assign(questions=[_questions(row) for row in found.to_dict("records")])
    if surveys is not None and len(surveys):
        found = found.merge(latest_answers(surveys), on="customer_id", how="left")
    return conform(found.sort_values(["customer_id", "attribute"]), "expectations")


def _questions(row: dict[str, object]) -> str:
    """Return the questions that a gap raises, then those that every such talk has, one a line."""
    # What is done after hours is one word before a noun: after-hours minutes.
    what = re.sub(r"^after hours (?=\w)", "after-hours ", str(row["attribute"]).replace("_", " "))
    asked = [name for name in ("price", "trade", "stop", "ask") if _above_zero(row[f"cost_to_{name}"])]
    asked = [] if row["kind"] == "peer" else asked
    asked += [name for name in ("under", "peer") if row["kind"] == name]
    asked += ["beyond"] if row["beyond_any"] else []
    return "\n".join([*(QUESTIONS[name].format(what=what) for name in asked), MUST_DO, MUST_NOT, ONE_MISTAKE])


def _above_zero(value: object) -> bool:
    return isinstance(value, float) and value > 0
