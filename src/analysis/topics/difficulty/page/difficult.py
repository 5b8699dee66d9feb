"""The report on difficult accounts: who is, by whose doing, what would meet half way, and whom we owe an apology."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, is_known, listed, money, number, percent, some, the_next
from analysis.reporting import tables
from analysis.reporting.drawing import draw
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import Tile, bullets, folded, masthead, paragraph, section, tiles
from analysis.reporting.links import linked, links
from analysis.reporting.markup import Child, Html, join, plain
from analysis.reporting.next_steps import column
from analysis.reporting.told import told_count
from analysis.run import Run
from analysis.topics.difficulty.figures import theirs_and_ours as split_figure
from analysis.topics.difficulty.figures.theirs_and_ours import plot_theirs_and_ours
from analysis.topics.difficulty.page.difficult_cards import talks_to_hold
from analysis.topics.difficulty.page.from_their_side import from_their_side
from analysis.topics.difficulty.words import (
    by_our_failures,
    difficult,
    failures_of,
    in_words,
    line,
    made_of,
    most_common,
    points,
    scored,
)

__all__ = [
    "apologies",
    "foot",
    "from_their_side",
    "not_scored",
    "opening",
    "ranking",
    "talks_to_hold",
    "theirs_and_ours",
    "what_failures_add",
]

#: What the page is made of.
TABLES = (
    *("accounts", "behaviours", "communication", "expectations", "figures", "halfway", "next_steps"),
    *("our_failures", "overridden", "who_knows", "would_help"),
)

DRAWN, LISTED, MOST = 10, 10, 50
SURE = 0.99
DASH = "\N{EN DASH}"
OUTCOMES = {"escalated": "escalates", "reopened": "is reopened", "dissatisfied": "leaves the customer dissatisfied"}


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say how many are truly difficult, on what pattern, and how many only by our failures."""
    over = eyebrow(run, "Difficult: theirs and ours")
    if not scored(run):
        lead = " ".join(["It takes enough cases or invoices of an account.", *_why_not(run)])
        return masthead(over, "Whether accounts are difficult cannot be judged", lead)
    return join(masthead(over, headline(run), _lead(run)), tiles(_tiles(run)))


def headline(run: Run) -> str:
    """Say how many are difficult, and how many only because we fail them."""
    theirs, ours, known = told_count(run, "truly_difficult"), told_count(run, "difficult_by_us"), scored(run)
    if known == 1:
        lead = f"The one account scored is {'truly' if theirs else 'not'} difficult"
    elif theirs:
        lead = f"{count(theirs)} of {count(known)} accounts scored {agree(theirs, 'is', 'are')} truly difficult"
    else:
        lead = f"None of {count(known)} accounts scored is difficult"
    if not ours:
        return lead
    return f"{lead}; {count(ours)} {agree(ours, 'seems', 'seem')} so only because we fail {agree(ours, 'it', 'them')}"


def theirs_and_ours(run: Run) -> Html:
    """Draw the trouble of the difficult, and of those that we made so, split into theirs and ours."""
    both = [part[part["trouble"] > 0] for part in (difficult(run), by_our_failures(run))]
    whole, rows = pd.concat(both), pd.concat([part.head(DRAWN) for part in both])
    if whole.empty:
        return Html()
    share = float(whole["difficulty"].sum()) / float(whole["trouble"].sum())
    who = counted(len(whole), "account")
    title = f"Of the trouble with {who}, {percent(share)} is theirs and {percent(1 - share)} ours"
    some = f"Those with most of it are drawn, {count(len(rows))} of {count(len(whole))}. "
    drawn = some if len(rows) < len(whole) else ""
    alt = (
        f"A bar for each of {counted(len(rows), 'account')} from 0 to 100, its own part full and what our failures "
        f"explain in outline. {title}."
    )
    limit = line(run)
    figure = draw(
        lambda ax: plot_theirs_and_ours(rows, limit, ax),
        name="theirs-and-ours", alt=alt, heights=(split_figure.height(rows),) * 2,
        caption=f"{drawn}Full: what the account does. Outline: what goes together with our own failures in this "
        "portfolio, which is never held against it; nobody tried what would come without them. Only the full "
        "part makes an account difficult.",
    )  # fmt: skip
    return section("theirs-and-ours", title, figure, short="Theirs and ours")


