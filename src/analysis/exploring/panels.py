"""The explorer's panels in JupyterLab: sliders, search and buttons, each wired to what it changes."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import pandas as pd

from analysis.errors import MutualValueError, UsageError
from analysis.exploring.explorer import Explorer
from analysis.exploring.pictures import picture
from analysis.exploring.shown import shown
from analysis.formats import counted, money
from analysis.reporting.action_words import ASSUMPTIONS, action_title
from analysis.topics.actions.figures import steps as step_figure
from analysis.topics.actions.figures.steps import plot_steps
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.profitability.figures.account_map import plot_map
from analysis.topics.profitability.figures.segments import plot_segments, segment_totals

if TYPE_CHECKING:
    from analysis.topics.actions.policy import Assumptions

_WIDE = w.Layout(width="620px")
_WORDS = {"description_width": "380px"}
#: How far the sliders of a step's factors on the chance of leaving go.
_FACTOR = 3.0
_STATEMENT = [
    *("customer_id", "name", "net_revenue", "gross_margin", "cost_to_serve", "net_margin"),
    *("segment", "over_served", "over_service_cost", "trouble", "difficulty", "difficult"),
]
_TABLES = (
    ("Why it earns less or more than its like", "reasons", ["driver", "amount", "sentence"]),
    ("What it gets", "service_gaps", ["attribute", "delivered", "entitled", "expected", "peer_high", "over_cost"]),
    ("What it does", "behaviours", ["behaviour", "count", "of", "rate", "rate_usual", "difficulty_points"]),
    ("What we fail it with", "our_failures", ["failure", "count", "of", "rate", "rate_usual"]),
)  # fmt: skip


def thresholds(x: Explorer) -> w.VBox:
    """Return a slider for each threshold and each team's cost, and what they change: counts, map, who would move."""
    sliders = {path: _slider(lever.words, lever.low, lever.high, lever.step, lever.of(x.q.policy))
               for path, lever in x.levers.items()}  # fmt: skip
    costs = _costs(x)
    counts, moved, told = w.HTML(), w.HTML(), w.HTML()
    map_, four = (w.Image(format="png", layout=w.Layout(width="470px")) for _ in range(2))
    drawn = pd.DataFrame()

    def show() -> None:
        nonlocal drawn
        counts.value = _table(x.counts)
        map_.value = picture(lambda ax: plot_map(x.q.judged, x.q.policy.currency, key=True, ax=ax))
        totals = segment_totals(x.q.judged)
        if not totals.equals(drawn):  # most thresholds leave the segments as they are
            four.value = picture(lambda ax: plot_segments(x.q.judged, x.q.policy.currency, ax))
            drawn = totals
        who = x.moved
        moved.value = _table(who, rows=40) if len(who) else "<p>Nobody would move.</p>"

    def move(set_: Callable[[str, float], None], name: str) -> Callable[[Any], None]:
        def to(change: Any) -> None:
            told.value = _try(lambda: set_(name, change["new"]))
            show()

        return to

    for path, slider in sliders.items():
        slider.observe(move(x.set, path), names="value")
    for resource, slider in costs.items():
        slider.observe(move(x.set_cost, resource), names="value")
    show()
    beside = w.HBox([map_, four], layout=w.Layout(flex_flow="row wrap"))
    set_here = [*sliders.values(), *_folded("What the teams cost", costs)]
    return w.VBox([*set_here, told, counts, beside, w.HTML("<h3>Who would move, and why</h3>"), moved])


def accounts(x: Explorer) -> w.VBox:
    """Return a search for accounts, and all of the one that is picked, under the thresholds as they stand."""
    sought = w.Text(description="Search", placeholder="part of a name or an id", continuous_update=False, layout=_WIDE)
    found, one = w.Select(rows=8, layout=_WIDE), w.HTML()

    def search(_: Any = None) -> None:
        rows = x.search(sought.value)
        keys = rows["customer_id"].tolist()
        found.options = [(f"{name} ({key})", key) for key, name in zip(keys, rows["name"], strict=True)]
        found.value = keys[0] if keys else None
        show()

    def show(_: Any = None) -> None:
        one.value = _one(x, found.value) if found.value is not None else "<p>No account has this in its name or id.</p>"

    sought.observe(search, names="value")
    found.observe(show, names="value")
    search()
    return w.VBox([sought, found, one])


