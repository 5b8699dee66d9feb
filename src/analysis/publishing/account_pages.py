"""Write the accounts' pages: the list of all of them and a page for each, and check them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from analysis.publishing.direct import accounts_script, direct_page
from analysis.publishing.pages import FOOTER, check_page, stop_at_faults, without_lab_style
from analysis.publishing.top_bar import top_bar
from analysis.reporting.addresses import FOLDER, address, file_name
from analysis.reporting.at_stake import largest
from analysis.reporting.links import IN_A_RUN
from analysis.run import Run
from analysis.topics.overview.account_page.filing import File, Filing
from analysis.topics.overview.account_page.listing import listing
from analysis.topics.overview.account_page.page import account_body, account_footer, account_title

LIST = "accounts.html"
LIST_FOOTER = f"{FOOTER} From tables/accounts, without a notebook; to look on: notebooks/start.ipynb in JupyterLab."
#: Bytes that an account's page may have.
BUDGET = 150_000
#: How many pages are checked in full, the largest first; the size of each is checked.
CHECKED = 10


def write_accounts(run: Run, folder: Path, others: Iterable[str]) -> None:
    """Write the accounts' pages of a run.

    Parameters
    ----------
    run
        Whose accounts.
    folder
        The run's folder; its tables are there.
    others
        The pages that will be there, by their path.

    Raises
    ------
    ReportError
        With every fault that the check of a page found.
    """
    ids, pages = largest(run, IN_A_RUN), [LIST, *others]
    write_briefs(run, folder / FOLDER, ids, bar=top_bar(LIST, pages, up="../"))
    write_list(run, folder, {key: address(key) for key in ids}, bar=top_bar(LIST, pages))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} | {*pages}
    html = (folder / LIST).read_text(encoding="utf-8")
    stop_at_faults([f"  {LIST}: {fault}" for fault in check_page(html, files=files, script=accounts_script())])


def write_list(run: Run, folder: Path, pages: Mapping[str, str], bar: str = "") -> None:
    """Write `accounts.html`; `pages` says where the page of an account lies, by its id."""
    body = without_lab_style(listing(run, pages))
    page = direct_page(body, title="Accounts", footer=LIST_FOOTER, bar=bar, script=accounts_script())
    (folder / LIST).write_text(page, encoding="utf-8")


def write_briefs(run: Run, folder: Path, ids: Sequence[str], *, bar: str = "") -> list[Path]:
    """Write a page for each account and return where they lie.

    Parameters
    ----------
    run
        Whose accounts.
    folder
        Where the pages go; made where it is missing.
    ids
        The accounts, by their id.
    bar
        The links to the run's other pages; none where the folder lies outside a run's.

    Raises
    ------
    ReportError
        With every fault that the check of a page found.
    """
    folder.mkdir(parents=True, exist_ok=True)
    filing, written = Filing(run, ids, run.once), {}
    for key in ids:
        html = brief(File(filing, key), bar)
        place = folder / f"{file_name(key)}.html"
        place.write_text(html, encoding="utf-8")
        written[place] = len(html.encode())
    largest_pages = sorted(written, key=lambda place: (-written[place], place))[:CHECKED]
    checked = {*largest_pages, *(place for place, size in written.items() if size > BUDGET)}
    stop_at_faults(
        f"  {place.name}: {fault}"
        for place in sorted(checked)
        for fault in check_page(place.read_text(encoding="utf-8"), budget=BUDGET)
    )
    return list(written)


def brief(file: File, bar: str = "") -> str:
    """Return an account's page."""
    body, footer = without_lab_style(account_body(file)), account_footer(file.run, file.customer_id)
    return direct_page(body, title=account_title(file), footer=footer, bar=bar)