def ranking(run: Run) -> Html:
    """List the difficult with what makes them so, how sure that is, and what they bring."""
    rows = difficult(run)
    if rows.empty:
        return Html()
    earning = int((rows["net_margin"].astype(float) > 0).sum())
    known = int(rows["net_margin"].notna().sum())
    title = f"What makes {agree(len(rows), 'it', 'them')} difficult"
    if known and len(rows) > 1:
        earn = agree(max(earning, 1), "earns", "earn")
        who = "difficult" if known == len(rows) else "difficult whose margin is known"
        whole = told_count(run, "truly_difficult") if known == len(rows) else known
        title = f"{some(earning).capitalize()} of the {count(whole)} {who} {earn} money all the same"
    shown = [
        linked(run),
        tables.Column("Difficulty", lambda row: points(row["difficulty"]) or DASH),
        tables.Column("Range", _range),
        tables.Column("Chance", lambda row: _chance(row["p_difficult"])),
        tables.Column("By", lambda row: _made_of(run, row["customer_id"]), number=False),
        tables.money("Net margin", "net_margin"),
        column(run),
    ]
    caption = f"The most difficult first; net margin in {run.policy.currency}"
    listing = tables.table(rows.head(LISTED), shown, caption)
    rest = rows.iloc[LISTED : LISTED + MOST]
    others = folded(the_next(len(rest)), tables.table(rest, shown, caption)) if len(rest) else None
    note = paragraph(
        "0 is the middle account here. The range is what chance can do to such a record; the chance is that the "
        "account stands apart from what is usual here by its own part. It is about a pattern in this window, not "
        "about people, and it ends when the pattern does.",
        kind="note",
    )
    return section("ranking", title, listing, others, note, short="Who is")


def apologies(run: Run) -> Html:
    """List the accounts that only our failures made difficult, with what went wrong."""
    rows = by_our_failures(run)
    if rows.empty:
        return Html()
    who = counted(told_count(run, "difficult_by_us"), "account")
    title = f"An apology list: {who} that only our failures made difficult"
    words = paragraph(
        "What looks difficult here goes with our missed dates, slow answers and silences. The first step is ours; "
        "whether the trouble ends with them shows once they do."
    )
    shown = [
        linked(run),
        tables.Column("Trouble", lambda row: points(row["trouble"])),
        tables.share("Ours", "difficulty_ours"),
        tables.Column("What went wrong", lambda row: _failures(run, row["customer_id"]), number=False),
        tables.money("Net margin", "net_margin"),
    ]
    listing = tables.table(rows.head(MOST), shown, f"Most trouble first; net margin in {run.policy.currency}")
    return section("apologies", title, words, listing, short="An apology list")


def what_failures_add(run: Run) -> Html:
    """Say what a failure of ours adds to the chance of trouble, and where our own record contradicts our claims."""
    learnt = run.facts.get("our_failures")
    if not learnt or not learnt.get("failed_cases"):
        return Html()
    failed = float(learnt["failed_cases"])
    share = failed / float(learnt["cases"])
    items: list[Child] = []
    for code, verb in OUTCOMES.items():
        found = learnt["adds"].get(code, {})
        if is_known(found.get("adds")) and is_known(found.get("without")):
            without = float(found["without"])
            items.append(
                f"A case {verb} in {percent(without + float(found['adds']))} where we failed it, "
                f"in {percent(without)} where we did not{_unseen(found.get('e_value'))}."
            )
    adds, claims = len(items), int(learnt.get("contradicted") or 0)
    if claims:
        verb = agree(claims, "was", "were")
        items.append(
            f"{counted(claims, 'case').capitalize()} {verb} written down as the customer's doing, though a date was "
            "missed or amends were made: there the record counts, not the claim."
        )
    title = (
        f"By the signs in the record we failed about {percent(share)} of the cases; what goes with that counts as ours"
    )
    note = paragraph(
        "This is what went together in the record: nobody drew by lot which cases we fail. Where a customer is hard to "
        "serve in a way that nobody wrote down, we may fail it for that. To explain it away: so many times likelier "
        "would that have to be, both where we failed and where the case ended so (E-value).",
        kind="note",
    )
    if not adds:
        note = paragraph(
            "Whether trouble goes with our failures cannot be told yet: too little is recorded.", kind="note"
        )
    return section("failures", title, bullets(items, "plain"), note, short="What our failures add")


def _unseen(e_value: object) -> str:
    return f" (to explain it away: {number(e_value, 1)} times)" if is_known(e_value) else ""