def assumptions(x: Explorer, step: str = "reprice") -> w.VBox:
    """Return sliders for what a step is assumed to change, from what is assumed now, and what it would add then."""
    steps = w.Dropdown(options=[(action_title(key), key) for key in STEPS], value=step, description="Step")
    ranges, told, drawn = w.VBox(), w.HTML(), w.Image(format="png", layout=_WIDE)

    def weigh(_: Any = None) -> None:
        chosen = {slider.tag: _range(slider, x.assumed[steps.value]) for slider in ranges.children}
        told.value = _try(lambda: show(x.p.what_if(steps.value, (), **chosen))) or told.value

    def show(rows: pd.DataFrame) -> None:
        told.value = _said(rows, x.p.policy.currency)
        top = x.p.named(rows.nlargest(12, "value")).assign(title=action_title(steps.value))
        drawn.value = picture(lambda ax: plot_steps(top, x.p.policy.currency, ax), step_figure.height(top), 720)

    def choose(_: Any = None) -> None:
        ranges.children = [_of(key, x.assumed[steps.value]) for key in ASSUMPTIONS if key != "cost"]
        for slider in ranges.children:
            slider.observe(weigh, names="value")
        weigh()

    steps.observe(choose, names="value")
    choose()
    return w.VBox([steps, ranges, told, drawn])


def saving(x: Explorer) -> w.VBox:
    """Return the form that writes what was set into the policy, for tonight's run, and shows the difference."""
    who = w.Text(description="Who", layout=_WIDE)
    why = w.Text(description="Why", placeholder="what the next reader should know", layout=_WIDE)
    button, told = w.Button(description="Save as policy", button_style="primary"), w.HTML()

    def save(_: Any) -> None:
        def write() -> None:
            told.value = f"<p>Written to {html.escape(str(x.policy_file))}:</p>{_lines(x.save(who.value, why.value))}"

        told.value = _try(write) or told.value

    button.on_click(save)
    return w.VBox([who, why, button, told])


def _costs(x: Explorer) -> dict[str, Any]:
    """Return a slider for what each resource costs, from half to twice what is stated."""
    period = x.p.opened.costing.period if x.p.opened.costing else ""
    return {name: _slider(f"{name}: cost of a {period}", cost / 2, cost * 2, cost / 100, cost)
            for name, cost in x.costs.items()}  # fmt: skip


def _folded(title: str, parts: Mapping[str, Any]) -> list[Any]:
    """Return parts folded under a title; nothing where there are none."""
    return [w.Accordion([w.VBox([*parts.values()])], titles=(title,))] if parts else []


def _slider(words: str, low: float, high: float, step: float, value: float) -> Any:
    whole = isinstance(step, int)
    kind = w.IntSlider if whole else w.FloatSlider
    number = int(value) if whole else value
    digits = "d" if whole else ",.3f" if step < 0.01 else ",.2f"
    return kind(value=number, min=low, max=high, step=step, description=words, continuous_update=False,
                style=_WORDS, layout=w.Layout(width="760px"), readout_format=digits)  # fmt: skip


def _of(key: str, stated: Assumptions) -> Any:
    """Return the slider of a range, from its low to its high end."""
    low, _, high = getattr(stated, key)
    most = max(1.0, high) if key in ("share", "share_refused", "accepts") else max(_FACTOR, high)
    words = ASSUMPTIONS[key].capitalize()
    slider = w.FloatRangeSlider(value=(low, high), min=0.0, max=most, step=0.01, description=words,
                                continuous_update=False, style=_WORDS, layout=w.Layout(width="760px"))  # fmt: skip
    slider.tag = key
    return slider


def _range(slider: Any, stated: Assumptions) -> list[float]:
    """Return low, likely and high: what is stated as likely, as far as the range that was set allows."""
    low, high = slider.value
    return [low, min(max(getattr(stated, slider.tag)[1], low), high), high]


def _said(rows: pd.DataFrame, currency: str) -> str:
    better = rows[rows["value"] > 0]
    adds, stated = (money(values.sum(), currency) for values in (better["value"], rows["as_stated"].clip(lower=0)))
    return (
        f"<p>It would add {adds} with {counted(len(better), 'account')} of {len(rows)}; as assumed now {stated}. "
        "The best, each with its range from the 5% to the 95% point:</p>"
    )


def _one(x: Explorer, customer_id: str) -> str:
    rows = x.q.judged
    parts = [_table(rows.loc[rows["customer_id"] == customer_id, _STATEMENT])]
    for words, table, columns in _TABLES:
        found = x.of(table, customer_id)
        parts.append(f"<h4>{words}</h4>{_table(found[columns])}" if len(found) else "")
    return "".join(parts)


def _table(frame: pd.DataFrame, rows: int = 20) -> str:
    return str(shown(frame, rows=rows).to_html())


def _lines(words: str) -> str:
    return f"<pre>{html.escape(words)}</pre>"


def _try(call: Callable[[], None]) -> str:
    """Call, and return what went wrong in our words, to be read; empty where nothing did."""
    try:
        call()
    except MutualValueError as fault:
        kind = "Not done: " if isinstance(fault, UsageError) else ""
        return f"<p><b>{kind}</b>{html.escape(str(fault))}</p>"
    return ""
