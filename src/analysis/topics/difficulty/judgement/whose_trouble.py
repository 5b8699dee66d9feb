"""Whose trouble it is: what our own failures explain of what went wrong.

First the chance that we failed a case, from what the record shows of it; where a cause was recorded it teaches the
model. Then what such a failure adds to the chance that a case escalates, is reopened or leaves the customer
dissatisfied. Both are fitted to all accounts' cases together: few numbers, whatever the order of the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.topics.difficulty.measures.case_facts import OUTCOMES, SIGNS

if TYPE_CHECKING:
    import pandas as pd

#: What shows by itself that we failed: a promise missed, or work of ours to mend a failure.
HARD = ("missed", "mended")
#: What is ours as a whole on a case that we failed: who is content with that?
WHOLLY_OURS = ("dissatisfied",)
#: The ridge of the second model, in cases.
RIDGE = 1.0


def failure_chances(patterns: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return, for every pattern of signs, the chance that we failed the case.

    A hard sign is a failure, and so is a case whose recorded cause is `ours`: the chance is 1, whatever else we claim.
    Of the others a ridge-regularised logistic regression on the signs tells, fitted on the cases whose cause was
    recorded. A cause that clears us is a claim of one side: it raises nothing by itself, and teaches
    nothing where a hard sign contradicts it. Where too few causes were recorded, what is not hard is no failure.

    Parameters
    ----------
    patterns
        The flags of `SIGNS`, claim (`ours`, `theirs` or empty) and `cases` that look so.
    least
        Cases of either cause, from which the record can teach.

    Returns
    -------
    DataFrame
        The patterns with `chance`, 0 to 1.
    """
    signs = patterns[list(SIGNS)].to_numpy(dtype=np.float64)
    hard = patterns[list(HARD)].any(axis=1).to_numpy(dtype=bool)
    ours = (patterns.claim == "ours").fillna(False).to_numpy(dtype=bool)
    cleared = (patterns.claim == "theirs").fillna(False).to_numpy(dtype=bool) & ~hard
    cases = patterns.cases.to_numpy(dtype=np.float64)
    chance, told = np.zeros(len(patterns)), ours | cleared
    if min(cases[ours].sum(), cases[cleared].sum()) >= least:
        chance = _logistic(signs[told], ours[told], cases[told], signs)
    return patterns.assign(chance=np.where(ours | hard, 1.0, chance))


def _logistic(signs: np.ndarray, ours: np.ndarray, cases: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=1000).fit(signs, ours, sample_weight=cases)
    found: np.ndarray = model.predict_proba(wanted)[:, 1]
    return found


def lifts(sums: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return what a failure of ours adds to each outcome's chance.

    A ridge regression of the outcome on the chance that we failed the case, within accounts: an account whose cases
    always escalate raises its own level and not the lift. `share` is the excess fraction among such cases
    (lift / (lift + chance without a failure); Greenland & Robins, American Journal of Epidemiology 128, 1988). Where
    there are too few failed cases to learn from, what follows a failure of ours is ours.

    Parameters
    ----------
    sums
        One row per account: for each outcome, `<outcome>_of` (cases where it is known), `<outcome>`,
        `<outcome>_failed` (the chances of a failure, summed), `<outcome>_squared` (their squares) and
        `<outcome>_ours` (the chances of the cases that ended so).
    least
        Failed cases from which they can teach.

    Returns
    -------
    DataFrame
        outcome, lift, without, share.
    """
    import pandas as pd

    return pd.DataFrame([{"outcome": name, **_lift(sums, name, least)} for name in OUTCOMES])


def _lift(sums: pd.DataFrame, outcome: str, least: int) -> dict[str, float]:
    known = sums[sums[f"{outcome}_of"] > 0]
    of, ended = known[f"{outcome}_of"], known[outcome]
    failed, squared, both = (known[f"{outcome}_{name}"] for name in ("failed", "squared", "ours"))
    if failed.sum() < least:
        return {"lift": float("nan"), "without": float("nan"), "share": 1.0}
    together = float((both - failed * ended / of).sum())
    apart = float((squared - failed**2 / of).sum())
    lift = max(0.0, together / (apart + RIDGE))
    total = float(of.sum())
    without = max(0.0, float(ended.sum() - lift * failed.sum()) / total)
    return {"lift": lift, "without": without, "share": lift / (lift + without) if lift else 0.0}


def ours_of(sums: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts' sums with what our failures explain of the cases that ended so.

    `<outcome>_ours` counts the cases that we failed and that ended so, as far as a failure explains one (for words);
    dissatisfaction is the customer's only where we did not fail it. `<outcome>_added` is how many would end so for so
    many failures, whichever did: an account that ends so on every case, ended so on those that we failed too.

    Parameters
    ----------
    sums
        As `lifts` takes them: there `<outcome>_ours` is the sum of the chances that we failed those cases.
    found
        As `lifts` gives them.
    """
    shares = found.set_index("outcome").share.to_dict()
    shares |= dict.fromkeys(WHOLLY_OURS, 1.0)
    ours = {name: sums[f"{name}_ours"] * shares[name] for name in OUTCOMES}
    lift = found.set_index("outcome").lift.to_dict()
    # Where too few failures teach what one adds, what followed one is ours.
    added = {name: (lift[name] * sums[f"{name}_failed"]).fillna(ours[name]) for name in OUTCOMES}
    added = {f"{name}_added": number.clip(upper=sums[name]) for name, number in added.items()}
    return sums.assign(**{f"{name}_ours": number for name, number in ours.items()}, **added)
