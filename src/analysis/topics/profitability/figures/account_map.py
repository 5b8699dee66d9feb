"""The map: every account by its gross margin against all costs below it.

Both are shares of net revenue, so the diagonal is exactly break-even: above it an account earns, below it costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.formats import money, percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say, tidy
from analysis.reporting.markup import cut, label, plain
from analysis.reporting.svg import mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

NAMED_MARKS = 200
MOST_MARKS = 1_000
MOST_POINTS = 4_000
WIDEST = 1.5
#: The shares that the axis of costs names; it is drawn by square roots.
STEPS, STEPS_NARROW = (0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.4), (0, 0.1, 0.3, 0.6, 1.0, 1.4)
#: How long a name on the map may be, how wide a letter is by its size, and how many names a phone has room for.
LONGEST, LETTER, NAMES_NARROW, NAME_SIZE = 22, 0.56, 4, 12.0

#: The shape of each kind of mark, and what it is.
KINDS = (("o", "others"), ("o", "over-served"), ("s", "difficult"))


@dataclass(frozen=True)
class Places:
    """The accounts on the map: their place, and what did not fit.

    ``points`` has the columns gross (share of net revenue), costs (likewise), x and y (where it is drawn), outside,
    and the account's own columns. ``without_sales`` and ``unknown`` (sales, but no margin) count those
    that have no place.
    """

    points: pd.DataFrame
    limit_x: float
    low_y: float
    high_y: float
    without_sales: int
    unknown: int

    @property
    def outside(self) -> int:
        """How many accounts lie outside the frame and are drawn at its edge."""
        return int(self.points["outside"].sum())

    @property
    def sampled(self) -> bool:
        """Whether there are too many accounts to draw all of them."""
        return len(self.points) - NAMED_MARKS > MOST_POINTS


def place_accounts(accounts: pd.DataFrame) -> Places:
    """Give each account with sales its place on the map; those outside the frame move to its edge, on their side."""
    sold = accounts[accounts["net_revenue"] > 0]
    points = sold.assign(
        gross=sold["gross_margin"] / sold["net_revenue"],
        costs=(sold["gross_margin"] - sold["net_margin"]) / sold["net_revenue"],
    )
    points = points[np.isfinite(points["gross"]) & np.isfinite(points["costs"])]
    limit_x = _limit(points["costs"])
    high_y = max(_limit(points["gross"]), 0.0)
    low_y = min(0.0, float(points["gross"].quantile(0.02))) if len(points) else 0.0
    low_y = max(low_y, -high_y)
    points = points.assign(x=points["costs"].clip(0, limit_x), y=points["gross"].clip(low_y, high_y))
    points["outside"] = (points["x"] != points["costs"].clip(lower=0)) | (points["y"] != points["gross"])
    _keep_side(points, limit_x)
    return Places(points, limit_x, low_y, high_y, len(accounts) - len(sold), len(sold) - len(points))


def plot_map(
    accounts: pd.DataFrame,
    currency: str,
    *,
    links: Mapping[str, str] | None = None,
    named: Sequence[str] = (),
    key: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the map.

    Parameters
    ----------
    accounts
        With customer_id, name, net_revenue, gross_margin, net_margin and, where judged, over_served and difficult.
    currency
        For the hover texts.
    links
        Addresses of the briefs that exist, by customer_id.
    named
        The accounts whose names are written beside their marks, those that matter most first; where names would lie on
        each other the later one is left out, and its mark tells it by its title.
    key
        Say above the map what its colours mean; a page says it beneath.
    """
    ax = ax if ax is not None else new_axes(height=460)
    places = place_accounts(accounts)
    if places.points.empty:
        words = "The margin of no account with sales is known." if places.unknown else "No sales in this window."
        return say(ax, words)
    _frame(ax, places)
    points = places.points.assign(stake=places.points["net_margin"].abs()).sort_values("stake", ascending=False)
    radius = _sizes(points["net_revenue"], 0.62 if is_narrow(ax) else 1.0)
    chosen = points["customer_id"].astype(str).isin([str(key) for key in named])
    others = points[~chosen]
    _rest(ax, others.iloc[NAMED_MARKS:], radius)
    _named(ax, others.iloc[:NAMED_MARKS], radius, currency, links or {}, alpha=0.45 if len(named) else 0.72)
    _named(ax, points[chosen], radius, currency, links or {}, alpha=0.95)
    write_names(ax, places.points, radius, named[: NAMES_NARROW if is_narrow(ax) else None])
    if key:
        _write_key(ax, points)
    return ax


def _write_key(ax: Axes, points: pd.DataFrame) -> None:
    """Name the kinds of marks that are drawn, in a line above the map."""
    marks = [
        ax.scatter([], [], s=60, color=colour, marker=shape, label=words)
        for (kind, colour), (shape, words) in zip(_kinds(points), KINDS, strict=True)
        if kind.any()
    ]
    ax.legend(handles=marks, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(marks), frameon=False)


