"""What the tables of archetypes are called on a page: the two groups, the answers and how sure a kind is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from analysis.formats import agree, capital, count, counted, money
from analysis.reporting import palette
from analysis.reporting.labels import attribute_title
from analysis.run import Run
from analysis.topics.archetypes.judgement.naming import WORDS
from analysis.topics.difficulty.words import BEHAVIOURS

LETTERS = "ABCDEFGHIJKLMNOPQRST"
FEATURES = {
    "beyond_agreed": "Beyond the agreement",
    "beyond_wanted": "Beyond what they want",
    "above_like_accounts": "Above like accounts",
}
STANDINGS = {"stable": "stable", "pattern": "a pattern"}


class Group(NamedTuple):
    """A group of accounts among which kinds are looked for: its code, its words, its money and its colour."""

    code: str
    who: str
    one: str
    money: str
    cost: str
    colour: palette.Colour


GROUPS = (
    Group(
        "over_served", "over-served", "over-served account", "over_service_cost", "Over-service", palette.OVER_SERVED
    ),
    Group("difficult", "difficult", "difficult account", "cost_to_serve", "Cost to serve", palette.DIFFICULT),
)


@dataclass(frozen=True)
class Kinds:
    """The kinds of one group in a run.

    Attributes
    ----------
    rows
        The kinds, lettered from the first: `tables/archetypes` with letter.
    rest
        How many accounts have none.
    accounts
        How many there are in all.
    answer
        kinds, one or too few; empty where the run does not say.
    gone
        The labels that have dissolved since the last run.
    """

    group: Group
    rows: pd.DataFrame
    rest: int
    accounts: int
    answer: str
    gone: list[str]

    @property
    def placed(self) -> int:
        """How many accounts have a kind."""
        return int(self.rows["accounts"].sum())

    @property
    def letters(self) -> dict[str, str]:
        """The letter of each kind."""
        return dict(zip(self.rows["archetype"].astype(str), self.rows["letter"], strict=True))


def kinds_of(run: Run, group: Group) -> Kinds:
    """Read the kinds of one group from a run's tables."""
    rows = run.archetypes[run.archetypes["kind"] == group.code]
    named = rows[rows["archetype"].notna() & (rows["accounts"].fillna(0) > 0)]
    gone = rows[rows["change"].astype("string").eq("dissolved").fillna(False)]
    rest = int(rows.loc[rows["archetype"].isna(), "accounts"].fillna(0).sum())
    evidence = run.archetype_evidence[run.archetype_evidence["kind"] == group.code]
    answer = str(evidence["answer"].iloc[0]) if len(evidence) else ""
    lettered = named.assign(letter=list(LETTERS[: len(named)]))
    return Kinds(
        group, lettered, rest, int(named["accounts"].sum()) + rest, answer, gone["archetype"].astype(str).tolist()
    )


def of_group(table: pd.DataFrame, kinds: Kinds) -> pd.DataFrame:
    """Return the rows of a table that are of a group."""
    return table[table["kind"] == kinds.group.code]


def found(run: Run) -> list[Kinds]:
    """Read the kinds of every group that has accounts."""
    every = [kinds_of(run, group) for group in GROUPS]
    return [kinds for kinds in every if kinds.accounts or kinds.gone]


def answer_in_words(kinds: Kinds, least: int) -> str:
    """Say what was found among a group, and where nothing was, why.

    Parameters
    ----------
    least
        How many accounts it takes to look for kinds.
    """
    among = counted(kinds.accounts, kinds.group.one)
    if not kinds.accounts:
        return f"No account is {kinds.group.who}"
    if len(kinds.rows):
        verb = agree(kinds.placed, "falls", "fall")
        return f"{count(kinds.placed)} of {among} {verb} into {counted(len(kinds.rows), 'kind')}"
    if kinds.answer == "too few":
        return f"Too few to look for kinds: {among}, and it takes {count(least)}"
    return f"No kinds among {among}: each is a case of its own"


def opening_title(every: list[Kinds]) -> str:
    """Say how many kinds hold, over all groups."""
    parts = [f"{counted(len(k.rows), 'kind')} of {k.group.who} accounts" for k in every]
    holding = [part for part, k in zip(parts, every, strict=True) if len(k.rows)]
    if not holding:
        return "No kinds of accounts hold: each case is one of its own"
    sentence = " and ".join(holding)
    one = sum(len(k.rows) for k in every) == 1
    return f"{capital(sentence)} {agree(1 if one else 2, 'holds', 'hold')} when the data is drawn anew"


def feature_title(code: object) -> str:
    """Give the readable title of what accounts are told apart by, in the words that their names are made of.

    Examples
    --------
    >>> feature_title("beyond_agreed"), feature_title("site_visits"), feature_title("late_payment")
    ('Beyond the agreement', 'Site visits', 'Late payment')
    """
    own = WORDS.get(str(code), "")
    return FEATURES.get(str(code)) or capital(own) or BEHAVIOURS.get(str(code)) or attribute_title(code)


def sum_of(kinds: Kinds, currency: str) -> str:
    """Say what the accounts of the kinds amount to."""
    return money(kinds.rows[kinds.group.money].sum(), currency)


def standing(row: dict[Any, Any]) -> str:
    """Say how sure a kind is."""
    return STANDINGS.get(str(row["standing"]), "")
