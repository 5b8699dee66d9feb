"""The pieces a page is put together from: tiles, notes, sections, lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analysis.reporting import palette
from analysis.reporting.markup import Child, Html, element, join

Tone = Literal["", "earn", "cost", "over", "difficult"]


#: The same for charts drawn as text (`charts.css`).
_LAB_CHARTS = "".join(
    f".jp-OutputArea .own .{kind}{{{rule}}}"
    for kind, rule in (
        ("earn", "fill:var(--earn)"), ("cost", "fill:var(--cost)"), ("difficult", "fill:var(--difficult)"),
        ("failed", "fill:var(--cost-tint);stroke:var(--cost)"), ("dot", "fill:var(--over)"),
        ("rule", "stroke:var(--others)"), ("span", "stroke:var(--over);stroke-width:4"),
        ("zero", "stroke:var(--others)"), ("square", "fill:none;stroke:currentColor;stroke-width:2"),
        ("diamond", "fill:none;stroke:var(--earn);stroke-width:2"), ("e", "text-anchor:end"),
        ("c", "text-anchor:middle"),
        ("b", "font-weight:700"), ("wide", "max-width:620px"),
    )
) + ".jp-OutputArea .own text{fill:currentColor;font-size:13px}"  # fmt: skip
#: What JupyterLab needs to show the pieces well; a page has its own style and drops this one.
LAB_STYLE = (
    f".jp-OutputArea{{{palette.properties(dark=False)}}}"
    f"body[data-jp-theme-light=false] .jp-OutputArea{{{palette.properties(dark=True)}}}"
    ".jp-OutputArea .tiles{display:flex;flex-wrap:wrap;gap:12px;list-style:none;padding:0;margin:0}"
    ".jp-OutputArea .tiles li{background:#8881;border-radius:10px;padding:12px 16px;max-width:210px}"
    ".jp-OutputArea .tiles li>*{display:block}.jp-OutputArea .tiles strong{font-size:1.5em}"
    ".jp-OutputArea .columns{display:flex;flex-wrap:wrap;gap:32px}.jp-OutputArea .columns>div{flex:1 1 420px}"
    ".jp-OutputArea figure.drawing{margin:0}.jp-OutputArea .lead,.jp-OutputArea .eyebrow{opacity:.75}"
    ".jp-OutputArea .cost{color:var(--cost)}.jp-OutputArea .earn{color:var(--earn)}"
    ".jp-OutputArea .jp-RenderedHTMLCommon :is(th,td.t,caption){text-align:left}"
    ".jp-OutputArea .jp-RenderedHTMLCommon :is(th.n,td.n){text-align:right}"
    ".jp-OutputArea .mark{width:110px;height:14px}.jp-OutputArea .mark rect{fill:currentColor;opacity:.35}"
    ".jp-OutputArea .mark circle{fill:currentColor}.jp-OutputArea .mark .zero{stroke:#888}"
    ".jp-OutputArea .mark+span{display:block}.jp-OutputArea .basis{font-size:.85em;opacity:.75}"
    ".jp-OutputArea dl.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:8px 28px}"
    ".jp-OutputArea .jp-RenderedHTMLCommon :is(dt,dd){float:none;width:auto;margin:0;padding:0}"
    ".jp-OutputArea dl:not(.facts)>div{display:grid;grid-template-columns:minmax(11em,24em) 1fr;gap:4px 18px}"
) + _LAB_CHARTS


@dataclass(frozen=True)
class Tile:
    """One number with what it is and what it speaks of."""

    label: str
    value: str
    note: Child = None
    tone: Tone = ""


def tiles(items: list[Tile]) -> Html:
    """Set tiles in a row."""
    return element("ul", [_tile(item) for item in items], class_="tiles") if items else Html()


def section(key: str, title: Child, *body: Child, short: str = "") -> Html:
    """Set a section under its title; the key is its id, unique on the page, `short` its line in the contents."""
    return element("section", element("h2", title, id=key, data_short=short or None), *body)


def subsection(title: Child, *body: Child) -> Html:
    """Set a part of a section under a title of its own."""
    return element("div", element("h3", title), *body, class_="part")


def folded(words: Child, *body: Child) -> Html:
    """Set what not every reader needs behind a line that opens it: on paper, too, but on an account's own page."""
    return element("details", element("summary", words), *body) if any(body) else Html()


def masthead(eyebrow: str, title: Child, lead: Child = None, *, dense: bool = False) -> Html:
    """Set the page's title with the line above it and the paragraph below; `dense`: the page is to fit two screens."""
    return element(
        "div",
        element("style", Html(LAB_STYLE), class_="lab"),
        element("p", eyebrow, class_="eyebrow"),
        element("h1", title),
        element("p", lead, class_="lead") if lead else None,
        class_="masthead dense" if dense else "masthead",
    )


def paragraph(*words: Child, kind: str = "") -> Html:
    """Set a paragraph."""
    return element("p", join(*words), class_=kind or None)


def bullets(items: list[Child], kind: str = "") -> Html:
    """Set a list, or nothing where there is nothing in it."""
    return element("ul", [element("li", item) for item in items], class_=kind or None) if items else Html()


def pairs(items: list[tuple[Child, Child]], kind: str = "facts") -> Html:
    """Set names with their values."""
    lines = [element("div", element("dt", label), element("dd", value)) for label, value in items]
    return element("dl", lines, class_=kind) if items else Html()


def columns(*parts: Child) -> Html:
    """Set parts beside each other where there is room, beneath each other where not."""
    return element("div", [element("div", part) for part in parts if part], class_="columns")


def card(title: Child, body: Child, tone: Tone = "") -> Html:
    """Set a titled note with a coloured edge; the title is no heading, so it may stand anywhere."""
    return element("div", element("p", element("strong", title)), element("p", body), class_=f"card {tone}".strip())


def strong(words: Child, tone: Tone = "") -> Html:
    """Set words in a tone; the words carry the meaning, the colour repeats it."""
    return element("span", words, class_=tone or None)


def _tile(item: Tile) -> Html:
    return element(
        "li",
        element("span", item.label, class_="label"),
        element("strong", item.value, class_=item.tone or None),
        element("span", item.note, class_="note") if item.note else None,
    )
