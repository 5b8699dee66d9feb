"""What axe finds wrong in a page, for every test that opens one."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

#: A row that is built as an earlier one, but for its words, numbers and addresses, is looked at once.
_MARK_ALIKE = """() => {
    const built = new Set();
    for (const row of document.querySelectorAll('tbody tr')) {
        const table = row.closest('table');
        const shape = [...document.querySelectorAll('table')].indexOf(table) + ' ' + row.hidden + ' ' + row.outerHTML
            .replace(/>[^<]+</g, '>words<').replace(/\\b(id|href|title|data-[a-z-]+)="[^"]*"/g, '$1');
        const striped = shape + ' ' + [...row.parentNode.children].indexOf(row) % 2;
        if (built.has(striped)) row.setAttribute('data-alike', '');
        built.add(striped);
    }
}"""


def wrong_in(page: Any) -> list[tuple[str, list[str]]]:
    """Return the rules of accessibility that a page breaks, each with the first elements that do."""
    page.evaluate(_MARK_ALIKE)
    # What passes is not asked for: to name each element that does takes axe longer than to look at it.
    asked = {"resultTypes": ["violations"]}
    found = Axe().run(page, context={"exclude": [["[data-alike]"]]}, options=asked).response["violations"]
    return [(item["id"], [node["html"][:120] for node in item["nodes"][:3]]) for item in found]
