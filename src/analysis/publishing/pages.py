"""From an executed notebook to a page: one HTML file that needs nothing else, and the check that it is one."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.contract import OUTPUTS
from analysis.errors import ReportError
from analysis.reporting.labels import DRIVERS
from analysis.reporting.markup import Html, slug
from analysis.reporting.palette import css

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
BUDGET = 2_000_000
BRAND = "Mutual Value"
FOOTER = "Accounts are judged, never persons. Nothing is loaded from anywhere."
_TEMPLATES = Path(__file__).parents[1] / "reporting" / "template"
_LAB_STYLE = re.compile(r'<style class="lab">.*?</style>', re.DOTALL)
_HEADING = re.compile(r"<h([2-6])([^>]*)>(.*?)</h\1>", re.DOTALL)
_FETCHING = {"src", "href", "xlink:href", "srcset", "poster", "action"}
_EMPTY_WORDS = re.compile(
    "(?<![\\w.\\-\N{LEFT DOUBLE QUOTATION MARK}])(nan|NaN|None(?! of\\b)|NaT|inf|-inf|<NA>)(?![\\w-])"
)


def render_page(
    notebook: NotebookNode,
    *,
    title: str = "",
    brand: str = BRAND,
    footer: str = FOOTER,
    bar: str = "",
    made: Html | None = None,
) -> str:
    """Make an executed notebook into a page.

    Parameters
    ----------
    notebook
        The notebook with its outputs.
    title
        What the browser's tab says where the page has no h1 to say it.
    brand, footer
        What stands above and beneath the report.
    bar
        The links to the other pages, as `top_bar` gives them.
    made
        Which notebook made it, as `made_by` says it.

    Returns
    -------
    str
        The page: no script, no request, its headings with unique ids and listed at its top.
    """
    frame = {"brand": brand, "footer": footer, "bar": bar, "made": made}
    page = {"title": title or BRAND, "css": css() + _stylesheet(), **frame}
    body, _ = _exporter().from_notebook_node(notebook, resources={"page": page})
    return _with_contents(_with_title(without_lab_style(body)))


@cache
def _exporter() -> HTMLExporter:
    """Return what turns a notebook into HTML: it compiles the template of a page, and does so once."""
    from nbconvert import HTMLExporter

    return HTMLExporter(
        extra_template_basedirs=[str(_TEMPLATES)],
        template_name="page",
        exclude_input=True,
        exclude_anchor_links=True,
        embed_images=False,
    )


def without_lab_style(body: str) -> str:
    """Drop the style that only JupyterLab needs."""
    return _LAB_STYLE.sub("", body)


def check_page(html: str, *, budget: int = BUDGET, files: Iterable[str] | None = None, script: str = "") -> list[str]:
    """List what is wrong with a page, each as a sentence for a person; nothing where it is fit to publish.

    Parameters
    ----------
    html
        The page.
    budget
        How many bytes it may have.
    files
        The files that it may link to, by their path from the page; None leaves links to files unchecked.
    script
        The one script that it may run, allowed by its hash; every other is a fault.
    """
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "html.parser")
    found = [*_size(html, budget), *_scripts(soup, script), *_head(soup, script), *_headings(soup)]
    found += [*_anchors(soup, html), *_requests(soup), *_pictures(soup), *_tables(soup), *_words(soup)]
    return found if files is None else [*found, *_links(soup, set(files))]


def stop_at_faults(faults: Iterable[str]) -> None:
    """Stop where something is wrong with pages; each fault names its page.

    Raises
    ------
    ReportError
        With all of it.
    """
    found = list(faults)
    if found:
        raise ReportError("\n".join(["A page failed its check, so nothing was published:", *found]))


def _stylesheet() -> str:
    files = [_TEMPLATES / "page" / name for name in ("page.css", "charts.css")]
    return "".join(file.read_text(encoding="utf-8") for file in files).replace("\n", "")


def _with_title(html: str) -> str:
    """Let the browser's tab say what the page's h1 says."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    words = re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""
    return re.sub(r"<title>.*?</title>", lambda old: f"<title>{words}</title>" if words else old[0], html, count=1)


