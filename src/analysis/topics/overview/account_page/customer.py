"""The customer's statement: what it pays, receives and told us, where these differ, and what each side could do.

It is made from a list of allowed fields and sees nothing else: no cost, margin, score, rating or name of ours, and no
other account. What only shows once an account manager has approved it is on a list of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.formats import counted, day, hours, in_a_sentence, is_known, listed, money, month, percent, span
from analysis.ledger.drivers import OTHER_SERVICE
from analysis.reporting.at_stake import text_of
from analysis.reporting.fragments import bullets, paragraph, section
from analysis.reporting.markup import Child, Html, element, join, name, plain
from analysis.reporting.tables import Column, table
from analysis.run import Run
from analysis.topics.overview.account_page.opening import is_day
from analysis.topics.service.words import level, service_title, unit

Row = Mapping[Any, Any]
#: Table and columns that a customer may always see of itself.
ALLOWED: dict[str, tuple[str, ...]] = {
    "accounts": ("name", "net_revenue", "orders"),
    "service_gaps": ("attribute", "delivered", "expected", "wish"),
    "answers": ("asked_on", "must_do", "must_not", "improve", "satisfied_with"),
    "communication": ("cases", "dates_kept_share", "first_response_hours"),
    "our_failures": ("failure", "recorded", "of"),
    "halfway": ("step", "pieces"),
}
#: What it may see besides once an account manager has approved it.
APPROVED: dict[str, tuple[str, ...]] = {
    "accounts": ("list_revenue", "discounts", "returns"),
    "service_gaps": ("entitled",),
}
#: What we failed it with, in words for the customer; a code that is not here is never shown.
OURS = {
    "missed_promises": "Keep the dates that we give: we missed {count} of {of}.",
    "no_date": "Give a date for each case: {count} of {of} had none.",
    "slow_answers": "Answer sooner: {count} of {of} answers were slow.",
    "silent_gaps": "Keep you informed: in {count} of {of} cases you waited long without a word.",
    "handoffs": "Stay with your case: {count} of {of} were passed from hand to hand.",
    "wrong_invoices": "Send invoices that are right: {count} of {of} were not.",
    "reopened_by_us": "Finish the first time: {count} of {of} cases came back.",
}
#: What the customer could do, in words for it.
YOURS = {
    "notice": ("Give two days' notice, where you can", "came in a rush"),
    "office_hours": ("Ask within office hours, where it can wait", "came after hours"),
    "one_list": ("Agree on one list of requests with us beforehand", "came beyond the agreement"),
    "portal": ("Use the portal instead of the phone, for what is simple", "came by phone"),
}
FROM = 2


@dataclass(frozen=True)
class Shown:
    """The allowed fields of one customer, and nothing else: all that the statement is made from."""

    rows: Mapping[str, list[Row]]
    services: Mapping[str, tuple[str, str, bool]]
    currency: str
    months: int
    as_of: Any
    approved: bool

    def first(self, name_of_table: str) -> Row:
        """Return the first row of a table; an empty one where there is none."""
        found = self.rows[name_of_table]
        return found[0] if found else {}


def shown(run: Run, customer_id: str, *, approved: bool = False) -> Shown:
    """Take the allowed fields of one customer from a run."""
    rows: dict[str, list[Row]] = {}
    for key, columns in ALLOWED.items():
        frame = run.table(key)
        taken = [*columns, *(APPROVED.get(key, ()) if approved else ())]
        rows[key] = frame.loc[frame["customer_id"] == customer_id, taken].to_dict("records")
    services = {str(row["attribute"]): _service(run, row["attribute"]) for row in rows["service_gaps"]}
    return Shown(rows, services, plain(run.policy.currency), run.window.months, run.as_of, approved)


def _service(run: Run, attribute: object) -> tuple[str, str, bool]:
    """Return what a service is called, what its level is per, and whether less of it is better."""
    chosen = run.policy.service.get(str(attribute))
    less = chosen is not None and chosen.measure == "response_hours"
    return plain(service_title(run, attribute)), unit(run, attribute), less


def statement_body(of: Shown) -> Html:
    """Return the body of a customer's statement."""
    account = of.first("accounts")
    return join(
        element(
            "div",
            paragraph(f"Statement, {span(of.months, of.as_of)}", kind="eyebrow"),
            element("h1", name(account.get("name"), "Your account")),
            class_="masthead",
        ),
        section("pay", "What you pay", bullets(list(_pays(of)), "plain"), short="You pay"),
        _receives(of),
        _told(of),
        _differs(of),
        _could(of),
    )


def _pays(of: Shown) -> Iterator[Child]:
    row = of.first("accounts")
    paid, orders = _paid(of, row.get("net_revenue")), row.get("orders")
    yield f"{paid}, on {counted(int(orders), 'order')}." if is_known(orders) and orders else f"{paid}."
    if of.approved and is_known(row.get("list_revenue")):
        words = f"At list price: {money(row['list_revenue'], of.currency)}"
        for less, column in (("discounts", "discounts"), ("returns, credits and rebates", "returns")):
            given = row.get(column)
            words += f"; {less} {money(given, of.currency)}" if is_known(given) and given else ""
        yield f"{words}."


def _paid(of: Shown, revenue: Any) -> str:
    """Say what it paid; what it was credited beyond that is told as such."""
    when = f"in {counted(of.months, 'month')}"
    if is_known(revenue) and round(float(revenue)) < 0:
        return f"You were credited {money(-float(revenue), of.currency)} more than you bought {when}"
    return f"{money(revenue, of.currency)} {when}"


