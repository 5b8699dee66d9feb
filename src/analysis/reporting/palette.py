"""The colours and what they mean: the same on every page and in every figure.

Each colour has a name that says its meaning, a value for light and one for dark. Figures are drawn in the light
values; on the page they become CSS custom properties, so that the reader's own setting decides.
"""

from __future__ import annotations

from typing import NamedTuple


class Colour(NamedTuple):
    """A colour of the palette: its CSS name, and its value on light and on dark ground."""

    name: str
    light: str
    dark: str


EARN = Colour("earn", "#1d5ca8", "#82b4f5")
COST = Colour("cost", "#bf4326", "#f4896b")
OVER_SERVED = Colour("over", "#c98a06", "#e6b34a")
DIFFICULT = Colour("difficult", "#774a9e", "#bf99e6")
OTHERS = Colour("others", "#98a2b3", "#7d8899")
INK = Colour("ink", "#182230", "#e9edf3")
MUTED = Colour("muted", "#566070", "#a6b0be")
RULE = Colour("rule", "#dfe4ea", "#323b49")
PANEL = Colour("panel", "#f4f6fa", "#1c2431")
GROUND = Colour("ground", "#ffffff", "#121821")
EARN_TINT = Colour("earn-tint", "#e8f0fa", "#1a2b42")
COST_TINT = Colour("cost-tint", "#fcf1ed", "#35211d")

ALL = (EARN, COST, OVER_SERVED, DIFFICULT, OTHERS, INK, MUTED, RULE, PANEL, GROUND, EARN_TINT, COST_TINT)


def properties(*, dark: bool) -> str:
    """Give the custom properties for light ground, or for dark."""
    return "".join(f"--{colour.name}:{colour.dark if dark else colour.light};" for colour in ALL)


def css() -> str:
    """Give the custom properties, light by default and dark where the reader asks for dark."""
    light, dark = properties(dark=False), properties(dark=True)
    return f":root{{color-scheme:light dark;{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def variables() -> dict[str, str]:
    """Give for each light value the CSS that stands for it, with itself to fall back on."""
    return {colour.light: f"var(--{colour.name},{colour.light})" for colour in ALL}