def _with_contents(html: str) -> str:
    """Give every heading an id of its own and list the second-level ones at the top."""
    seen: Counter[str] = Counter(re.findall(r"<(?!h[2-6])\w+[^>]*\sid=\"([^\"]+)\"", html))
    lines: list[tuple[str, str]] = []

    def numbered(found: re.Match[str]) -> str:
        level, attributes, inner = found.groups()
        words = re.sub(r"<[^>]+>", "", inner).strip()
        given = re.search(r'\sid="([^"]*)"', attributes)
        key = _unused(given[1] if given else slug(words), seen)
        short = re.search(r'\sdata-short="([^"]*)"', attributes)
        if level == "2":
            lines.append((key, short[1] if short else words))
        rest = re.sub(r'\s(id|data-short)="[^"]*"', "", attributes)
        return f'<h{level} id="{key}"{rest}>{inner}</h{level}>'

    html = _HEADING.sub(numbered, html)
    items = "".join(f'<li><a href="#{key}">{words}</a></li>' for key, words in lines)
    contents = f'<nav aria-label="Contents"><ul>{items}</ul></nav>' if items else ""
    return html.replace("</header>", f"{contents}</header>", 1)


def _unused(key: str, seen: Counter[str]) -> str:
    seen[key] += 1
    return key if seen[key] == 1 else _unused(f"{key}-{seen[key]}", seen)


def _size(html: str, budget: int) -> list[str]:
    size = len(html.encode())
    return [f"The page has {size:,} bytes; {budget:,} are allowed."] if size > budget else []


def policy_with(script: str = "") -> str:
    """Return the Content-Security-Policy of a page that runs this very script, or none."""
    if not script:
        return POLICY
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return POLICY.replace("'none';", f"'none'; script-src 'sha256-{digest}';", 1)


def _scripts(soup: BeautifulSoup, script: str) -> list[str]:
    tags = soup.find_all(["script", "iframe", "object", "embed", "base", "form"])
    own = [tag for tag in tags if script and tag.name == "script" and not tag.attrs and tag.string == script][:1]
    found = [f"There is a <{tag.name}> element; a page runs no code and holds no frame."
             for tag in tags if not any(tag is one for one in own)]  # fmt: skip
    for tag in soup.find_all(True):
        for key, value in tag.attrs.items():
            if key.lower().startswith("on"):
                found.append(f"<{tag.name}> has the handler {key}; a page runs no code.")
            if re.match(r"\s*(javascript|vbscript|data:text/html)", str(value), re.IGNORECASE) and key in {
                "href",
                "src",
                "xlink:href",
            }:
                found.append(f"<{tag.name}> links to code: {str(value)[:40]}.")
    return found


def _head(soup: BeautifulSoup, script: str) -> list[str]:
    found = []
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    if policy is None or policy.get("content") != policy_with(script):
        found.append("The Content-Security-Policy is missing or is not the one that forbids every request.")
    if soup.html is None or not soup.html.get("lang"):
        found.append("The <html> element does not say its language.")
    if soup.title is None or not soup.title.get_text(strip=True):
        found.append("The page has no title.")
    return found + [
        f"There is no <{mark}> landmark." for mark in ("main", "header", "footer") if soup.find(mark) is None
    ]


def _headings(soup: BeautifulSoup) -> list[str]:
    headings = soup.find_all(re.compile("^h[1-6]$"))
    levels = [int(heading.name[1]) for heading in headings]
    found = []
    if levels.count(1) != 1:
        found.append(f"There must be one h1; there are {levels.count(1)}.")
    for heading, level, above in zip(headings[1:], levels[1:], levels[:-1], strict=True):
        if level > above + 1:
            found.append(f"The heading {_quoted(heading)} is an h{level} straight after an h{above}.")
    return found + [f"An h{heading.name[1]} is empty." for heading in headings if not heading.get_text(strip=True)]