def _receives(of: Shown) -> Html:
    rows = [row for row in of.rows["service_gaps"] if is_known(row["delivered"]) and row["attribute"] != OTHER_SERVICE]
    columns = [
        Column("Service", lambda row: _titled(of, row), number=False),
        Column("You received", lambda row: level(row["delivered"])),
        Column("You told us", lambda row: _wanted(row) or "\N{EN DASH}"),
    ]
    if of.approved:
        columns.insert(2, Column("Agreed", lambda row: level(row["entitled"]) or "\N{EN DASH}"))
    import pandas as pd

    listing = table(pd.DataFrame(rows), columns, "Service received, and what you told us you want") if rows else None
    said = list(_answered(of))
    if listing is None and not said:
        return Html()
    return section("receive", "What you receive", listing, bullets(said, "plain"), short="You receive")


def _answered(of: Shown) -> Iterator[Child]:
    row = of.first("communication")
    cases = int(row["cases"]) if is_known(row.get("cases")) else 0
    if not cases:
        return
    words = [f"{counted(cases, 'request')} dealt with"]
    if is_known(row["first_response_hours"]):
        words.append(f"half of the first answers within {hours(60 * float(row['first_response_hours']))}")
    if is_known(row["dates_kept_share"]):
        words.append(f"{percent(row['dates_kept_share'])} of the dates given were kept")
    yield f"{listed(words)}."


def _titled(of: Shown, row: Row) -> str:
    title, per, _ = of.services[str(row["attribute"])]
    return f"{title}, {per}" if per else title


def _wanted(row: Row) -> str:
    words = {"less": "less", "more": "more", "as_now": "as now", "any": "no matter"}
    return level(row["expected"]) or words.get(text_of(row["wish"]), "")


def _told(of: Shown) -> Html:
    row = of.first("answers")
    leads = (
        ("must_do", "We must"), ("must_not", "We must not"), ("improve", "To improve"),
        ("satisfied_with", "You are satisfied with"),
    )  # fmt: skip
    items: list[Child] = [
        join(element("strong", lead), ": ", name(row[key], longest=300))
        for key, lead in leads
        if plain(text_of(row.get(key)))
    ]
    if not items:
        return section(
            "told", "What you told us", paragraph("We have not asked you yet; we would like to."), short="You told us"
        )
    when = f", {month(row['asked_on'])}" if is_day(row.get("asked_on")) else ""
    return section("told", f"What you told us{when}", bullets(items, "plain"), short="You told us")


def _differs(of: Shown) -> Html:
    items: list[Child] = [line for row in of.rows["service_gaps"] if (line := _difference(of, row))]
    words = bullets(items, "plain") if items else paragraph("Nowhere that we know of.")
    return section("differ", "Where the two differ", words, short="Differences")


def _difference(of: Shown, row: Row) -> Child:
    """Say where what is received is well off what is wanted; nothing where it is not."""
    got, wanted = row["delivered"], row["expected"]
    if not (is_known(got) and is_known(wanted)):
        return None
    title, per, less = of.services[str(row["attribute"])]
    off = float(got) - float(wanted)
    if math.isclose(float(got), float(wanted), rel_tol=0.05, abs_tol=1e-9):
        return None
    word = ("slower" if off > 0 else "faster") if less else ("more" if off > 0 else "less")
    return f"{title}: {level(got)}{' ' + per if per else ''}, {word} than the {level(wanted)} that you want."


def _could(of: Shown) -> Html:
    ours: list[Child] = [line for row in of.rows["our_failures"] if (line := _our_part(row))]
    ours += [line for row in of.rows["service_gaps"] if (line := _our_change(of, row))]
    yours: list[Child] = [line for row in of.rows["halfway"] if (line := _your_part(row))]
    if not ours and not yours:
        return Html()
    parts = [
        join(paragraph(element("strong", who)), bullets(items, "plain"))
        for who, items in (("We could", ours), ("You could", yours))
        if items
    ]
    return section("could", "What each side could do", *parts, short="What to do")


def _our_part(row: Row) -> str:
    words = OURS.get(text_of(row["failure"]))
    if not words or not (is_known(row["recorded"]) and is_known(row["of"])) or float(row["recorded"]) < FROM:
        return ""
    return words.format(count=level(float(row["recorded"])), of=level(float(row["of"])))


def _our_change(of: Shown, row: Row) -> str:
    got, wanted = row["delivered"], row["expected"]
    if not _difference(of, row):
        return ""
    title, per, less = of.services[str(row["attribute"])]
    what, when = in_a_sentence(title), f" {per}" if per else ""
    if less:
        return "" if float(got) < float(wanted) else f"Talk with you about the {level(wanted)} {what} that you want."
    return (
        f"Give you fewer {what}, if you need no more than {level(wanted)}{when}."
        if float(got) > float(wanted)
        else f"Talk with you about the {level(wanted)} {what}{when} that you want."
    )


def _your_part(row: Row) -> str:
    words = YOURS.get(text_of(row["step"]))
    if not words or not is_known(row["pieces"]) or float(row["pieces"]) < FROM:
        return ""
    return f"{words[0]}: {counted(int(row['pieces']), 'piece')} of work {words[1]}."


def statement_footer(of: Shown) -> str:
    """Return what stands beneath."""
    return (
        f"Prepared on {day(of.as_of)}; amounts in {of.currency}, net of tax. One file: nothing is loaded from anywhere."
    )
