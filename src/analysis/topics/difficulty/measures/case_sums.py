"""The cases summed: by pattern of signs for the portfolio, and to one row per account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.topics.difficulty.measures.case_facts import MANNERS, OUTCOMES, SIGNS

if TYPE_CHECKING:
    import ibis
    import pandas as pd

UNCLAIMED, OURS = "none", "ours"
#: The chance of a case whose own record shows that we failed it; what a model tells of the others stays below.
SHOWN = 1.0


def with_patterns(facts: ibis.Table, listed: ibis.Table) -> ibis.Table:
    """Return the listed accounts' cases with every sign true or false, and the claim in a word.

    Parameters
    ----------
    facts
        As `case_facts` gives them.
    listed
        customer_id (Ibis) of the accounts listed.
    """
    rows = facts.inner_join(listed, "customer_id")
    signs = {f"{name}_sign": rows[name].fill_null(False) for name in SIGNS}
    return rows.mutate(claim=rows.claim.fill_null(UNCLAIMED), **signs)


def patterns(cases: ibis.Table) -> pd.DataFrame:
    """Return how many cases look alike: the flags of `SIGNS`, claim and cases."""
    import ibis

    keys = {name: cases[f"{name}_sign"] for name in SIGNS}
    summed = cases.group_by("claim", **keys).aggregate(cases=cases.count())
    found: pd.DataFrame = summed.order_by([ibis.asc(name) for name in ("claim", *SIGNS)]).to_pandas()
    return found


def with_chances(cases: ibis.Table, chances: pd.DataFrame) -> ibis.Table:
    """Return the cases with `chance`: that we failed them, by their pattern."""
    import ibis

    known = ibis.memtable(chances.drop(columns="cases").rename(columns={name: f"{name}_sign" for name in SIGNS}))
    keys = ["claim", *(f"{name}_sign" for name in SIGNS)]
    # As a decimal, so that its sums do not hang on the order of the rows.
    return cases.inner_join(known, keys).mutate(chance=known.chance.cast("decimal(14, 12)"))


def sums_by_account(cases: ibis.Table) -> pd.DataFrame:
    """Return the cases of each account, summed; all numbers, sorted by customer_id.

    Columns
    -------
    customer_id, cases
        The account.
    short_notice, out_of_scope, after_hours, evening, evening_minutes
        Cases brought so; events and minutes after hours.
    failed
        The chances that we failed its cases, summed.
    missed, undated, slow, handed_on, silent, mended, and each with `_of`
        Cases with the sign, and cases where it can be known.
    escalated, reopened, dissatisfied, complained, each with `_of`, `_failed`, `_squared` and `_ours`
        As `whose_trouble.lifts` takes them.
    escalated_shown, reopened_shown, dissatisfied_shown, complained_shown
        Of those, the cases whose record shows that we failed them: whole cases, for words.
    claimed
        Cases whose recorded cause is ours.
    blamed
        Cases that we hold against the customer by their recorded cause, though the record says that we failed them.
    """
    import ibis

    number = {"cases": cases.count(), "failed": cases.chance.sum()}
    number |= {name: cases[name].fill_null(False).sum() for name in MANNERS}
    number |= {name: cases[name].sum().fill_null(0) for name in ("evening", "evening_minutes")}
    for name in SIGNS:
        number[name] = cases[name].fill_null(False).sum()
        number[f"{name}_of"] = cases[name].count()
    for name in OUTCOMES:
        known = cases[name].notnull()
        number[name] = cases[name].fill_null(False).sum()
        number[f"{name}_of"] = cases[name].count()
        number[f"{name}_failed"] = cases.chance.sum(where=known)
        number[f"{name}_squared"] = (cases.chance * cases.chance).sum(where=known)
        number[f"{name}_ours"] = cases.chance.sum(where=cases[name])
        number[f"{name}_shown"] = (cases[name] & (cases.chance >= SHOWN)).fill_null(False).sum()
    number["claimed"] = (cases.claim == OURS).sum()
    number["blamed"] = ((cases.claim == "theirs") & (cases.chance >= 0.5)).sum()
    typed = {name: value.cast("float64").fill_null(0.0) for name, value in number.items()}
    summed = cases.group_by("customer_id").aggregate(**typed)
    found: pd.DataFrame = summed.order_by(ibis.asc("customer_id")).to_pandas()
    return found