def _rooted(shares: Any) -> Any:
    """Draw small shares wider than large ones: that is where accounts heap; 0, and what is below, has its place."""
    return np.sign(shares) * np.sqrt(np.abs(shares))


def _squared(roots: Any) -> Any:
    return np.sign(roots) * np.square(roots)


def _limit(shares: pd.Series) -> float:
    """Choose where an axis ends: past nearly all accounts, on a full tenth, and not without end."""
    if shares.empty:
        return 0.5
    high = float(shares.quantile(0.94)) * 1.15
    return float(min(max(np.ceil(high * 10) / 10, 0.3), WIDEST))


def _keep_side(points: pd.DataFrame, limit: float) -> None:
    """Move a point that its clipping took across break-even back to its own side."""
    earns = points["gross"] >= points["costs"]
    crossed = points["outside"] & (earns != (points["y"] >= points["x"]))
    step = np.where(earns, -0.02, 0.02) * limit
    points.loc[crossed, "x"] = (points["y"] + step)[crossed].clip(0, limit)
    points.loc[crossed & ~earns, "y"] = np.minimum(points["y"], points["x"] - 0.02 * limit)[crossed & ~earns]


def _frame(ax: Axes, places: Places) -> None:
    from matplotlib.ticker import PercentFormatter

    tidy(ax)
    pad_x, pad_y = places.limit_x * 0.025, (places.high_y - places.low_y) * 0.03
    ax.set_xlim(-0.02 * pad_x, places.limit_x + pad_x)
    ax.set_ylim(places.low_y - pad_y, places.high_y + 3 * pad_y)
    ax.set_xscale("function", functions=(_rooted, _squared))
    end = max(places.limit_x, places.high_y) * 2
    line = np.concatenate([[-1.0], np.linspace(-pad_x, end, 200)])
    ax.fill_between(line, line, -end, color=palette.COST_TINT.light, linewidth=0, zorder=0.5)
    ax.plot(
        line,
        line,
        color=palette.COST.light,
        linewidth=1.2,
        linestyle=(0, (4, 3)),
        zorder=1.5,
        label="break-even",
    )
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.locator_params(axis="y", nbins=5 if is_narrow(ax) else 8)
    ax.set_xticks([share for share in (STEPS_NARROW if is_narrow(ax) else STEPS) if share <= places.limit_x])
    ax.set_xlabel(
        "all costs below gross margin, share of net revenue"
        if not is_narrow(ax)
        else "costs below gross margin, share of revenue"
    )
    ax.set_ylabel("gross margin, share of net revenue" if not is_narrow(ax) else "gross margin")
    bold: dict[str, Any] = {"fontweight": "bold", "transform": ax.transAxes, "zorder": 4}
    ax.text(0.02, 0.975, "earns its keep", color=palette.EARN.light, ha="left", va="top", **bold)
    ax.text(0.98, 0.025, "costs more than it brings", color=palette.COST.light, ha="right", va="bottom", **bold)


def _sizes(revenue: pd.Series, scale: float) -> pd.Series:
    """Make a mark's area grow with net revenue, between a dot that can be hit and a disc that hides nothing."""
    largest = float(revenue.max())
    return (60 + 640 * (revenue / largest)) * scale**2


def _rest(ax: Axes, points: pd.DataFrame, sizes: pd.Series) -> None:
    if points.empty:
        return
    many = len(points) + NAMED_MARKS > MOST_MARKS
    drawn = points.sample(MOST_POINTS, random_state=1) if len(points) > MOST_POINTS else points
    for kind, colour in _kinds(drawn):
        scatter = ax.scatter(drawn["x"][kind], drawn["y"][kind], s=sizes[drawn.index][kind] * (0.4 if many else 1),
                             color=colour, alpha=0.35, linewidths=0, zorder=2, rasterized=many)  # fmt: skip
        if not many and kind.any():
            mark(scatter, "circle", [])


def _kinds(points: pd.DataFrame) -> list[tuple[pd.Series, str]]:
    over, hard = _judged(points, "over_served"), _judged(points, "difficult")
    return [
        (~over & ~hard, palette.OTHERS.light),
        (over & ~hard, palette.OVER_SERVED.light),
        (hard, palette.DIFFICULT.light),
    ]


def _judged(points: pd.DataFrame, column: str) -> pd.Series:
    if column not in points:
        return pd.Series(False, index=points.index)
    return points[column].astype("boolean").fillna(False).astype(bool)


def _named(
    ax: Axes, points: pd.DataFrame, sizes: pd.Series, currency: str, links: Mapping[str, str], *, alpha: float
) -> None:
    told = points.columns.intersection(["customer_id", "name", "net_margin", "gross", "costs"])
    for (kind, colour), (shape, _) in zip(_kinds(points), KINDS, strict=True):
        chosen = points[kind]
        if chosen.empty:
            continue
        scatter = ax.scatter(chosen["x"], chosen["y"], s=sizes[chosen.index], color=colour, alpha=alpha,
                             marker=shape, linewidths=0.8,
                             edgecolors=palette.GROUND.light, zorder=3)  # fmt: skip
        titles = [] if is_narrow(ax) else [_title(row, currency) for row in chosen[told].to_dict("records")]
        addresses = [links.get(str(key), "") for key in chosen["customer_id"]] if links and titles else []
        mark(scatter, "square" if shape == "s" else "circle", titles, addresses)


