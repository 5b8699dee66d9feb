"""Who would change under another policy, in what, and why."""

from __future__ import annotations

import pandas as pd

from analysis.exploring.words import writer
from analysis.formats import amount, number, percent

#: A judgement, what it is called, and the figure that it rests on with how that is said.
_JUDGEMENTS = (
    ("segment", "segment", "running_margin", "running margin"),
    ("over_served", "over-served", "over_service_cost", "over-service"),
    ("difficult", "difficult", "difficulty", "difficulty"),
)
_COUNTED = {"over_served": "over-served", "under_served": "under-served", "difficult": "difficult"}
COLUMNS = ["customer_id", "name", "what", "before", "after", "because"]


def moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each judgement that differs, in words.

    Parameters
    ----------
    before, after
        The accounts as judged under either policy.

    Returns
    -------
    DataFrame
        customer_id, name, `what` is judged, `before`, `after`, and `because`: the figures that it rests on.

    Examples
    --------
    >>> one = {"customer_id": "007", "name": "Alder", "running_margin": 40.0, "service_demand": 0.2,
    ...        "over_service_cost": 5.0, "difficulty": 9.0, "segment": "profitable_low_demand", "difficult": False}
    >>> before = pd.DataFrame([one | {"over_served": False}])
    >>> moved(before, pd.DataFrame([one | {"over_served": True}]))[["what", "before", "after"]].values.tolist()
    [['over-served', 'no', 'yes']]
    """
    both = before.merge(after, on="customer_id", suffixes=("_before", ""), how="inner")
    parts = [_of(both, *judgement) for judgement in _JUDGEMENTS]
    return pd.concat(parts, ignore_index=True)[COLUMNS].sort_values(["what", "customer_id"], ignore_index=True)


def counts(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Count who is judged what, before and after: `what`, `before`, `after` and the `difference`."""
    rows = [
        {"what": words, "before": _yes(before[column]), "after": _yes(after[column])}
        for column, words in _COUNTED.items()
    ]
    codes = sorted({*before["segment"].dropna(), *after["segment"].dropna()})
    word = writer("segment", before["segment"])
    rows += [
        {"what": word(code), "before": _is(before["segment"], code), "after": _is(after["segment"], code)}
        for code in codes
    ]
    return pd.DataFrame(rows).assign(difference=lambda found: found["after"] - found["before"])


def _of(both: pd.DataFrame, column: str, what: str, figure: str, said: str) -> pd.DataFrame:
    old, new = both[f"{column}_before"], both[column]
    same = (old == new).fillna(False).astype(bool) | (old.isna() & new.isna())
    rows, word = both[~same], writer(column, new)
    return pd.DataFrame({
        "customer_id": rows["customer_id"],
        "name": rows["name"],
        "what": what,
        "before": [_said(value, word) for value in rows[f"{column}_before"]],
        "after": [_said(value, word) for value in rows[column]],
        "because": [_because(row, column, figure, said) for row in rows.to_dict("records")],
    })  # fmt: skip


def _said(value: object, word: object) -> str:
    return "not judged" if pd.isna(value) else word(value)  # type: ignore[call-overload, operator, no-any-return]


def _because(row: dict[object, object], column: str, figure: str, said: str) -> str:
    """Say the figure that decides, and what it was where the policy changes it, too."""
    say = number if column == "difficult" else amount
    now, then = say(row[figure]), say(row[f"{figure}_before"])
    words = f"{said} {now}" if now == then else f"{said} {now}, was {then}"
    return f"{words}; service demand {percent(row['service_demand'])}" if column == "segment" else words


def _yes(flags: pd.Series[bool]) -> int:
    return int((flags == True).fillna(False).sum())  # noqa: E712 - empties are neither


def _is(values: pd.Series[str], code: str) -> int:
    return int((values == code).fillna(False).sum())
