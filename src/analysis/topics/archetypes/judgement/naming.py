"""What sets a cluster apart from the other accounts, and its name in plain words.

The words come from the features alone, never from a cluster's number, so that the same pattern has the same name. A
feature is named where it makes up a good part of the cluster and the members have clearly more of it than the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.formats import capital, in_a_sentence
from analysis.topics.archetypes.judgement.features import ABOVE_LIKE, BEYOND_AGREED, BEYOND_WANTED, DIRECTIONS, Features
from analysis.topics.archetypes.judgement.partition import NOISE, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

#: What share a feature must have, on average, to be named, and how many are.
GOOD_PART, MOST_NAMED = 0.15, 3
LEVEL = 0.95
MORE = {
    (True, True, False): "More than agreed or wanted",
    (True, False, False): "More than agreed",
    (False, True, False): "More than wanted",
    (False, False, True): "More than like accounts, with nothing agreed",
}
#: Words of features whose own would not do.
WORDS = {
    "above_like_accounts": "judged by like accounts",
    "after_hours": "after-hours demands",
    "after_hours_minutes": "after-hours support",
    "dedicated_contact_hours": "a dedicated contact",
    "dissatisfied": "dissatisfaction",
    "out_of_scope": "work out of scope",
    "support_minutes": "support",
}
#: From how many standard deviations on a size is part of the name (a large effect by Cohen 1988).
LARGE = 0.8
MIXED_SERVICE = "More than due, in mixed ways"
MIXED_TROUBLE = "A little of everything"


def profile(features: Features, labels: Ints) -> pd.DataFrame:
    """Return how each cluster differs from all other accounts, feature by feature.

    Parameters
    ----------
    labels
        The cluster of each account; -1 is noise, which counts among the others.

    Returns
    -------
    DataFrame
        cluster, feature, share (false: an amount), mean of the members and rest, that of the others (of an amount, the
        medians), difference (of the means, in standard deviations over all accounts; of an amount, drawn in by
        `Intensities`), low, high (its 95% interval by Welch's t). The clusters were made from these very features, so
        the intervals say how distinct the members are, not whether the cluster is real.
    """
    import pandas as pd

    from analysis.topics.archetypes.judgement.transform import Intensities

    columns = ["cluster", "feature", "share", "mean", "rest", "difference", "low", "high"]
    shares = features.frame[features.names].to_numpy(dtype=np.float64)
    amounts = features.amounts.to_numpy(dtype=np.float64)
    clusters = labels.max(initial=NOISE) + 1
    if not clusters or (labels == 0).all():
        return pd.DataFrame(columns=columns)
    drawn_in = Intensities().fit_transform(amounts)
    parts = []
    for number in range(clusters):
        mine = labels == number
        of_shares = _against(shares, mine).assign(feature=features.names, share=True)
        of_amounts = _against(drawn_in, mine).assign(feature=list(features.amounts.columns), share=False)
        of_amounts["mean"], of_amounts["rest"] = _medians(amounts[mine]), _medians(amounts[~mine])
        parts += [part.assign(cluster=number) for part in (of_shares, of_amounts)]
    return pd.concat(parts, ignore_index=True)[columns]


def _against(rows: Floats, mine: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the means of some rows and of the others, and Welch's interval of their difference."""
    import pandas as pd
    from scipy.stats import t

    spread = rows.std(axis=0)
    unit = np.where(spread > 0, spread, 1.0)
    inside, outside = rows[mine], rows[~mine]
    errors = [_squared_error(part) for part in (inside, outside)]
    error = errors[0] + errors[1]
    parts = errors[0] ** 2 / max(len(inside) - 1, 1) + errors[1] ** 2 / max(len(outside) - 1, 1)
    freedom = np.divide(error**2, parts, out=np.ones_like(error), where=parts > 0)
    half = t.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(error)
    mean, rest = inside.mean(axis=0), outside.mean(axis=0)
    apart = mean - rest
    return pd.DataFrame(
        {
            "mean": mean,
            "rest": rest,
            "difference": apart / unit,
            "low": (apart - half) / unit,
            "high": (apart + half) / unit,
        }
    )


def _medians(rows: Floats) -> Floats:
    known = ~np.isnan(rows).all(axis=0)
    found = np.full(rows.shape[1], np.nan)
    found[known] = np.nanmedian(rows[:, known], axis=0)
    return found


def _squared_error(part: Floats) -> Floats:
    return np.asarray(part.var(axis=0, ddof=1) / len(part) if len(part) > 1 else np.zeros(part.shape[1]))


def set_apart(rows: pd.DataFrame) -> list[str]:
    """Return the features of a cluster's profile to name it by, in the features' own order.

    Parameters
    ----------
    rows
        The rows of one cluster of a profile.
    """
    told = rows[rows.share.astype(bool) & (rows["mean"] >= GOOD_PART) & (rows.low > 0)]
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
    lead = f"{lead}: {_listed(with_what)}" if with_what else lead
    return f"{_size(rows)}{in_a_sentence(lead)}" if _size(rows) else lead


def _size(rows: pd.DataFrame) -> str:
    """Return words for accounts that are clearly smaller or larger than the others; empty where they are not."""
    size = rows[rows.feature == "net_revenue"]
    if (size.high < 0).any() and (size.difference <= -LARGE).any():
        return "Small accounts, "
    return "Large accounts, " if (size.low > 0).any() and (size.difference >= LARGE).any() else ""


def name_difficult(rows: pd.DataFrame) -> str:
    """Return the name of a cluster of difficult accounts: the behaviours that set it apart."""
    named = _listed([_words(name) for name in set_apart(rows)])
    return capital(named) if named else MIXED_TROUBLE


def told_apart(rows: pd.DataFrame) -> str:
    """Return what sets a cluster apart, in words: each feature's share there and elsewhere.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"feature": "late_payment", "share": True, "mean": 0.41, "rest": 0.05, "difference": 2.0, "low": 1.5}
    >>> told_apart(pd.DataFrame([row]))
    'late payment 41% (elsewhere 5%)'
    """
    clear = rows[rows.share.astype(bool) & (rows.low > 0) & (rows["mean"] >= GOOD_PART / 2)]
    ranked = clear.sort_values(["difference", "feature"], ascending=[False, True])
    return "; ".join(
        f"{_words(name)} {mean:.0%} (elsewhere {rest:.0%})"
        for name, mean, rest in zip(ranked.feature, ranked["mean"], ranked.rest, strict=True)
    )


def _words(name: str) -> str:
    return WORDS.get(str(name), str(name).replace("_", " "))


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
