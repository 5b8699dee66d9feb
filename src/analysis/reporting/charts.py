"""Small charts as inline SVG, drawn here: bars and marks that a page of one account needs, in a millisecond each.

Each is drawn twice, for half a page and for a phone; words never lie on a bar, and no text is smaller than 12.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Literal, NamedTuple

from analysis.formats import percent
from analysis.reporting.markup import Child, Html, cut, element

WIDE, NARROW = 520, 336
LETTER = 13
#: The width of a letter as a share of its size, on the safe side.
AVERAGE = 0.54
Tone = Literal["earn", "cost", "over", "difficult", "others", "failed"]


class Bar(NamedTuple):
    """A line of a waterfall: `start` to `end`, what is said of it, and of like accounts."""

    label: str
    start: float
    end: float
    said: str
    beside: str = ""
    total: bool = False


class Levels(NamedTuple):
    """A line of levels: each a number or None, and what is said of it."""

    label: str
    delivered: float | None
    agreed: float | None
    wanted: float | None
    said: str


class Parts(NamedTuple):
    """A bar of two parts, and what is said of it."""

    label: str
    first: float
    second: float
    said: str


@dataclass
class Canvas:
    """An SVG of so many units across that grows with what is set on it."""

    width: int
    height: float = 0.0
    parts: list[Child] = field(default_factory=list)

    @property
    def narrow(self) -> bool:
        """Whether it is drawn for a phone."""
        return self.width == NARROW

    def write(
        self, x: float, y: float, words: str, *, end: bool = False, quiet: bool = False, bold: bool = False
    ) -> None:
        """Write words from x to the right, or up to x."""
        kind = " ".join(["q"] * quiet + ["b"] * bold + ["e"] * end)
        self.parts.append(element("text", words, x=_n(x), y=_n(y), class_=kind or None))

    def bar(self, x: float, y: float, width: float, height: float, tone: str, title: str = "") -> None:
        """Set a bar; a width below zero goes to the left."""
        left, wide = (x + width, -width) if width < 0 else (x, width)
        self.parts.append(
            element(
                "rect",
                element("title", title) if title else None,
                x=_n(left), y=_n(y), width=_n(max(wide, 1.2)), height=_n(height), rx="1.5", class_=tone,
            )
        )  # fmt: skip

    def line(self, x: float, y: float, to_x: float, to_y: float, kind: str = "rule") -> None:
        """Set a line."""
        self.parts.append(element("path", d=f"M{_n(x)} {_n(y)}L{_n(to_x)} {_n(to_y)}", class_=kind))

    def mark(self, shape: str, x: float, y: float) -> None:
        """Set a dot, a square or a diamond."""
        drawn = {
            "dot": f"M{_n(x - 6)} {_n(y)}a6 6 0 1 0 12 0a6 6 0 1 0 -12 0",
            "square": f"M{_n(x - 5.5)} {_n(y - 5.5)}h11v11h-11z",
            "diamond": f"M{_n(x)} {_n(y - 7.5)}l7.5 7.5l-7.5 7.5l-7.5 -7.5z",
        }[shape]
        self.parts.append(element("path", d=drawn, class_=f"m {shape}"))

    def svg(self, alt: str) -> Html:
        """Return what was set."""
        box = f"0 0 {self.width} {_n(self.height)}"
        return element("svg", *self.parts, viewBox=box, role="img", aria_label=alt)


def chart(draw: Callable[[Canvas], None], alt: str, caption: Child = None) -> Html:
    """Draw wide and narrow and return the figure."""
    drawn = []
    for width in (WIDE, NARROW):
        canvas = Canvas(width)
        draw(canvas)
        drawn.append(canvas.svg(alt))
    return element(
        "figure",
        element("div", drawn[0], class_="wide"),
        element("div", drawn[1], class_="narrow", hidden=True),
        element("figcaption", caption) if caption else None,
        class_="drawing own",
    )


def waterfall(bars: Sequence[Bar], alt: str, caption: Child = None) -> Html:
    """Draw bars that hang from one another, each with what is said of it."""
    return chart(lambda canvas: _waterfall(canvas, bars), alt, caption)


def levels(rows: Sequence[Levels], alt: str, caption: Child = None) -> Html:
    """Draw what is delivered, agreed and wanted on a line each."""
    return chart(lambda canvas: _levels(canvas, rows), alt, caption)


def two_parts(rows: Sequence[Parts], alt: str, caption: Child = None) -> Html:
    """Draw bars of two parts: theirs, and what our failures led to."""
    return chart(lambda canvas: _two_parts(canvas, rows), alt, caption)


def by_month(amounts: Sequence[float | None], names: Sequence[str], said: Sequence[str], alt: str) -> Html:
    """Draw a bar for each month, above and below zero."""
    return chart(lambda canvas: _by_month(canvas, amounts, names, said), alt)


def _waterfall(canvas: Canvas, bars: Sequence[Bar]) -> None:
    low = min([0.0, *(min(bar.start, bar.end) for bar in bars)])
    high = max([0.0, *(max(bar.start, bar.end) for bar in bars)])
    left, room = (4.0, 0.0) if canvas.narrow else (154.0, 196.0)
    scale = (canvas.width - left - room - 4) / ((high - low) or 1.0)
    for bar in bars:
        y = canvas.height
        x, wide = left + (bar.start - low) * scale, (bar.end - bar.start) * scale
        tone = "earn" if (bar.end if bar.total else wide) >= 0 else "cost"
        if canvas.narrow:
            words = bar.said + (f" ({bar.beside})" if bar.beside else "")
            left_over = int(canvas.width / (LETTER * AVERAGE)) - len(words) - 1
            canvas.write(0, y + 13, cut(bar.label, min(20, left_over)), bold=bar.total)
            canvas.write(canvas.width, y + 13, words, end=True, bold=bar.total)
            canvas.bar(x, y + 20, wide, 10, tone, f"{bar.label}: {bar.said}")
            canvas.height += 38
            if low < 0:  # beside the bar alone: the words above it lie across
                canvas.line(left - low * scale, y + 18, left - low * scale, y + 32, "zero")
            continue
        canvas.write(left - 8, y + 17, cut(bar.label, 19), end=True, bold=bar.total)
        canvas.bar(x, y + 4, wide, 17, tone, f"{bar.label}: {bar.said}")
        canvas.write(max(x, x + wide) + 7, y + 17, bar.said, bold=bar.total)
        if bar.beside:
            canvas.write(canvas.width, y + 17, bar.beside, end=True, quiet=True)
        canvas.height += 27
    if low < 0 and not canvas.narrow:
        canvas.line(left - low * scale, 0, left - low * scale, canvas.height, "zero")


def _levels(canvas: Canvas, rows: Sequence[Levels]) -> None:
    for row in rows:
        y = canvas.height + (38 if canvas.narrow else 20)
        left, right = (10.0, canvas.width - 10.0) if canvas.narrow else (190.0, canvas.width - 132.0)
        known = [value for value in (row.delivered, row.agreed, row.wanted) if value is not None]
        most = max([*known, 0.0]) or 1.0
        places = [None if value is None else left + value / most * (right - left) for value in row[1:4]]
        if canvas.narrow:
            canvas.write(0, y - 18, cut(row.label, 26))
            canvas.write(canvas.width, y - 18, row.said, end=True, quiet=True)
        else:
            canvas.write(left - 14, y + 4.5, cut(row.label, 25), end=True)
            canvas.write(canvas.width, y + 4.5, row.said, end=True, quiet=True)
        canvas.line(left, y, right, y)
        there = [place for place in places if place is not None]
        canvas.line(min(there, default=left), y, max(there, default=left), y, "span")
        for shape, place in zip(("dot", "square", "diamond"), places, strict=True):
            if place is not None:
                canvas.mark(shape, place, y)
        canvas.height += 54 if canvas.narrow else 36
    canvas.height += 2


def _two_parts(canvas: Canvas, rows: Sequence[Parts]) -> None:
    most = max([row.first + row.second for row in rows] or [0.0]) or 1.0
    scale = canvas.width * (1.0 if canvas.narrow else 0.72) / most
    for row in rows:
        y = canvas.height
        canvas.write(0, y + 12, cut(row.label, 40), bold=True)
        canvas.bar(0, y + 18, row.first * scale, 14, "difficult", f"{row.label}, theirs")
        if row.second > 0:
            canvas.bar(row.first * scale, y + 18, row.second * scale, 14, "failed", f"{row.label}, ours")
        lines = wrap(row.said, int(canvas.width / (LETTER * AVERAGE)), max_lines=3, placeholder="…")
        for place, words in enumerate(lines):
            canvas.write(0, y + 48 + 17 * place, words, quiet=True)
        canvas.height += 45 + 17 * len(lines)


def _by_month(canvas: Canvas, amounts: Sequence[float | None], names: Sequence[str], said: Sequence[str]) -> None:
    known = [value for value in amounts if value is not None]
    high, low = max([*known, 0.0]), min([*known, 0.0])
    tall = 130.0
    scale = tall / ((high - low) or 1.0)
    zero = 6 + high * scale
    step = canvas.width / max(len(amounts), 1)
    for place, (value, name, words) in enumerate(zip(amounts, names, said, strict=True)):
        x = place * step + step * 0.18
        if value is not None and value:
            tone, size = ("earn", value * scale) if value > 0 else ("cost", -value * scale)
            canvas.bar(x, zero - size if value > 0 else zero, step * 0.64, max(size, 1.0), tone, words)
        if step >= LETTER or place % 3 == 0:
            canvas.parts.append(element("text", name, x=_n(place * step + step / 2), y=_n(tall + 26), class_="q c"))
    canvas.line(0, zero, canvas.width, zero, "zero")
    canvas.height = tall + 32


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


class Pair(NamedTuple):
    """Two shares of one value, such as gross margin and cost to serve of net revenue, and what is said of it."""

    label: str
    earned: float | None
    served: float | None
    said: str


def pairs(rows: Sequence[Pair], most: float, alt: str, caption: Child = None) -> Html:
    """Draw two bars for each value on one scale up to `most`, so that panels can stand beside each other.

    What lies below zero is drawn in outline.
    """
    return chart(lambda canvas: _pairs(canvas, rows, most), alt, caption)


def _pairs(canvas: Canvas, rows: Sequence[Pair], most: float) -> None:
    for row in rows:
        y = canvas.height
        canvas.write(0, y + 12, cut(row.label, 24))
        canvas.write(canvas.width, y + 12, row.said, end=True, quiet=True)
        for place, (share, tone) in enumerate(((row.earned, "earn"), (row.served, "cost"))):
            if share is not None:
                size = min(abs(share), most) / (most or 1.0) * canvas.width
                drawn = tone if share >= 0 else "failed"
                canvas.bar(0, y + 18 + 9 * place, size, 8, drawn, f"{row.label}: {percent(share)}")
        canvas.height += 46
