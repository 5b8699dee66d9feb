"""Pages that no notebook makes: the list of accounts and a page for each, in the frame that all pages have.

The frame is rendered once, as a notebook's page is, and filled for each page: twenty a second and more.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from analysis.publishing.pages import BRAND, FOOTER, POLICY, policy_with, render_page
from analysis.reporting.markup import text

_TEMPLATES = Path(__file__).parents[1] / "reporting" / "template" / "page"
_TITLE, _BRAND, _BODY, _FOOT = "MV-TITLE", "MV-BRAND", "<!--mv-body-->", "MV-FOOTER"
_BAR = re.compile(r"<nav\b.*?</nav>", re.DOTALL)
_ADDRESS = re.compile(r'href="(?!#|[a-z][a-z0-9+.-]*:)', re.IGNORECASE)


def direct_page(
    body: str,
    *,
    title: str,
    brand: str = BRAND,
    footer: str = FOOTER,
    depth: int = 0,
    script: str = "",
    alone: bool = False,
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
    depth
        In how many folders within the run's folder the page lies; the frame's links are led back up.
    script
        The one script that it runs, allowed by its hash.
    alone
        Whether it lies outside a run's folder, where the frame's links would lead nowhere.
    """
    above, beneath = _frame().split(_BODY)
    if alone:
        above = _BAR.sub("", above)
    if depth:
        above, beneath = (_ADDRESS.sub('href="' + "../" * depth, part) for part in (above, beneath))
    page = above.replace(_TITLE, text(title)).replace(_BRAND, text(brand)) + body + beneath.replace(_FOOT, text(footer))
    return page.replace(POLICY, policy_with(script), 1).replace("</main>", _main_end(script), 1) if script else page


def accounts_script() -> str:
    """Return the script of the page of all accounts."""
    return (_TEMPLATES / "accounts.js").read_text(encoding="utf-8")


def _main_end(script: str) -> str:
    return f"</main><script>{script}</script>"


@cache
def _frame() -> str:
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    cell = new_code_cell("", outputs=[new_output("execute_result", {"text/html": _BODY}, execution_count=1)])
    page = render_page(new_notebook(cells=[cell]), title=_TITLE, brand=_BRAND, footer=_FOOT)
    style = (_TEMPLATES / "accounts.css").read_text(encoding="utf-8").replace("\n", "")
    return page.replace("</head>", f"<style>{style}</style>\n</head>", 1)
