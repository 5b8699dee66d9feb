"""What sets a cluster apart from the other accounts, and its name in plain words.

The words come from the features alone, never from a cluster's number, so that the same pattern has the same name. A
feature is named where it makes up a good part of the cluster and the members have clearly more of it than the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.judgement.archetypes.features import ABOVE_LIKE, BEYOND_AGREED, BEYOND_WANTED, DIRECTIONS
from analysis.judgement.archetypes.partition import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

#: What share a feature must have, on average, to be named, and how many are.
GOOD_PART, MOST_NAMED = 0.15, 3
LEVEL = 0.95
MORE = {
    (True, True, False): "More than agreed or wanted",
    (True, False, False): "More than agreed, and wanted or unasked",
    (False, True, False): "Agreed, but more than wanted",
    (False, False, True): "Served above their like, with nothing agreed",
}
MIXED_SERVICE = "More than due, in mixed ways"
MIXED_TROUBLE = "A little of everything"


def profile(rows: Floats, labels: Ints, names: list[str]) -> pd.DataFrame:
    """Return how each cluster differs from all other rows, feature by feature.

    Parameters
    ----------
    rows
        Rows by features.
    labels
        The cluster of each; -1 is noise, which counts among the others.

    Returns
    -------
    DataFrame
        cluster, feature, mean (of the members), rest (mean of the others), difference (of the means, in standard
        deviations over all rows), low, high (its 95% interval by Welch's t). The clusters were made from these very
        features, so the intervals say how distinct the members are, not whether the cluster is real.
    """
    import pandas as pd

    spread = rows.std(axis=0)
    unit = np.where(spread > 0, spread, 1.0)
    parts = []
    for number in range(labels.max(initial=-1) + 1):
        mine, others = rows[labels == number], rows[labels != number]
        if len(others):
            parts.append(_against(mine, others, unit).assign(cluster=number, feature=names))
    columns = ["cluster", "feature", "mean", "rest", "difference", "low", "high"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _against(mine: Floats, others: Floats, unit: Floats) -> pd.DataFrame:
    """Return Welch's interval of the difference of the means, in units."""
    import pandas as pd
    from scipy.stats import t

    errors = [_squared_error(part) for part in (mine, others)]
    error = errors[0] + errors[1]
    freedom = error**2 / np.maximum(
        errors[0] ** 2 / max(len(mine) - 1, 1) + errors[1] ** 2 / max(len(others) - 1, 1), np.finfo(float).tiny
    )
    half = t.ppf((1 + LEVEL) / 2, np.maximum(freedom, 1.0)) * np.sqrt(error)
    mean, rest = mine.mean(axis=0), others.mean(axis=0)
    return pd.DataFrame(
        {
            "mean": mean,
            "rest": rest,
            "difference": (mean - rest) / unit,
            "low": (mean - rest - half) / unit,
            "high": (mean - rest + half) / unit,
        }
    )


def _squared_error(part: Floats) -> Floats:
    return np.asarray(part.var(axis=0, ddof=1) / len(part) if len(part) > 1 else np.zeros(part.shape[1]))


def set_apart(rows: pd.DataFrame) -> list[str]:
    """Return the features of a cluster's profile to name it by, in the features' own order.

    Parameters
    ----------
    rows
        The rows of one cluster of a profile.
    """
    told = rows[(rows["mean"] >= GOOD_PART) & (rows.low > 0)]
    most = told.sort_values(["mean", "feature"], ascending=[False, True]).head(MOST_NAMED)
    return [str(name) for name in told.feature if name in set(most.feature)]


def name_over_served(rows: pd.DataFrame) -> str:
    """Return the name of a cluster of over-served accounts: in which way, and with what.

    Parameters
    ----------
    rows
        The rows of one cluster of a profile over `over_served_features`.
    """
    mean = dict(zip(rows.feature, rows["mean"], strict=True))
    way = tuple(mean.get(name, 0.0) >= 0.5 for name in (BEYOND_AGREED, BEYOND_WANTED, ABOVE_LIKE))
    with_what = [_words(name) for name in set_apart(rows[~rows.feature.isin(DIRECTIONS)])]
    lead = MORE.get(way, MIXED_SERVICE)
    return f"{lead}: {_listed(with_what)}" if with_what else lead


def name_difficult(rows: pd.DataFrame) -> str:
    """Return the name of a cluster of difficult accounts: the behaviours that set it apart."""
    named = _listed([_words(name) for name in set_apart(rows)])
    return named[:1].upper() + named[1:] if named else MIXED_TROUBLE


def told_apart(rows: pd.DataFrame) -> str:
    """Return what sets a cluster apart, in words: each feature's share there and elsewhere.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"feature": "late_payment", "mean": 0.41, "rest": 0.05, "difference": 2.0, "low": 1.5, "high": 2.5}
    >>> told_apart(pd.DataFrame([row]))
    'late payment 41% (elsewhere 5%)'
    """
    clear = rows[(rows.low > 0) & (rows["mean"] >= GOOD_PART / 2)]
    ranked = clear.sort_values(["difference", "feature"], ascending=[False, True])
    return "; ".join(
        f"{_words(name)} {mean:.0%} (elsewhere {rest:.0%})"
        for name, mean, rest in zip(ranked.feature, ranked["mean"], ranked.rest, strict=True)
    )


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
