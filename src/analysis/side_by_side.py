"""Two portfolios side by side: who would move, by how much, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from analysis.tables.catalogue import CATALOGUE, COSTING, differing

if TYPE_CHECKING:
    import pandas as pd

    from analysis.portfolio import Portfolio

#: What is judged of an account: the figure that it is judged by, and the part of the catalogue that judges.
JUDGED = {
    "segment": ("running_margin", "statement"),
    "over_served": ("over_service_cost", "service_judgement"),
    "under_served": ("beyond_agreed_cost", "service_judgement"),
    "difficult": ("trouble", "difficulty_judgement"),
    "difficult_by_us": ("difficulty_ours", "difficulty_judgement"),
    "perception": ("perception_gap", "perception_judgement"),
}
ABSENT = "not in the window"


def compare(one: Portfolio, other: Portfolio) -> pd.DataFrame:
    """Return the judgements that differ between two portfolios.

    Returns
    -------
    DataFrame
        customer_id, name, judgement, before (in `one`), after (in `other`), figure (the name of what it is judged by),
        figure_before, figure_after, why; sorted by judgement and account.
    """
    import pandas as pd

    before, after = one.judged, other.judged
    both = before[["customer_id", "name"]].merge(after[["customer_id", "name"]], on="customer_id", how="outer")
    ids, names = both.customer_id, both.name_x.fillna(both.name_y)
    here, there = (frame.set_index("customer_id").reindex(ids) for frame in (before, after))
    changed = [*_changed(one, other)]
    elsewhere = _elsewhere(one, other)
    parts = [
        _one(judgement, figure, names, here, there, _why(changed, part) or elsewhere)
        for judgement, (figure, part) in JUDGED.items()
        if judgement in here and judgement in there
    ]
    columns = ["customer_id", "name", "judgement", "before", "after", "figure", "figure_before", "figure_after", "why"]
    return pd.concat(parts, ignore_index=True)[columns]


def _elsewhere(one: Portfolio, other: Portfolio) -> str:
    return "" if one.window == other.window else f"another window: to {other.window.end}, {other.window.months} months"


def _changed(one: Portfolio, other: Portfolio) -> Iterator[tuple[str, set[str]]]:
    """Yield each key of the policy and of the costing that differs, with both values, and what hangs on it."""
    for mine, theirs, stands_for in (
        (one.policy.model_dump(), other.policy.model_dump(), None),
        (_costing(one, other), _costing(other, one), COSTING),
    ):
        for key in differing(mine, theirs):
            words = f"{key} {_value(mine, key)} -> {_value(theirs, key)}"
            yield words, CATALOGUE.hang_on([stands_for or key])


def _costing(p: Portfolio, beside: Portfolio) -> dict[str, Any]:
    """Return a costing, where that of both is known: tables that were read do not say it."""
    costing = None if p.is_read or beside.is_read else p.opened.costing
    return costing.model_dump() if costing else {}


def _why(changed: Iterable[tuple[str, set[str]]], part: str) -> str:
    """Return what differs of that which a judgement hangs on."""
    return ", ".join(words for words, reached in changed if part in reached)


def _value(settings: Any, key: str) -> Any:
    value = settings
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return "unset" if value is None else value


def _one(
    judgement: str, figure: str, names: pd.Series[str], here: pd.DataFrame, there: pd.DataFrame, why: str
) -> pd.DataFrame:
    import pandas as pd

    told = pd.DataFrame(
        {
            "customer_id": here.index,
            "name": names.to_numpy(),
            "judgement": judgement,
            "before": _words(here, judgement),
            "after": _words(there, judgement),
            "figure": figure,
            "figure_before": here[figure].astype("float64").to_numpy() if figure in here else float("nan"),
            "figure_after": there[figure].astype("float64").to_numpy() if figure in there else float("nan"),
        }
    )
    moved = told[told.before != told.after]
    same = (moved.figure_before - moved.figure_after).abs() < 1e-9
    return moved.assign(why=["the line moved: " * bool(alike) + why for alike in same] if why else "")


def _words(frame: pd.DataFrame, judgement: str) -> list[str]:
    values = frame[judgement]
    words = values.astype("object").where(values.notna(), "not scored").astype(str).str.lower()
    return words.where(frame["name"].notna(), ABSENT).tolist()
