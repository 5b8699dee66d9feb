"""The customer to look for: what sets apart those that earn and fit, and small accounts that are like them."""

from __future__ import annotations

from analysis.formats import agree, counted, listed, money, percent
from analysis.reporting import tables
from analysis.reporting.action_words import with_accounts
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.known import work_recorded
from analysis.reporting.links import linked
from analysis.reporting.markup import Html, join, name
from analysis.run import Run

LISTED = 10
#: A difference that chance could make as well is not told; nor is one too small to matter.
BY_CHANCE, APART = 0.1, 0.1


def customer_to_look_for(run: Run) -> Html:
    """Describe the accounts that earn and fit what we do, and list small ones that are like them."""
    rows = run.table("look_for")
    if rows.empty:
        return Html()
    who = int(rows["accounts"].iloc[0])
    apart = rows[(rows["lift"].abs() >= APART) & (rows["by_chance"] <= BY_CHANCE)].head(LISTED)
    title = f"The customer to look for: {counted(who, 'account')} {agree(who, 'earns', 'earn')}{_fits(run)}"
    lead = " What sets them apart from the others, the most telling first:" if len(apart) else ""
    words = paragraph(f"{_who_fits(run)}{lead}")
    shown = [
        tables.Column("What", lambda row: join(name(row["feature"])), number=False),
        tables.Column("They", lambda row: _level(row, "share")),
        tables.Column("The others", lambda row: _level(row, "others")),
    ]
    nothing = "Nothing that is known of them sets them apart by more than chance would."
    listed = tables.table(apart, shown, "What sets them apart") if len(apart) else paragraph(nothing)
    return section("look-for", title, words, listed, _lookalikes(run), short="Look for")


#: The judgements that an account must pass to fit, and how one that passes is told.
JUDGED = (("over_served", "over-served"), ("under_served", "under-served"), ("difficult", "difficult"))


def _fits(run: Run) -> str:
    return ", and get much for their money" if run.accounts["value_to_customer"].notna().any() else ""


def _who_fits(run: Run) -> str:
    """Say by what accounts fit; what is not judged of anybody is not said of them."""
    costs = "all costs" if work_recorded(run.accounts) else "the costs that are recorded (no work is)"
    told, unknown = [f"They earn after {costs}"], []
    passed = [words for column, words in JUDGED if run.accounts[column].notna().any()]
    unknown += [words for column, words in JUDGED if words not in passed]
    if passed:
        told.append(f"are not {' or '.join(passed)}")
    if run.accounts["value_to_customer"].notna().any():
        told.append("get at least as much for their money as the middle account")
    left = f" Who is {' or '.join(unknown)} is not judged here." if unknown else ""
    return f"{listed(told)}.{left}"


def _level(row: tables.Row, column: str) -> str:
    return money(row[column], "").strip() if row["feature"] == "Net revenue per order" else percent(row[column])


def _lookalikes(run: Run) -> Html:
    rows = with_accounts(run, run.table("lookalikes"))
    if rows.empty:
        return paragraph("No small account is like them.", kind="note")
    known = run.accounts.set_index("customer_id")["name"]
    rows = rows.assign(like=rows["nearest"].map(known).fillna(rows["nearest"]))
    shown = [
        linked(run),
        tables.Column("As near as", lambda row: percent(row["likeness"] / 100)),
        linked(run, "Most like", label="like", key="nearest"),
        tables.change("Net revenue", "net_revenue"),
        tables.money("Net margin", "net_margin"),
    ]
    words = f"{counted(len(rows), 'small account')} {agree(len(rows), 'is', 'are')} like them"
    note = "As near as: the share of those that fit that are farther from their own nearest."
    listed = tables.table(rows.head(LISTED), shown, f"Small accounts that are like them. {note}")
    return folded(words, listed)
