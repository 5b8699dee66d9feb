"""The top of an account's page: who it is, what it pays and would earn, and the next step with its alternatives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.formats import (
    amount,
    capital,
    day,
    hours,
    is_known,
    is_nothing,
    listed,
    money,
    money_range,
    month,
    per_window,
)
from analysis.reporting.action_words import AND, action_title
from analysis.reporting.at_stake import text_of
from analysis.reporting.fragments import LAB_STYLE, folded, paragraph
from analysis.reporting.known import data_from
from analysis.reporting.links import called
from analysis.reporting.markup import Child, Html, element, join, name, plain
from analysis.reporting.tables import Column, table
from analysis.topics.overview.account_page.filing import File
from analysis.topics.overview.account_page.flags import flags
from analysis.topics.overview.account_page.service import gap_in_words

ALTERNATIVES = 5
NOTHING = "none"


def opening(file: File) -> Html:
    """Say who the account is, and in a sentence what it pays, what it would earn like its peers and why it does not."""
    row = file.account
    return element(
        "div",
        element("style", Html(LAB_STYLE), class_="lab"),
        paragraph(_who(row), kind="eyebrow"),
        element("h1", called(file.filing.run, row["name"], row["customer_id"])),
        paragraph(flags({**row, "protect_first": file.step.get("protect_first")}, with_amount=True), kind="flags"),
        paragraph(*_lead(file), kind="lead"),
        class_="masthead",
    )


def _who(row: Mapping[Any, Any]) -> Child:
    parts: list[Child] = [name(row[key], longest=40) for key in ("industry", "region", "size") if plain(row[key])]
    if is_day(row.get("since")):
        since = f"customer since {month(row['since'])}"
        parts.append(since if parts else capital(since))
    if plain(row["account_manager"]):
        parts.append(name(row["account_manager"], longest=60))
    return join(*parts, by=" · ") or "Account"


def is_day(value: Any) -> bool:
    """Whether there is a date."""
    return value is not None and not pd.isna(value)


def _lead(file: File) -> list[Child]:
    row = file.account
    if not is_known(row["net_revenue"]):
        return ["What it pays is not recorded, so what it earns is not known. ", *gap_in_words(file)]
    pays = _pays(file)
    if not is_known(row["net_margin"]):
        return [f"{pays}; what it earns is not known. ", *gap_in_words(file)]
    margin = float(row["net_margin"])
    like = file.filing.like.of(file.customer_id).get("net_margin")
    alike = "" if like is None else f"; like accounts would {_would(file, like)} on it"
    earns = _earned(file, margin)
    return [f"{pays} and {earns}{alike}. ", *gap_in_words(file)]


def _earned(file: File, margin: float) -> str:
    """Say what it earns or loses; of one that has left, what it did."""
    if is_nothing(margin):
        return "came out even" if file.has_left else "comes out even"
    verb = ("earned" if margin > 0 else "lost") if file.has_left else ("earns" if margin > 0 else "loses")
    return f"{verb} {amount(abs(margin))} net"


def _would(file: File, margin: float) -> str:
    """Say what like accounts would earn, or would have earned, on what it paid."""
    if file.has_left:
        return f"have {'earned' if margin >= 0 else 'lost'} {amount(abs(margin))}"
    return f"{'earn' if margin >= 0 else 'lose'} {amount(abs(margin))}"


def _pays(file: File) -> str:
    """Say what it pays; of one that came within the window since when, and not as if it were a year's."""
    new = came_in_it(file)
    over = new or "in this window"
    paid = float(file.account["net_revenue"])
    if is_nothing(paid):
        return f"Has bought nothing {over}"
    if paid < 0:
        return f"Was credited {money(-paid, file.currency)} more than it bought {over}"
    if file.has_left:
        return f"Paid {money(paid, file.currency)} {over} before it left"
    if new:
        return f"Has paid {money(paid, file.currency)} {over}"
    return f"Pays {money(paid, file.currency)} {per_window(file.run.window.months)}"


def came_in_it(file: File) -> str:
    """Say since when it is a customer, where it came within the window, or the data begins in it; nothing elsewhere."""
    since: Any = file.account.get("since")
    days = [since] if is_day(since) and pd.Timestamp(since) > pd.Timestamp(file.run.window.start) else []
    if (first := data_from(file.run)) is not None:
        days.append(first)
    return f"since {month(max(map(pd.Timestamp, days)))}" if days else ""


def next_step(file: File) -> Html:
    """Set the next step: what, its worth, who, when, what speaks against it, and what would change our mind."""
    step = file.step
    sentence = plain(text_of(step.get("sentence"))) or "No step could be weighed"
    says_why = not file.has_left and plain(text_of(step.get("because"))) != sentence
    facts = [
        _fact(f"Worth over {file.run.policy.finance.horizon_months} months", _worth(file, step)),
        _fact("Time set free", _freed(step)),
        _fact("Who, when", _who_when(step)),
    ]
    why = [
        _fact("Speaks against it", _text(step, "against")),
        _fact("Would change our mind", _text(step, "would_change")),
        _fact("Because", _text(step, "because") if says_why else None),
    ]
    title = f"The next step, decided on {day(file.run.as_of)}"
    return element(
        "section",
        element("p", title, class_="eyebrow"),
        element("h2", name(sentence, longest=400), id="next-step", data_short="Next step"),
        _facts(facts, "step-facts"),
        _facts(why, "step-facts step-why"),
        _overridden(file),
        _alternatives(file),
        class_="next-step",
    )