def _anchors(soup: BeautifulSoup, html: str) -> list[str]:
    ids = Counter(str(tag["id"]) for tag in soup.find_all(id=True))
    found = [f"The id {key!r} is there {times} times." for key, times in ids.items() if times > 1]
    for tag in soup.find_all(href=re.compile("^#")):
        if str(tag["href"])[1:] not in ids:
            found.append(f"A link leads to {tag['href']}, which is not on the page.")
    used = re.findall(r"url\(#([^)]+)\)", html)
    return found + [
        f"A drawing refers to {key!r}, which is not on the page." for key in sorted(set(used)) if key not in ids
    ]


def _requests(soup: BeautifulSoup) -> list[str]:
    found = []
    for tag in soup.find_all(True):
        for key, value in tag.attrs.items():
            address = str(value).strip() if key in _FETCHING else ""
            if re.match(r"(https?:)?//", address, re.IGNORECASE) and not (tag.name == "a" and key == "href"):
                found.append(f"<{tag.name}> would fetch {address[:60]}; a page fetches nothing.")
        if re.search(r"url\(\s*['\"]?(https?:)?//|@import", str(tag.get("style") or "") + _own_style(tag)):
            found.append("A style would fetch something; a page fetches nothing.")
    return found + [f"There is a <link>: {str(tag.get('href'))[:60]}." for tag in soup.find_all("link")]


def _own_style(tag: Tag) -> str:
    return str(tag.string or "") if tag.name == "style" else ""


def _pictures(soup: BeautifulSoup) -> list[str]:
    found = []
    for tag in soup.find_all(["img", "svg"]):
        if tag.find_parent("svg") is not None or tag.get("aria-hidden") == "true":
            continue
        words = str(tag.get("alt") or tag.get("aria-label") or "").strip()
        if not words or words.lower() in {"image", "figure", "no description has been provided for this image"}:
            found.append(f"A figure ({tag.name}) has no text that says what it shows.")
    return found


def _tables(soup: BeautifulSoup) -> list[str]:
    found = []
    for place, table in enumerate(soup.find_all("table"), start=1):
        caption = table.find("caption")
        if caption is None or not caption.get_text(strip=True):
            found.append(f"Table {place} has no caption.")
        if not table.find("th") or any(not cell.get("scope") for cell in table.find_all("th")):
            found.append(f"Table {place} has headings without scope, or none.")
    return found


def _words(soup: BeautifulSoup) -> list[str]:
    """Look for what a program says and a person does not; the data's own names are left alone."""
    text = _visible(soup)
    found = [f"The page says {word[1]!r}: {_around(text, word.start())}" for word in _EMPTY_WORDS.finditer(text)]
    codes = sorted(_codes() & set(re.findall(r"[a-z]+(?:_[a-z]+)+", text)))
    return found[:5] + [f"The page shows the code name {code}." for code in codes]


def _codes() -> set[str]:
    """Give the code names of the tables that a page must say in words: segments, drivers, certainties and the like."""
    values = {value for table in OUTPUTS.values() for column in table.columns for value in column.values}
    return {code for code in values | set(DRIVERS) if "_" in code}


def _visible(soup: BeautifulSoup) -> str:
    from bs4.element import NavigableString

    words = []
    for string in soup.find_all(string=True):
        parents = [string.parent, *(string.parent.parents if string.parent else [])]
        if type(string) is not NavigableString or any(_is_unseen(tag) for tag in parents if tag is not None):
            continue
        words.append(str(string))
    return " ".join(words)


def _is_unseen(tag: Tag) -> bool:
    if tag.name in {"style", "script"} or (tag.name == "title" and tag.find_parent("svg") is not None):
        return True
    return tag.name == "bdi" and "name" in (tag.get("class") or [])


def _around(text: str, place: int) -> str:
    return "…" + re.sub(r"\s+", " ", text[max(place - 30, 0) : place + 30]) + "…"


def _links(soup: BeautifulSoup, files: set[str]) -> list[str]:
    found = []
    for tag in soup.find_all("a"):
        address = str(tag.get("href") or tag.get("xlink:href") or "").split("#")[0]
        if address and not re.match(r"[a-z][a-z0-9+.-]*:", address, re.IGNORECASE) and address not in files:
            found.append(f"A link leads to {address}, which is not part of the run.")
    return found


def _quoted(heading: Any) -> str:
    return repr(heading.get_text(strip=True)[:60])
