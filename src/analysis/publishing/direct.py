"""Pages that no notebook makes: the list of accounts and a page for each, in the frame that all pages have.

The frame is rendered once, as a notebook's page is, and filled for each page: twenty a second and more.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from analysis.publishing.lean import import_lean
from analysis.publishing.pages import BRAND, FOOTER, POLICY, policy_with, render_page
from analysis.reporting.markup import text

_TEMPLATES = Path(__file__).parents[1] / "reporting" / "template" / "page"
_TITLE, _BRAND, _BAR, _BODY, _FOOT = "MV-TITLE", "MV-BRAND", "<!--mv-bar-->", "<!--mv-body-->", "MV-FOOTER"


def direct_page(
    body: str,
    *,
    title: str,
    brand: str = BRAND,
    footer: str = FOOTER,
    bar: str = "",
    script: str = "",
) -> str:
    """Put a body into the frame of a page.

    Parameters
    ----------
    body
        What stands in `main`, safe as it is.
    title
        What the browser's tab says: text.
    brand, footer
        What stands above and beneath: text.
    bar
        The links to the other pages, as `top_bar` gives them.
    script
        The one script that it runs, allowed by its hash.
    """
    above, beneath = _frame().split(_BODY)
    above = above.replace(_TITLE, text(title)).replace(_BRAND, text(brand)).replace(_BAR, bar)
    page = above + body + beneath.replace(_FOOT, text(footer))
    return page.replace(POLICY, policy_with(script), 1).replace("</main>", _main_end(script), 1) if script else page


def accounts_script() -> str:
    """Return the script of the page of all accounts."""
    return (_TEMPLATES / "accounts.js").read_text(encoding="utf-8")


def _main_end(script: str) -> str:
    return f"</main><script>{script}</script>"


@cache
def _frame() -> str:
    import_lean()
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    cell = new_code_cell("", outputs=[new_output("execute_result", {"text/html": _BODY}, execution_count=1)])
    page = render_page(new_notebook(cells=[cell]), title=_TITLE, brand=_BRAND, footer=_FOOT, bar=_BAR)
    style = (_TEMPLATES / "accounts.css").read_text(encoding="utf-8").replace("\n", "")
    return page.replace("</head>", f"<style>{style}</style>\n</head>", 1)