def not_scored(run: Run) -> Html:
    """Count the accounts that are not scored, and say why."""
    accounts = run.accounts
    why = accounts.loc[accounts["difficulty_not_scored"].notna(), ["customer_id", "name", "difficulty_not_scored"]]
    if why.empty or accounts.empty:
        return Html()
    items: list[Child] = [*_why_not(run)]
    verb = agree(len(why), "is", "are")
    title = f"{count(len(why))} of {counted(len(accounts), 'account')} {verb} not scored"
    if len(why) == len(accounts):
        title = "No account is scored"
    write = links(run)
    names = join(*(write(row["name"], row["customer_id"]) for row in why.head(MOST).to_dict("records")), by=", ")
    more = f" and {count(len(why) - MOST)} more" if len(why) > MOST else ""
    who = folded("Which ones", paragraph(join(names, more, ".")))
    return section("not-scored", title, bullets(items, "plain"), who, short="Not scored")


def _why_not(run: Run) -> list[str]:
    """Say why accounts are not scored, with how many."""
    counts = run.accounts["difficulty_not_scored"].dropna().value_counts().sort_index()
    return [f"{counted(int(times), 'account').capitalize()}: {plain(reason)}." for reason, times in counts.items()]


def _lead(run: Run) -> str:
    common = most_common(run.behaviours, difficult(run)["customer_id"])
    if not common:
        return _why_nobody(run) + (
            "Accounts are held against what is usual here. Only what the record shows counts, and nothing that staff "
            "feel; what goes with our own failures counts as ours."
        )
    told = listed([f"{what} ({count(times)})" for what, times in common[:3]])
    return (
        f"What weighs most with them, above what is usual here: {told}. Only what the record shows counts; what was "
        "agreed, paid for or goes with our own failures does not."
    )


def _why_nobody(run: Run) -> str:
    """Say why none of several accounts is difficult; nothing where one is, or a person decided so."""
    some = told_count(run, "truly_difficult") or told_count(run, "difficult_by_us")
    decided = (run.table("overridden")["judgement"] == "difficult").any()
    if some or decided or scored(run) < 2:
        return ""
    return "No account stands out by more than chance shows in a portfolio of this size. "


def _tiles(run: Run) -> list[Tile]:
    theirs, ours, currency = difficult(run), told_count(run, "difficult_by_us"), run.policy.currency
    who = counted(told_count(run, "truly_difficult"), "account")
    found = [Tile("Truly difficult", who, f"of {count(scored(run))} scored", "difficult")]
    if len(theirs) and theirs["net_margin"].notna().any():
        margin = theirs["net_margin"].astype(float)
        lose = int((margin < 0).sum())
        found.append(
            Tile(
                "Their net margin",
                money(margin.sum(), currency),
                f"{some(lose)} of {_whose(margin)} {agree(lose, 'loses', 'lose')} money",
            )
        )
    found.append(Tile("Only by our failures", counted(ours, "account"), "an apology is due" if ours else ""))
    failed = failed_cases(run)
    return [*found, failed] if failed else found


def failed_cases(run: Run) -> Tile | None:
    """Say how many of the cases we failed; nothing where the records could show no sign of it."""
    learnt = run.facts.get("our_failures") or {}
    if not learnt.get("cases") or run.our_failures["of"].sum() <= 0:
        return None
    share = float(learnt["failed_cases"]) / float(learnt["cases"])
    if share <= 0:
        return Tile("Cases that we failed", "none", f"that the record shows, of {count(learnt['cases'])} in the window")
    return Tile("Cases that we failed", f"about {percent(share)}", f"of {count(learnt['cases'])} in the window", "cost")


def failed_in_words(run: Run) -> str:
    """Say in a sentence how many of the cases we failed; nothing where the record shows none."""
    learnt = run.facts.get("our_failures") or {}
    cases = int(learnt.get("cases") or 0)
    share = float(learnt["failed_cases"]) / cases if cases and run.our_failures["of"].sum() > 0 else 0.0
    return f"We failed about {percent(share)} of {count(cases)} cases." if share > 0 else ""


def _whose(margin: pd.Series) -> str:
    known = int(margin.notna().sum())
    return "them" if known == len(margin) else f"the {count(known)} whose margin is known"


def _range(row: tables.Row) -> str:
    low, high = points(row["difficulty_low"]), points(row["difficulty_high"])
    return f"{low} to {high}" if low and high else DASH


def _chance(value: object) -> str:
    """Write a chance; nothing here is certain."""
    if not is_known(value):
        return DASH
    return "over 99%" if float(value) > SURE else percent(value)  # type: ignore[arg-type]


def _made_of(run: Run, customer_id: object) -> Child:
    return in_words(made_of(run.behaviours, customer_id).head(2))


def _failures(run: Run, customer_id: object) -> Child:
    told = [plain(sentence) for sentence in failures_of(run.our_failures, customer_id)["sentence"].head(3)]
    return f"{'. '.join(told)}." if told else ""
