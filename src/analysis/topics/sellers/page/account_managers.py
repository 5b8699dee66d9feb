"""The account managers' scorecard: the start of a talk, not a verdict. No ranks; rows stand by name."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, listed, money, number, percent, some
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import Tile, bullets, masthead, paragraph, section, tiles
from analysis.reporting.known import period, work_recorded
from analysis.reporting.markup import Child, Html, element, join, name
from analysis.run import Run
from analysis.topics.sellers.figures import gaps
from analysis.topics.sellers.figures.gaps import plot_gaps

__all__ = ["against_expectation", "foot", "how_to_read", "opening", "relations", "sold", "what_it_rests_on"]

#: A share from which it is all.
WHOLLY = 0.9995
BANDS = {"below": "below", "as_expected": "as expected", "above": "above"}


def foot(run: Run) -> Html:
    """Set the foot; the page lies in a folder of its own, so nothing is linked."""
    return three_lines(run, method="")


def opening(run: Run) -> Html:
    """Say what was sold, what became of it, and how many stand apart from what was to be expected."""
    reps, currency = run.reps, run.policy.currency
    over = eyebrow(run, "Account managers")
    if reps.empty:
        return masthead(over, "Nothing is said of account managers", _why_not(run))
    lead = (
        "The start of a talk, not a verdict: sellers stand by name, not by result, and what our own failures cost is "
        "held against nobody."
    )
    return join(masthead(over, _title(reps, currency), lead), tiles(_tiles(run)))


def how_to_read(run: Run) -> Html:
    """Say what a band means, and how many stand outside by chance alone."""
    if run.reps.empty:
        return Html()
    chosen, judged = run.policy.sellers, int(run.reps["band"].notna().sum())
    items: list[Child] = [
        "Margin is what is left of sales after goods, freight and the cost to serve; work that our own failures "
        "caused is left out, and write-offs stand apart as a clawback.",
        "Expected is the margin that the other sellers' accounts would lead one to expect of the same sales at list "
        "price: same industries, regions, sizes and goods. A discount, or service given away, is thus the seller's; a "
        "poor territory is not.",
        f"Below and above mean that the whole interval ({percent(chosen.sure)}) lies on one side of what was expected. "
        f"By chance alone that happens to {percent(1 - chosen.sure)} of sellers"
        + (f": here about {_one_decimal((1 - chosen.sure) * judged)} of {count(judged)}." if judged else "."),
        f"With fewer than {count(chosen.minimum_accounts)} accounts there is no band, and a mean of fewer than "
        f"{count(chosen.minimum_answers)} answers is marked.",
    ]
    return section("how-to-read", "How to read this", bullets(items), short="How to read")


def against_expectation(run: Run) -> Html:
    """Draw the margin of each seller against what its territory would lead one to expect."""
    reps, currency = run.reps, run.policy.currency
    if reps.empty:
        return Html()
    title, drawn = bands_title(reps), reps[reps["gap_low"].notna()]
    figure = None
    if len(drawn):
        alt = f"For each of {counted(len(drawn), 'seller')} the gap between margin and expectation. {title}."
        figure = draw(
            lambda ax: plot_gaps(reps, currency, ax),
            name="gaps", alt=alt, heights=(gaps.height(drawn),) * 2,
            caption=f"Margin less what was to be expected, {currency}; the line is the interval. By name, not by size.",
        )  # fmt: skip
    shown = [
        _seller(),
        tables.money("Margin", "margin"),
        tables.change("Expected", "expected_margin"),
        tables.interval("Gap", reps, "gap_low", "gap", "gap_high"),
        tables.Column("Band", lambda row: _band(row, run), number=False),
    ]
    numbers = tables.table(reps, shown, f"Margin against expectation, {currency}")
    return section("expectation", title, figure, numbers, basis(run, "sales", "goods", "work"), short="Expectation")


def sold(run: Run) -> Html:
    """Show what each seller booked, billed and kept."""
    reps, currency = run.reps, run.policy.currency
    if reps.empty:
        return Html()
    lost = float(reps["clawback"].fillna(0).sum())
    title = "What was sold, and what became of it"
    if lost > 0:
        hit = int((reps["clawback"].fillna(0) > 0).sum())
        title = f"Write-offs would take {money(lost, currency)} back from {counted(hit, 'seller')}"
    rates = reps.assign(rate=_rate(reps, "margin"))
    first = "Billed" if _is_billed(reps) else "Booked"
    shown = [
        _seller(),
        tables.count("Accounts", "accounts"),
        *([] if _is_billed(reps) else [tables.change(first, "bookings")]),
        tables.change("Net revenue", "net_revenue"),
        *([tables.change("Cost to serve", "cost_to_serve")] if work_recorded(run.accounts) else []),
        tables.money("Margin", "margin"),
        tables.share("Of list price", "rate"),
        tables.change("Clawback", "clawback"),
    ]
    share = run.policy.sellers.clawback_share
    note = f"The clawback is simulated: {percent(share)} of what was written off, of invoices issued in its charge."
    if _is_billed(reps):
        note += " There are no bookings in the data, so billings stand in for them."
    listed_ = tables.table(rates, shown, f"By name, {currency}")
    return section("sold", title, listed_, paragraph(note, kind="note"), short="What was sold")


def relations(run: Run) -> Html:
    """Show what customers answered, who bought again, and what the time went into."""
    reps = run.reps
    told = reps[["satisfaction", "repeat_share", "obtaining_share"]].notna().any(axis=1) if len(reps) else []
    if not any(told):
        return Html()
    few = int((reps["few_answers"].fillna(True) & reps["satisfaction"].notna()).sum())
    answers = float(reps["answers"].fillna(0).sum())
    title = f"{counted(round(answers), 'answer')} of customers, repeat business, and where the time went"
    shown = [
        _seller(),
        tables.Column("Satisfaction", _satisfaction, number=False),
        tables.share("Repeat business", "repeat_share"),
        tables.share("Time obtaining", "obtaining_share"),
    ]
    words = (
        "Satisfaction is the mean of 1 to 5. Repeat business is the share of net revenue from accounts that had bought "
        "before. Time is that spent on the seller's accounts, by whoever spent it; what did not win business served "
        "or kept them."
    )
    if few:
        verbs = agree(few, "rests", "rest"), agree(few, "says", "say")
        words += f" {counted(few, 'mean').capitalize()} {verbs[0]} on few answers and {verbs[1]} little."
    numbers = tables.table(reps, shown, "By name")
    return section("relations", title, numbers, paragraph(words, kind="note"), short="Customers and time")


def what_it_rests_on(run: Run) -> Html:
    """Say how sales were given to sellers, and what the numbers cannot tell."""
    reps = run.reps
    if reps.empty:
        return Html()
    tenure, revenue = reps["tenure_share"] * reps["net_revenue"], float(reps["net_revenue"].sum())
    items: list[Child] = []
    if revenue > 0:
        items.append(_given(float(tenure.sum()) / revenue))
    covered = run.facts.get("sellers", {}).get("revenue_covered")
    if covered is not None and covered < WHOLLY:
        items.append(f"{percent(1 - covered)} of net revenue has no known seller and is not on this page.")
    items += [
        "A return, and work on an order, belong to whoever sold it, even where somebody else has taken over since.",
        "Whoever takes over an account takes over what was promised to it: ask what was found there.",
        "Where a region has one seller only, the region and the seller cannot be told apart.",
    ]
    return section("rests-on", "What this rests on, and what it cannot tell", bullets(items), short="Rests on")


def _given(share: float) -> str:
    """Say how much of the revenue went to whoever was in charge, and how much to whom the lines name."""
    charged = "whoever was in charge of the account on the day of the order"
    if share >= WHOLLY:
        return f"All net revenue fell to {charged}."
    if share < 1 - WHOLLY:
        return "Nothing says who was in charge of which account, so sales went to whom the invoice lines name."
    return f"{percent(share)} of net revenue fell to {charged}; the rest to whom the invoice lines name."


def bands_title(reps: pd.DataFrame) -> str:
    """Say how many are below, as and above what was to be expected."""
    judged = reps[reps["band"].notna()]
    few = int(reps["few_accounts"].fillna(True).sum())
    if judged.empty:
        return "No seller can be set against expectation: too few accounts, or nobody to compare with"
    counts = judged["band"].astype(str).value_counts()
    below, above = int(counts.get("below", 0)), int(counts.get("above", 0))
    if not below and not above:
        head = (
            f"Of {counted(len(judged), 'seller')} with enough accounts, none stands apart from what was to be expected"
        )
        return head if len(judged) > 1 else "The one seller with enough accounts is as was to be expected"
    parts = [f"{count(n)} {agree(n, 'is', 'are')} {word}" for n, word in ((below, "below"), (above, "above")) if n]
    tail = f"; {count(few)} had too few accounts" if few else ""
    return f"Of {counted(len(judged), 'seller')}, {listed(parts)} what was to be expected{tail}"


def _title(reps: pd.DataFrame, currency: str) -> str:
    margin, revenue = reps["margin"], reps["net_revenue"]
    who = counted(len(reps), "seller")
    if margin.isna().all():
        return f"{who}: what became of their sales is not measured"
    sold_ = "billed" if _is_billed(reps) else "booked"
    amount_ = float(revenue.sum()) if _is_billed(reps) else float(reps["bookings"].sum())
    left = money(float(margin.sum()), currency)
    return f"{who} {sold_} {money(amount_, currency)}; what was billed left {left} of margin"


def _tiles(run: Run) -> list[Tile]:
    reps, currency = run.reps, run.policy.currency
    counts = reps["band"].dropna().astype(str).value_counts()
    when = period(run)
    found = []
    if not _is_billed(reps):
        found.append(Tile("Booked", money(float(reps["bookings"].sum()), currency), when))
    if reps["net_revenue"].notna().any():
        found.append(Tile("Net revenue", money(float(reps["net_revenue"].sum()), currency), when))
    if reps["margin"].notna().any():
        known = reps[reps["measured_share"] >= WHOLLY]
        rate = float(known["margin"].sum()) / float(known["list_revenue"].sum() or float("nan"))
        found.append(
            Tile(
                "Margin after cost to serve",
                money(float(reps["margin"].sum()), currency),
                f"{percent(rate)} of list price",
            )
        )
    judged = int(counts.sum())
    if judged:
        note = f"{some(int(counts.get('below', 0)))} below, {some(int(counts.get('above', 0)))} above"
        found.append(Tile("As expected", f"{count(int(counts.get('as_expected', 0)))} of {count(judged)}", note))
    return found


def _why_not(run: Run) -> str:
    if not run.policy.sellers.publish:
        return "The policy does not ask for this page (sellers: publish)."
    return "Nothing in the data says who sold what: there are no assignments, no bookings and no rep on invoice lines."


def _seller() -> tables.Column:
    return tables.Column("Seller", lambda row: name(row["rep"]), number=False)


def _band(row: tables.Row, run: Run) -> Child:
    words = BANDS.get(str(row["band"]))
    if words:
        return words
    few = bool(row["few_accounts"]) if not pd.isna(row["few_accounts"]) else True
    return f"too few accounts ({count(row['accounts'])})" if few else "cannot be told"


def _satisfaction(row: tables.Row) -> Child:
    if pd.isna(row["satisfaction"]):
        return "no answer"
    of = counted(round(float(row["answers"])), "answer")
    words = f"{number(row['satisfaction'])} of {of}"
    return join(words, element("span", " (few)", class_="note")) if bool(row["few_answers"]) else words


def _rate(reps: pd.DataFrame, column: str) -> pd.Series:
    """Return a share of sales at list price, of those sellers whose every account has a measured margin."""
    known = (reps["list_revenue"] > 0) & (reps["measured_share"] >= WHOLLY)
    return reps[column] / reps["list_revenue"].where(known)


def _is_billed(reps: pd.DataFrame) -> bool:
    return bool((reps["bookings_basis"] == "billings").any())


def _one_decimal(value: float) -> str:
    return number(value, 1) if value >= 0.05 else "none"