def _facts(facts: list[Html | None], kind: str) -> Html | None:
    shown = [fact for fact in facts if fact]
    return element("dl", shown, class_=kind) if shown else None


def _has(step: Mapping[Any, Any], key: str) -> bool:
    return bool(plain(text_of(step.get(key))))


def _text(step: Mapping[Any, Any], key: str) -> Child:
    words = plain(text_of(step.get(key)))
    return name(capital(words), longest=300) if words else None


def _fact(label: str, value: Child) -> Html | None:
    return element("div", element("dt", label), element("dd", value)) if value else None


def _worth(file: File, step: Mapping[Any, Any]) -> Child:
    if not is_known(step.get("value")) or text_of(step.get("step")) == NOTHING:
        return None
    span = money_range(step.get("value_low"), step.get("value_high"))
    told = money(step["value"], file.currency)
    told = f"{told} ({span})" if span else told
    cash = round(float(step["cash"])) if is_known(step.get("cash")) else 0
    if cash < 0:
        return f"{told}; in cash it costs {amount(-cash)}"
    if cash > float(step["value"]):
        return f"{told}; in cash {amount(cash)}"
    return f"{told}, {amount(step['cash'])} of it cash" if cash else told


def _freed(step: Mapping[Any, Any]) -> Child:
    """Say the hours a year that it frees; they are cash only where the costing says so."""
    freed = step.get("freed_hours")
    return f"{hours(60 * float(str(freed)))} a year" if is_known(freed) and round(float(str(freed))) > 0 else None


def _who_when(step: Mapping[Any, Any]) -> Child:
    parts: list[Child] = [name(step["who"], longest=60)] if _has(step, "who") else []
    when = step.get("when_by")
    if isinstance(when, str) and plain(when):
        parts.append(name(when, longest=60))
    elif is_day(when):
        parts.append(f"by {day(step['when_by'])}")
    return join(*parts, by=", ") or None


def _overridden(file: File) -> Html | None:
    rows = [row for row in file.rows("overridden") if text_of(row.get("state")) == "in_force"]
    if not rows:
        return None
    said = [join(name(row["by"]), ": ", name(row["reason"], longest=160)) for row in rows]
    return paragraph("A person decided otherwise than was computed. ", join(*said, by="; "), kind="note")


def _alternatives(file: File) -> Html:
    """Set what else was weighed, the most first, and why it is not the step."""
    chosen = {NOTHING, text_of(file.step.get("step")), *text_of(file.step.get("steps")).split(AND)}
    rows = [row for row in file.rows("actions") if is_known(row["value"]) and row["action"] not in chosen]
    rows = sorted(rows, key=lambda row: (-float(row["value"]), str(row["action"])))[:ALTERNATIVES]
    if not rows:
        return Html()
    columns = [
        Column("Step", lambda row: name(row["in_words"], action_title(row["action"]), longest=240), number=False),
        Column("Adds", lambda row: amount(row["value"], signed=True)),
        Column("Range", lambda row: money_range(row["low"], row["high"])),
        Column("Why not", lambda row: _why_not(file, row), number=False),
    ]
    caption = f"What else was weighed, {file.currency} over {file.run.policy.finance.horizon_months} months"
    return folded("The alternatives", table(pd.DataFrame(rows), columns, caption))


#: Why a step that adds more than the chosen one is not chosen, by the rule that decided.
ADDS_MORE = {
    "person": "A person decided otherwise",
    "protect": "What keeps it comes first",
    "ours_first": "Our own failures come first",
    "plan": "It would use hours that add more elsewhere",
}


def _why_not(file: File, row: Mapping[Any, Any]) -> Child:
    told = plain(text_of(row.get("why_not")))
    if told:
        return name(capital(told), longest=160)
    if float(row["value"]) <= 0:
        return "It is expected to take more than it adds"
    chosen = float(file.step["value"]) if is_known(file.step.get("value")) else 0.0
    why = ADDS_MORE.get(text_of(file.step.get("rule")))
    return why if why and float(row["value"]) > chosen else "The chosen step adds more"


def tried(file: File) -> Html:
    """Say what was tried before, and what came of it."""
    from analysis.reporting.fragments import bullets, section

    rows = file.rows("track_record")
    if not rows:
        return Html()
    return section("tried", "What was tried", bullets([_tried(row) for row in rows[-6:]], "plain"), short="Tried")


def _tried(row: Mapping[Any, Any]) -> Child:
    outcome = plain(text_of(row.get("outcome"))).replace("_", " ") or "outcome not recorded"
    when = f", {month(row['on'])}" if is_day(row["on"]) else ""
    told = [f"promised {amount(row['promised'])} a year"] if is_known(row["promised"]) else []
    told += [f"{amount(row['came'])} came"] if is_known(row["came"]) else []
    words = f"{action_title(row['action'])}{when}: {outcome}"
    return f"{words}; {listed(told)}." if told else f"{words}."
