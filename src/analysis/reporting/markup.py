"""HTML that is safe by construction: text is escaped, and only what was built here is not.

`element` builds a tag; whatever text goes in is escaped unless it is already `Html`. JupyterLab shows `Html` as it is.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

from analysis.formats import GAP, capital

VOID = frozenset({"br", "hr", "img", "meta", "link", "input"})
#: From so many characters on, what is cut ends with a whole word.
SENTENCE = 40
LONGEST_NAME = 60
EMPTY_WORDS = frozenset({"nan", "none", "nat", "inf", "-inf", "<na>"})


class Html(str):
    """Markup that may be shown as it is, on a page and in JupyterLab."""

    __slots__ = ()

    def __html__(self) -> str:
        """Give the markup to whatever asks for safe markup."""
        return str(self)

    def _repr_html_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return f"<Html of {len(self)} characters>"


Child = str | None | Iterable["Child"]


def text(value: Child) -> Html:
    """Escape text, join lists, leave markup alone.

    Examples
    --------
    >>> str(text(["a < b", Html("<b>c</b>"), None]))
    'a &lt; b<b>c</b>'
    """
    if value is None:
        return Html()
    if isinstance(value, Html):
        return value
    if isinstance(value, str):
        return Html(html.escape(value))
    return Html("".join(text(child) for child in value))


def element(tag: str, *children: Child, **attributes: str | bool | None) -> Html:
    """Build a tag. A trailing underscore of an attribute is dropped, other underscores become hyphens.

    Examples
    --------
    >>> str(element("p", "1 < 2", class_="note", hidden=True, title=None))
    '<p class="note" hidden>1 &lt; 2</p>'
    """
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{text(children)}</{tag}>")


def join(*parts: Child, by: str = "") -> Html:
    """Join parts that are not empty."""
    return Html(by.join(str(piece) for piece in map(text, parts) if piece))


def name(label: object, fallback: object = "", *, longest: int = LONGEST_NAME) -> Html:
    """Write a name from the data: escaped, on one line, cut where it is too long, its direction kept to itself.

    Examples
    --------
    >>> str(name("<script>alert(1)</script>"))
    '<bdi class="name">&lt;script&gt;alert(1)&lt;/script&gt;</bdi>'
    """
    full = plain(label) or plain(fallback) or "without a name"
    shown = cut(full, longest)
    return element("bdi", shown, class_="name", title=cut(full, 300) if shown != full else None)


def label(words: object, longest: int) -> str:
    """Write a name from the data as the label of a mark: short, and told apart from a value that is missing.

    Examples
    --------
    >>> label("None", 30), label("Field service", 8)
    ('“None”', 'Field s…')
    """
    shown = cut(plain(words), longest)
    return (
        f"\N{LEFT DOUBLE QUOTATION MARK}{shown}\N{RIGHT DOUBLE QUOTATION MARK}"
        if shown.lower() in EMPTY_WORDS
        else shown
    )


def plain(label: object) -> str:
    r"""Put text from the data on one line, without control characters; nothing where there is none.

    A space that holds a number together stays one that does not break.

    Examples
    --------
    >>> plain(" Up \n by EUR\N{NO-BREAK SPACE}3.6\N{NO-BREAK SPACE}k ")
    'Up by EUR\xa03.6\xa0k'
    """
    if label is None or label != label or str(label) == "<NA>":
        return ""
    spaced = re.sub(r"\s+", _space, str(label)).strip()
    return "".join(letter for letter in spaced if unicodedata.category(letter) not in {"Cc", "Cs"})


def _space(blank: re.Match[str]) -> str:
    before, after = blank.string[: blank.start()][-1:], blank.string[blank.end() :][:1]
    return blank[0] if blank[0] == GAP and (before.isdigit() or after.isdigit()) else " "


def spoken(key: object) -> str:
    """Write a key of the data as words within a sentence.

    Examples
    --------
    >>> spoken("field_team")
    'field team'
    """
    return plain(key).replace("_", " ")


def titled(key: object, longest: int = 30) -> str:
    """Write a key of the data as the label of a mark or of a row.

    Examples
    --------
    >>> titled("field_team")
    'Field team'
    """
    words = spoken(key)
    return label(capital(words), longest)


def cut(full: str, longest: int) -> str:
    """Shorten text to so many characters, with an ellipsis; a sentence ends with a whole word.

    Examples
    --------
    >>> cut("Brandt Logistics", 8)
    'Brandt…'
    >>> cut("Account reviews from 27 to 4 a year; then prices up by 4%", 44)
    'Account reviews from 27 to 4 a year; then…'
    """
    if len(full) <= longest:
        return full
    shown = full[: longest - 1]
    if longest >= SENTENCE and not full[longest - 1].isspace():
        words = shown.rpartition(" ")[0]
        shown = words if len(words) > longest / 2 else shown
    return shown.rstrip(" ,;:") + "…"


def slug(words: str) -> str:
    """Make an id of words.

    Examples
    --------
    >>> slug("What to do first: five steps")
    'what-to-do-first-five-steps'
    """
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "section"


def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    written = key.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{html.escape(value)}"'
