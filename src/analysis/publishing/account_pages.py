"""Write the page of all accounts into a run's folder, and check it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.errors import ReportError
from analysis.publishing.direct import accounts_script, direct_page
from analysis.publishing.pages import check_page, without_lab_style
from analysis.reporting.accounts.listing import listing
from analysis.reporting.run import Run

LIST = "accounts.html"


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
    write_list(run, folder, {})
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} | {*others}
    html = (folder / LIST).read_text(encoding="utf-8")
    faults = [f"  {LIST}: {fault}" for fault in check_page(html, files=files, script=accounts_script())]
    if faults:
        raise ReportError("\n".join(["A page failed its check, so nothing was published:", *faults]))


def write_list(run: Run, folder: Path, pages: Mapping[str, str]) -> None:
    """Write `accounts.html`; `pages` says where the page of an account lies, by its id."""
    page = direct_page(without_lab_style(listing(run, pages)), title="Accounts", script=accounts_script())
    (folder / LIST).write_text(page, encoding="utf-8")
