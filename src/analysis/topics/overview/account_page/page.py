"""The page of one account: for us, never for the customer."""

from __future__ import annotations

from analysis.formats import span
from analysis.reporting.at_stake import text_of
from analysis.reporting.fragments import columns
from analysis.reporting.markup import Html, cut, join, plain
from analysis.run import Run
from analysis.topics.overview.account_page.filing import File, Filing
from analysis.topics.overview.account_page.find import find
from analysis.topics.overview.account_page.opening import next_step, opening, tried
from analysis.topics.overview.account_page.service import service
from analysis.topics.overview.account_page.statement import losses, months, statement
from analysis.topics.overview.account_page.talk import talk
from analysis.topics.overview.account_page.trouble import trouble
from analysis.topics.overview.account_page.worth import worth


def filed(run: Run, account: str = "") -> File:
    """Return what a run knows of one account, found by its id or its name; of the one with most at stake if empty."""
    customer_id = find(run, account)
    return File(Filing(run, [customer_id]), customer_id)


def account_body(file: File) -> Html:
    """Return the body of an account's page."""
    parts = [statement(file), service(file), trouble(file), months(file), talk(file), worth(file)]
    pairs = [parts[place : place + 2] for place in range(0, len(parts), 2)]
    return join(
        opening(file), next_step(file), *(columns(*pair) for pair in pairs if any(pair)), losses(file), tried(file)
    )


def account_title(file: File) -> str:
    """Return what the browser's tab says."""
    return cut(plain(text_of(file.account["name"])) or file.customer_id, 60)


def account_footer(run: Run, customer_id: str) -> str:
    """Return what stands beneath: what it is, where the figures come from, how to look further."""
    run_id = plain(run.facts.get("run_id")) or "not published"
    return (
        f"Internal: not for the customer. Figures in {run.policy.currency}, {span(run.window.months, run.window.end)}; "
        f"from tables/accounts and the tables beside it; run {run_id}. "
        f"To explore: notebooks/account.ipynb with account = {cut(plain(customer_id), 60)!r}."
    )
