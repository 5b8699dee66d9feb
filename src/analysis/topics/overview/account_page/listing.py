"""The page of all accounts: a complete table without script, searched, sorted and filtered by a small one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from analysis.formats import amount, count, counted, is_known, is_nothing, percent
from analysis.reporting.at_stake import first_by, largest, next_steps, text_of
from analysis.reporting.foot import eyebrow
from analysis.reporting.fragments import masthead, paragraph
from analysis.reporting.known import work_recorded
from analysis.reporting.labels import segment_title
from analysis.reporting.links import called
from analysis.reporting.markup import Child, Html, cut, element, join, name, plain
from analysis.reporting.told import told, told_count
from analysis.run import Run
from analysis.topics.overview.account_page.flags import flags

MOST = 2_000
#: Bytes that the rows may take, so that the page stays under its budget whatever the names are.
ROOM = 1_850_000
LONGEST_STEP = 120
DASH = "\N{EN DASH}"
Row = Mapping[Any, Any]


class Figure(NamedTuple):
    """A column of the list: its heading, what it shows, and what it is sorted by where that is a number."""

    heading: str
    show: Callable[[Row], Child]
    by: str = ""


def listing(run: Run, pages: Mapping[str, str]) -> Html:
    """Return the body of the page of all accounts.

    Parameters
    ----------
    run
        Whose accounts.
    pages
        Where the page of an account lies, by its id; an account without one is not linked.
    """
    figures = _figures(run)
    shown = list(_within(run, figures, pages))
    return join(
        masthead(eyebrow(run, "Accounts"), _title(run), _lead(run, len(shown), len(pages))),
        _controls(run) if len(shown) else None,
        _table(run, shown, figures) if len(shown) else paragraph("There is no account in this window.", kind="note"),
        paragraph(
            "Every column of every account: ", element("a", "tables/accounts.csv", href="tables/accounts.csv"),
            "; the main tables as one workbook: ", element("a", "workbook.xlsx", href="workbook.xlsx"), ".",
            kind="basis",
        ),
    )  # fmt: skip


def _rows(run: Run) -> list[dict[Any, Any]]:
    """Return the accounts to list with their next step, those with most money at stake first."""
    known = run.accounts.merge(next_steps(run), on="customer_id", how="left")
    order = {key: place for place, key in enumerate(largest(run, MOST))}
    known = known[known["customer_id"].isin(order)]
    return known.iloc[known["customer_id"].map(order).argsort()].to_dict("records")


def _within(run: Run, figures: list[Figure], pages: Mapping[str, str]) -> Iterator[Html]:
    """Yield the rows of the table as long as there is room."""
    left = ROOM
    for row in _rows(run):
        written = _row(run, row, pages, figures)
        left -= len(written.encode())
        if left < 0:
            return
        yield written


def _title(run: Run) -> str:
    accounts = run.accounts
    margin = accounts["net_margin"].astype("float64")
    losing = told_count(run, "losing_accounts")
    who = counted(len(accounts), "account").capitalize()
    if not margin.notna().any():
        return f"{who}; the margin of none is known"
    if not losing:
        return f"{who}, none of which costs more than it brings"
    lost = amount(told(run, "losing_accounts_cost"))
    verb = "costs more than it brings" if losing == 1 else "cost more than they bring"
    return f"{who}; {count(losing)} {verb}: {run.policy.currency} {lost} net"


def _lead(run: Run, shown: int, pages: int) -> str:
    first = first_by(run)
    order = f"Those with most {first} come first." if first else "They stand by their ids."
    if 0 < pages < shown:
        order += " Where a name leads to no page, mutual-value brief --account with that name writes it."
    if shown == len(run.accounts):
        return order
    here = f"{count(shown)} with most {first} of" if first else f"first {count(shown)} of"
    return f"Here are the {here} {count(len(run.accounts))}; tables/accounts holds all. {order}"


def _unmanaged(run: Run) -> str:
    """Return the class of a list without managers: none is known, so their column and filter would be empty."""
    return " unmanaged" if run.accounts["account_manager"].isna().all() else ""


def _controls(run: Run) -> Html:
    """Set what the script fills and shows; without a script it stays hidden."""

    def field(key: str, label: str, control: Html) -> Html:
        return element("label", element("span", label), control, for_=key)

    search = element("input", id="find", type="search", autocomplete="off", spellcheck="false")
    chosen = [
        field(key, label, element("select", id=key)) for key, label in (
            ("by-segment", "Segment"), ("by-flag", "Flag"), ("by-manager", "Manager"), ("sort", "Sort by"),
        )
    ]  # fmt: skip
    return element(
        "div",
        field("find", "Search", search),
        *chosen,
        element("p", "", id="found", role="status"),
        id="controls", class_=f"controls{_unmanaged(run)}", role="search", aria_label="Search, filter and sort",
        data_first=f"Most {first_by(run)}" if first_by(run) else "By id", hidden=True,
    )  # fmt: skip


def _figures(run: Run) -> list[Figure]:
    """Return the columns; where no work is recorded nothing of what serving costs, and of a segment who earns."""
    served = work_recorded(run.accounts)

    def taken(row: Row) -> Child:
        return percent(row["cts_pct"]) if served and is_known(row["cts_pct"]) else DASH

    return [
        Figure("Manager", lambda row: _name(row["account_manager"], 40)),
        Figure("Segment", lambda row: segment_title(row["segment"], served=served)),
        Figure("Net revenue", lambda row: _money(row["net_revenue"]), "net_revenue"),
        Figure("Cost to serve", lambda row: _money(row["cost_to_serve"] if served else None), "cost_to_serve"),
        Figure("of revenue", taken, "cts_pct"),
        Figure("Net margin", lambda row: _money(row["net_margin"]), "net_margin"),
        Figure("Beyond due", lambda row: _money(row["over_service_cost"]), "over_service_cost"),
        Figure("At stake", lambda row: _money(row["stake"]), "stake"),
        Figure("Flags", flags),
        Figure("Next step", _step),
    ]


def _table(run: Run, rows: list[Html], figures: list[Figure]) -> Html:
    head = [element("th", "Account", scope="col", role="columnheader")]
    head += [
        element("th", figure.heading, scope="col", role="columnheader", class_="n" if figure.by else None)
        for figure in figures
    ]
    caption = (
        f"{counted(len(rows), 'account').capitalize()}, {run.policy.currency} in the window. Beyond due: the cost of "
        "service beyond what is agreed or wanted. At stake: the most that hangs on the next step or on keeping it."
    )
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", head, role="row"), role="rowgroup"),
        element("tbody", rows, role="rowgroup"),
        id="accounts", role="table",
    )  # fmt: skip
    return element("div", table, class_=f"listing{_unmanaged(run)}")


def _row(run: Run, row: Row, pages: Mapping[str, str], figures: list[Figure]) -> Html:
    key = str(row["customer_id"])
    label = called(run, row["name"], key)
    head = element("a", label, href=pages[key]) if key in pages else label
    cells = [_cell(figure, row) for figure in figures]
    return element("tr", element("th", head, scope="row", role="rowheader"), cells, role="row")


def _cell(figure: Figure, row: Row) -> Html:
    """Set a cell as short as it can be: there are 20,000 of them on the page."""
    if not figure.by:
        return element("td", figure.show(row), role="cell")
    value = row[figure.by]
    exact = f"{float(value):.6g}" if is_known(value) else None
    return element("td", figure.show(row), role="cell", class_="n", data_v=exact)


def _step(row: Row) -> Child:
    sentence = cut(plain(text_of(row["in_short"])), LONGEST_STEP)
    if not sentence:
        return DASH
    worth = row["value"]
    told = f" ({amount(worth, signed=True)})" if is_known(worth) and not is_nothing(worth) else ""
    return join(element("bdi", sentence, class_="name"), told)


def _name(words: object, longest: int) -> Html:
    shown = cut(plain(words), longest)
    return name(shown) if shown else Html(DASH)


def _money(value: object) -> Child:
    if not is_known(value):
        return DASH
    shown = amount(value)
    return element("span", shown, class_="cost") if pd.notna(value) and float(str(value)) < 0 else shown
