"""Who brought in whom, and what accounts say of us in public: worth knowing of one account, and part of no total."""

from __future__ import annotations

from analysis.formats import count, counted, money, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.links import linked, with_names
from analysis.reporting.markup import Html, join
from analysis.run import Run

LISTED = 10


def network(run: Run) -> Html:
    """List the accounts that others brought in, then what accounts say in public."""
    parts = [_brought(run), _said(run)]
    if not any(parts):
        return Html()
    return section("network", _title(run), *parts, short="Network")


def _title(run: Run) -> str:
    rows = run.referrals
    if rows.empty:
        return "What accounts say in public"
    senders = rows["customer_id"].nunique()
    return f"{counted(senders, 'account')} brought in {counted(len(rows), 'other')}"


def _brought(run: Run) -> Html:
    rows, currency = run.referrals, run.policy.currency
    if rows.empty:
        return Html()
    names = run.accounts.set_index("customer_id")["name"]
    ranked = with_names(run, rows.sort_values(["value", "referred"], ascending=[False, True]))
    ranked = ranked.assign(came=ranked["referred"].map(names))
    shown = [
        linked(run, "Brought in by"),
        linked(run, "Who came", label="came", key="referred"),
        tables.money("Worth of who came", "clv"),
        tables.money("Counts for who sent it", "value"),
        tables.interval("Range", ranked, "low", "value", "high"),
    ]
    low, likely, high = run.policy.value.referral.share
    cost = rows["acquisition_cost"].dropna()
    saved = "saved what winning costs, which is not recorded"
    if len(cost) and round(float(cost.iloc[0])):
        saved = f"saved {money(cost.iloc[0], currency)} each of winning them"
    note = paragraph(
        f"Taken as the policy states: {percent(likely)} ({percent(low)} to {percent(high)}) would not have come "
        f"otherwise and count with their worth; the others {saved}. None of this is in any total: the accounts that "
        "came are counted already.",
        kind="note",
    )
    listed = tables.table(ranked.head(LISTED), shown, f"Accounts that others brought in, {currency}")
    return join(listed, note, basis(run, "sales", "goods", "work", "money", "future"))


def _said(run: Run) -> Html:
    rows, currency = run.word_of_mouth, run.policy.currency
    if rows.empty:
        return Html()
    ranked = rows.assign(loud=rows["good_reach"] + rows["bad_reach"])
    ranked = with_names(run, ranked.sort_values(["loud", "customer_id"], ascending=[False, True]).head(LISTED))
    shown = [
        linked(run),
        tables.count("Mentions", "mentions"),
        tables.count("People reached", "reach"),
        tables.count("In our favour", "good_reach"),
        tables.count("Against us", "bad_reach"),
    ]
    priced = rows["high"].notna().any()
    if priced:
        shown.append(tables.Column("Worth at most", lambda row: money(row["high"], currency)))
    good, bad = float(rows["good_reach"].sum()), float(rows["bad_reach"].sum())
    words = (
        f"{counted(len(rows), 'account')} spoke of us in public: {count(round(good))} people reached in our favour and "
        f"{count(round(bad))} against us, weighed by how good or bad the word was."
    )
    price = (
        "The price is the policy's, and a range that starts at nothing."
        if priced
        else "It is evidence and has no price: the policy states none."
    )
    return folded(words, tables.table(ranked, shown, "What accounts say in public"), paragraph(price, kind="note"))
