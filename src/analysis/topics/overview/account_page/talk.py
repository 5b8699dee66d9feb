"""The talk with an account: what to ask, what it has said, who should be in the room."""

from __future__ import annotations

from typing import Any

from analysis.formats import is_known, month
from analysis.reporting.at_stake import text_of
from analysis.reporting.fragments import bullets, paragraph, section
from analysis.reporting.markup import Child, Html, element, join, name, plain
from analysis.topics.difficulty.words import QUESTIONS, TOLD_FROM, knows
from analysis.topics.overview.account_page.filing import File
from analysis.topics.overview.account_page.opening import is_day
from analysis.topics.service.judgement.expectations import MUST_DO, MUST_NOT, ONE_MISTAKE
from analysis.topics.service.page.talks import FORGIVING

#: What `expectations` asks everybody: the page asks it in its own three questions.
GENERAL = frozenset({MUST_DO, MUST_NOT, ONE_MISTAKE})
ASKED, ROOM, HELP = 4, 3, 2
#: The three that every talk has, with the column of `answers` that answers them.
ALWAYS = (
    ("What must we do to never lose your business?", "must_do"),
    ("What must we not do?", "must_not"),
    ("If we mess up once, is it over?", "forgiving"),
)
#: Of what makes an account lose money against like ones, by driver.
OF_REASONS = {
    "returns": "Much comes back or is credited: what would have been right the first time?",
    "discount": "You pay less of the list price than accounts like you: what could you do for us in return?",
    "freight": "Which deliveries could come together, or by a slower way?",
    "order_size": "What would let you order less often, and more at a time?",
    "financing": QUESTIONS["late_payment"],
    "write_offs": QUESTIONS["late_payment"],
}
#: To an account that we fail.
AMENDS = "Where did we let you down most, and what would mend it?"


def talk(file: File) -> Html:
    """Set the talk: three questions with what they said, those of this account, and who should be there."""
    if file.has_left:
        return Html()
    items = [_question(file, question, column) for question, column in ALWAYS]
    items += [name(line, longest=200) for line in _own(file)]
    said = [
        join(f"{lead}: ", name(file.row("answers")[column], longest=200), ".")
        for column, lead in (("improve", "They would improve"), ("satisfied_with", "They are satisfied with"))
        if _answer(file, column)
    ]
    return section(
        "talk", "The talk", bullets(items, "plain"), *(paragraph(words, kind="note") for words in said),
        _would_help(file), _room(file), short="Talk",
    )  # fmt: skip


def _answer(file: File, column: str) -> str:
    row = file.row("answers")
    value: Any = row[column] if row else None
    if column != "forgiving":
        return plain(text_of(value))
    return f"{int(value)} of 5, {FORGIVING.get(int(value), '')}" if is_known(value) else ""


def _question(file: File, question: str, column: str) -> Child:
    answer = _answer(file, column)
    if not answer:
        return question
    row = file.row("answers")
    when = f" in {month(row['asked_on'])}" if is_day(row.get("asked_on")) else ""
    said = [
        f"They said{when}: ",
        name(f"\N{LEFT DOUBLE QUOTATION MARK}{answer}\N{RIGHT DOUBLE QUOTATION MARK}", longest=200),
    ]
    told = [f"Patience: {answer}"] if column == "forgiving" else said
    return join(f"{question} ", element("span", *told, class_="said"))


def _own(file: File) -> list[str]:
    """Return the questions that this account's gaps and behaviours call for: one of each, the weightiest first.

    Of one that we fail nothing is asked before that is mended: neither a price, nor less, nor other ways.
    """
    failed = file.step.get("rule") == "ours_first"
    gaps = [row for row in file.rows("expectations") if not failed or row["kind"] == "under"]
    lines = [plain_lines(row.get("questions")) for row in gaps]
    of_gaps = [own[-1] for row in lines if (own := [line for line in row if line not in GENERAL])]
    weighty = [
        row for row in file.rows("behaviours") if row["behaviour"] in QUESTIONS
        and is_known(row["difficulty_points"]) and row["difficulty_points"] >= TOLD_FROM
    ]  # fmt: skip
    weighty.sort(key=lambda row: -float(row["difficulty_points"]))
    of_behaviours = [AMENDS] if failed else [QUESTIONS[str(row["behaviour"])] for row in weighty]
    of_loss = [] if failed else _of_the_loss(file)
    return list(dict.fromkeys([*of_loss, *of_gaps[:2], *of_behaviours[:2]]))[:ASKED]


def _of_the_loss(file: File) -> list[str]:
    """Return what to ask of the two things that cost most against like accounts, where the account loses money."""
    margin = file.account["net_margin"]
    if not is_known(margin) or float(margin) >= 0:
        return []
    rows = sorted((row for row in file.rows("reasons") if is_known(row["amount"])), key=lambda row: -row["amount"])
    return [OF_REASONS[row["driver"]] for row in rows[:2] if row["amount"] > 0 and row["driver"] in OF_REASONS]


def plain_lines(text: object) -> list[str]:
    """Return the lines of a text that are not empty."""
    return [line.strip() for line in text_of(text).split("\n") if line.strip()]


def _would_help(file: File) -> Html | None:
    rows = [row for row in file.rows("would_help") if row["topic"] == "would_help"][:HELP]
    if not rows:
        return None
    return paragraph(
        "Staff say it would help: ", join(*(name(row["words"], longest=120) for row in rows), by="; "), ".", kind="note"
    )


def _room(file: File) -> Html | None:
    """Say who should be there: the manager, and the departments that know it best."""
    rows = sorted(file.rows("who_knows"), key=lambda row: -float(row["minutes"]) if is_known(row["minutes"]) else 0.0)[
        :ROOM
    ]
    people: list[Child] = []
    if plain(text_of(file.account["account_manager"])):
        people.append(name(file.account["account_manager"], longest=60))
    people += [join(name(row["department"], longest=40), f" ({knows(dict(row))})") for row in rows]
    if not people:
        return None
    return paragraph("In the room: ", join(*people, by="; "), ".", kind="note")