def _title(account: Mapping[Any, Any], currency: str) -> str:
    label = cut(plain(account.get("name")) or plain(account["customer_id"]), 50)
    margin = money(account["net_margin"], currency)
    return (
        f"{label}: {margin} net margin; gross {percent(account['gross'])}, costs below it {percent(account['costs'])}"
    )


def write_names(ax: Axes, points: pd.DataFrame, sizes: pd.Series, named: Sequence[str]) -> None:
    """Write names beside their marks, each within the frame, on no other name, and where it hides least.

    A name that finds no room beside its mark stands a little off, with a line that leads to it.
    """
    points = points.assign(size=sizes.reindex(points.index)).drop_duplicates("customer_id").set_index("customer_id")
    figure = ax.get_figure(root=True)
    if figure is None or not named:
        return
    figure.draw_without_rendering()
    scale = figure.dpi / 72
    at = ax.transData.transform(points[["x", "y"]].to_numpy(dtype=np.float64))
    half = np.sqrt(points["size"].to_numpy(dtype=np.float64)) / 2 * scale
    marks = np.column_stack([at - half[:, None], at + half[:, None]])
    places = {str(key): place for place, key in enumerate(points.index)}
    taken: list[Box] = [_box_of(ax, words) for words in ax.texts]
    for key in (str(key) for key in named if str(key) in places):
        place = places[key]
        words = label(points["name"].iloc[place] if plain(points["name"].iloc[place]) else key, LONGEST)
        size = (len(words) * LETTER * NAME_SIZE * scale, 1.2 * NAME_SIZE * scale)
        found = _room(ax.get_window_extent().extents, (at[place], half[place] + 2 * scale), size, taken, marks, scale)
        if found is not None:
            apart = 2 * LETTER * NAME_SIZE * scale  # two letters lie between names: some fonts are wider than others
            taken.append((found[0] - apart, found[1], found[2] + apart, found[3]))
            _write(ax, words, found, at[place], half[place])


Box = tuple[float, float, float, float]
#: Where a name may stand about its mark: to which side, how far up, and how far off in points.
ABOUT = tuple(
    (side, up, off)
    for off in (0, 10, 22, 36)
    for side, up in ((1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (0, -1))
)


def _box_of(ax: Axes, words: Any) -> Box:
    found = words.get_window_extent()
    return (float(found.x0), float(found.y0), float(found.x1), float(found.y1))


def _room(
    frame: Any, mark: tuple[Any, float], size: tuple[float, float], taken: list[Box], marks: Any, scale: float
) -> Box | None:
    """Return the box of a name that lies in the frame and on no other name, and hides the least of the marks."""
    (centre, gap), (width, height), best = mark, size, None
    for side, up, off in ABOUT:
        away = gap + off * scale
        left = centre[0] + side * away - (width if side < 0 else width / 2 if side == 0 else 0)
        low = centre[1] - height / 2 + up * (away + height / 2)
        box = (left, low, left + width, low + height)
        inside = frame[0] <= box[0] and box[2] <= frame[2] and frame[1] <= box[1] and box[3] <= frame[3]
        if not inside or any(_meet(box, other) for other in taken):
            continue
        cost = _hidden(box, marks) + 12 * off * scale
        if best is None or cost < best[0]:
            best = (cost, box)
    return best[1] if best else None


def _hidden(box: Box, marks: Any) -> float:
    """Return how much of the marks a box would lie on, in square pixels."""
    wide = np.minimum(box[2], marks[:, 2]) - np.maximum(box[0], marks[:, 0])
    high = np.minimum(box[3], marks[:, 3]) - np.maximum(box[1], marks[:, 1])
    return float((np.clip(wide, 0, None) * np.clip(high, 0, None)).sum())


def _write(ax: Axes, words: str, box: Box, centre: Any, half: float) -> None:
    """Write a name into its box on a ground of its own, with a line to its mark where it stands off."""
    back = ax.transData.inverted().transform
    x, y = back((box[0], (box[1] + box[3]) / 2))
    near = (min(max(centre[0], box[0]), box[2]), min(max(centre[1], box[1]), box[3]))
    away = float(np.hypot(near[0] - centre[0], near[1] - centre[1]))
    if away > half + 6:
        (x0, y0), (x1, y1) = back(near), back(centre)
        ax.plot([x0, x1], [y0, y1], color=palette.INK.light, linewidth=0.7, alpha=0.6, zorder=4, clip_on=False)
    ground = {"facecolor": palette.GROUND.light, "edgecolor": "none", "alpha": 0.72, "pad": 0.6}
    ax.text(x, y, words, ha="left", va="center", fontsize=NAME_SIZE, zorder=5, parse_math=False, bbox=ground)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
