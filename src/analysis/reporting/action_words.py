"""What the steps, the rungs and the teams are called on a page, and who takes the next step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from analysis.formats import as_one, in_a_sentence, listed
from analysis.reporting.markup import Child, name, plain, spoken
from analysis.reporting.said import said
from analysis.run import Run

ACTIONS = {
    "none": "Leave it as it is",
    "talk": "Talk about what each side expects",
    "educate": "Show how to order and ask with less effort",
    "mend_our_failures": "Mend our own failures",
    "restore_service": "Deliver what was promised",
    "invest": "Give more service",
    "require_notice": "Ask for notice",
    "order_terms": "Agree on larger orders",
    "payment_terms": "Agree on payment",
    "trim_frequency": "Trim service beyond what is due",
    "change_offer": "Offer another bundle",
    "change_channel": "Move to the portal",
    "change_staff": "Serve with other staff",
    "charge_out_of_scope": "Charge for work out of scope",
    "reprice": "Raise the price",
    "change_tier": "Move to a lower tier",
    "terminate": "Part ways",
}
RUNGS = {
    "reassess": "Reassess",
    "educate": "Educate",
    "renegotiate": "Renegotiate",
    "migrate": "Migrate",
    "terminate": "Part",
}
ASSUMPTIONS = {
    "share": "how much goes",
    "share_refused": "how much goes if refused",
    "accepts": "how many agree",
    "pull": "leaving, where agreed",
    "pull_refused": "leaving, where refused",
    "cost": "what it costs once",
}
AND = " + "


def steps_of(code: object) -> list[str]:
    """Give the steps of a package, in its order."""
    return str(code).split(AND)


def action_title(code: object) -> str:
    """Give a step's readable title, of a package each of its steps.

    Examples
    --------
    >>> action_title("payment_terms + require_notice")
    'Agree on payment; ask for notice'
    """
    parts = [ACTIONS.get(part) or spoken(part) for part in steps_of(code)]
    return as_one(parts)


def step_of(code: object) -> str:
    """Give a step's title within a sentence.

    Examples
    --------
    >>> step_of("reprice")
    'raise the price'
    """
    title = action_title(code)
    return in_a_sentence(title)


def in_words(run: Run) -> Callable[[Mapping[Any, Any]], Child]:
    """Return what says a row's step or package in the words that the account's own record gives it."""
    rows = run.table("actions")
    keys = zip(rows["customer_id"].astype(str), rows["action"], strict=True)
    known = dict(zip(keys, rows["in_words"], strict=True))

    def told(row: Mapping[Any, Any]) -> Child:
        account = str(row["customer_id"])
        parts = [plain(known.get((account, part), "")) or action_title(part) for part in steps_of(row["action"])]
        return said(as_one(parts, "; then "))

    return told


def rung_title(code: object) -> str:
    """Give a rung's readable title, of a package the highest."""
    return RUNGS.get(str(code), spoken(code))


def rungs_said(codes: object) -> str:
    """Write rungs of the ladder as words; an empty text is said as none."""
    parts = [part for part in plain(codes).split(", ") if part]
    return listed([RUNGS.get(part, part).lower() for part in parts]) or "none"


def next_step_by(run: Run, row: Mapping[Any, Any], *, by_name: bool) -> Child:
    """Say who takes the next step: the manager of the account, if by name, or the team whose hours it takes."""
    assumed = run.policy.actions
    teams = dict.fromkeys(assumed[part].team for part in str(row["action"]).split(AND) if part in assumed)
    person = plain(row.get("account_manager")) if by_name else ""
    who = [person if team == "account_managers" and person else spoken(team) for team in teams]
    return name(" and ".join(who)) if person in who else " and ".join(who)


def with_accounts(run: Run, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the name and the manager of their account."""
    known = run.accounts[["customer_id", "name", "account_manager"]]
    return rows.merge(known, on="customer_id", how="left")
