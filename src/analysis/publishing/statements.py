"""Write statements for customers: a folder of its own, which nothing links to and no run holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.errors import ReportError
from analysis.folders import make_output_folder
from analysis.publishing.direct import direct_page
from analysis.publishing.pages import check_page
from analysis.reporting.addresses import file_name
from analysis.reporting.markup import cut, plain
from analysis.run import Run
from analysis.topics.overview.account_page.customer import shown, statement_body, statement_footer


def write_statements(run: Run, out: Path, ids: Sequence[str], *, approved: bool = False) -> list[Path]:
    """Write a statement for each customer and return where they lie.

    Parameters
    ----------
    run
        Whose customers.
    out
        Where they go: no run's folder.
    ids
        The customers, by their id.
    approved
        Whether an account manager has approved that what was agreed and what was given at list price is told, too.

    Raises
    ------
    UsageError
        The folder is a run's, or lies in one.
    ReportError
        With every fault that the check of a page found.
    """
    make_output_folder(out)
    pages = {out / f"{file_name(key)}.html": customer_statement(run, key, approved=approved) for key in ids}
    faults = [f"  {file.name}: {fault}" for file, html in pages.items() for fault in check_page(html)]
    if faults:
        raise ReportError("\n".join(["A statement failed its check, so none was written:", *faults]))
    for file, html in pages.items():
        file.write_text(html, encoding="utf-8")
    return list(pages)


def customer_statement(run: Run, customer_id: str, *, approved: bool = False) -> str:
    """Return the page of a customer's statement, from its allowed fields alone."""
    of = shown(run, customer_id, approved=approved)
    title = cut(plain(of.first("accounts").get("name")), 60) or "Your account"
    return direct_page(statement_body(of), title=title, brand="Statement", footer=statement_footer(of))
