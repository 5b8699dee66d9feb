"""The bar at the top of every page: where a reader is, and where else to go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analysis.reporting.markup import Html, element

#: What the bar names, and the pages under each name; the first is the one that it leads to.
BAR: Mapping[str, Mapping[str, str]] = {
    "Overview": {"index.html": "Overview", "profitability.html": "Profitability", "segments.html": "Segments"},
    "Accounts": {"accounts.html": "All accounts", "cuts.html": "Where the money is"},
    "Actions": {"actions.html": "Actions"},
    "Service": {
        "over_served.html": "Agreed, wanted, delivered",
        "service_demand.html": "What service costs",
        "archetypes.html": "Kinds of accounts",
    },
    "Difficulty": {"difficult.html": "Whose trouble", "perception.html": "Names and the record"},
    "Value": {"value.html": "Value"},
    "Method": {"method.html": "Method"},
}

FIRST = "index.html"


def top_bar(here: str, pages: Iterable[str], up: str = "") -> Html:
    """Return the bar of a page.

    Parameters
    ----------
    here
        The page's own address, from the run's folder; with `up`, that of the page which it hangs on.
    pages
        The pages that there are: others are left out.
    up
        The way from the page's folder to the run's, such as `../`.

    Examples
    --------
    >>> print(top_bar("index.html", ["index.html", "value.html"]))
    <nav class="bar" aria-label="Pages"><ul><li><a href="index.html" aria-current="page">Overview</a></li>\
<li><a href="value.html">Value</a></li></ul></nav>
    """
    there = set(pages)
    groups = {name: [page for page in under if page in there] for name, under in BAR.items()}
    if here not in {page for under in groups.values() for page in under} and not up:
        return Html()
    items = [
        _link(f"{up}{under[0]}", name, current=here == under[0] and not up, within=here in under)
        for name, under in groups.items()
        if under
    ]
    bar = element("nav", element("ul", items), class_="bar", aria_label="Pages")
    own = next((name for name, under in groups.items() if here in under), "")
    mine = groups.get(own, [])
    if here == FIRST:  # from the overview every page is one click away
        mine = [*mine, *(page for name, under in groups.items() if name != own for page in under[1:])]
    if len(mine) < 2:
        return bar
    words = {page: text for under in BAR.values() for page, text in under.items()}
    more = [_link(f"{up}{page}", words[page], current=page == here and not up, within=page == here) for page in mine]
    return Html(bar + element("nav", element("ul", more), class_="bar within", aria_label=f"Pages under {own}"))


def _link(address: str, words: str, *, current: bool, within: bool = False) -> Html:
    state = "page" if current else "true" if within else None
    return element("li", element("a", words, href=address, aria_current=state))
