"""What changed against another window of the same accounts: who came, went and moved, and what moved them most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.formats import is_known, is_nothing, money, percent
from analysis.topics.profitability.judgement.segments import demand_line

if TYPE_CHECKING:
    import pandas as pd

CAME, WENT, MOVED, STAYED = "came", "went", "moved", "stayed"
COSTS, EARNS = "costs", "earns"
#: What goes with an account's sales; of these a change is what lies beyond the change of the sales themselves.
WITH_SALES = ("discounts", "returns", "cogs", "freight")
#: What does not go with them by itself.
APART = ("failures", "service", "obtaining", "write_offs", "financing")
LINES = ("sales", *WITH_SALES, *APART)
#: Of the accounts that stayed where they were, how many of the largest changes are told in words.
TOLD = 100
_KEPT = ("customer_id", "name", "segment", "net_margin", "service_demand")


def side_by_side(now: pd.DataFrame, before: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Set the accounts of two windows side by side, each with what moved its net margin most.

    Parameters
    ----------
    now, before
        Accounts as the contract has them, with `cts_<group>`; of `before` columns may be missing.

    Returns
    -------
    pandas.DataFrame
        `tables/changes` without `against`, one row for each account of either window.
    """
    import pandas as pd

    both = now[[*_KEPT]].merge(before[[*_KEPT]], on="customer_id", how="outer", suffixes=("", "_before"))
    both["name"] = both["name"].fillna(both["name_before"])
    here, there = (both.customer_id.isin(frame.customer_id) for frame in (now, before))
    placed = both.segment.notna() & both.segment_before.notna()
    moved = placed & (both.segment.fillna("") != both.segment_before.fillna(""))
    both["kind"] = np.select([~there, ~here, moved], [CAME, WENT, MOVED], STAYED)
    both["difference"] = both.net_margin - both.net_margin_before
    costs = (both.net_margin_before >= 0) & (both.net_margin < 0)
    earns = (both.net_margin_before < 0) & (both.net_margin > 0)
    both["turned"] = pd.Series(np.select([costs, earns], [COSTS, EARNS], ""), both.index, dtype="str")
    both["turned"] = both.turned.where(both.turned != "")
    found = both.merge(_largest(now, before, both), on="customer_id", how="left")
    return found.assign(reason=_reasons(found, now, before, currency)).sort_values("customer_id", ignore_index=True)


def effects(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Split what happened to each account's net margin into lines that add up to it.

    Sales take the gross margin of before with them; discounts, returns, goods and freight count for what they are more
    or less of the sales; work, our failures, write-offs and waiting for money count as they are.

    Parameters
    ----------
    now, before
        The same accounts in the same order.
    """
    import pandas as pd

    told = now.discounts.notna() & before.discounts.notna()
    this, last = (_lines(frame, told) for frame in (now, before))
    alike = (this.sold > 0) & (last.sold > 0)
    ratio = (this.sold / last.sold.where(alike)).where(alike, 1.0)
    sales = (before.gross_margin.astype("float64") * (ratio - 1)).where(alike, this.sold - last.sold)
    parts = {"sales": sales}
    parts |= {line: ratio * last[line] - this[line] for line in WITH_SALES}
    return pd.DataFrame(parts | {line: last[line] - this[line] for line in APART})


def _lines(frame: pd.DataFrame, told: pd.Series[bool]) -> pd.DataFrame:
    import pandas as pd

    def of(name: str) -> pd.Series[float]:
        if name not in frame:
            return pd.Series(0.0, frame.index)
        return frame[name].astype("float64").fillna(0.0)

    discounts = of("discounts")
    return pd.DataFrame(
        {
            "sold": of("list_revenue") - discounts.where(~told, 0.0),
            "discounts": discounts.where(told, 0.0),
            **{name: of(name) for name in ("returns", "cogs", "freight", "write_offs")},
            "failures": of("failure_cost"),
            "service": of("cost_to_serve") - of("failure_cost"),
            "obtaining": of("cost_to_obtain"),
            "financing": of("financing_cost"),
        }
    )


def _matched(frame: pd.DataFrame, keys: pd.Series[Any]) -> pd.DataFrame:
    return frame.set_index("customer_id", drop=False).reindex(keys)


def _largest(now: pd.DataFrame, before: pd.DataFrame, both: pd.DataFrame) -> pd.DataFrame:
    """Return customer_id, line and amount: of the lines that pull the way the margin went, the largest."""
    import pandas as pd

    rows = both[both.difference.notna() & (both.difference.abs() >= 0.005)]
    if rows.empty:
        return pd.DataFrame({"customer_id": pd.Series(dtype="str"), "line": pd.Series(dtype="str"), "amount": 0.0})
    split = effects(_matched(now, rows.customer_id), _matched(before, rows.customer_id)).reset_index(drop=True)
    way = np.sign(rows.difference.to_numpy(dtype=np.float64))
    amounts = split.fillna(0.0).to_numpy()
    at = (amounts * way[:, None]).argmax(axis=1)
    picked = amounts[np.arange(len(rows)), at]
    return pd.DataFrame({"customer_id": rows.customer_id.to_numpy(), "line": np.array(LINES)[at], "amount": picked})


def _reasons(found: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame, currency: str) -> pd.Series[str]:
    """Say why each account that moved, turned or changed most did; the others' reasons are empty."""
    import pandas as pd

    largest = found.difference.abs().rank(ascending=False, method="first") <= TOLD
    wanted = found[(found.kind != STAYED) | found.turned.notna() | largest]
    this = now[now.customer_id.isin(wanted.customer_id)].set_index("customer_id").to_dict("index")
    last = before[before.customer_id.isin(wanted.customer_id)].set_index("customer_id").to_dict("index")
    lines = (demand_line(before), demand_line(now))
    words = [
        _reason(row, this.get(row["customer_id"], {}), last.get(row["customer_id"], {}), lines, currency)
        for row in wanted.to_dict("records")
    ]
    return pd.Series(words, wanted.index, dtype="str").reindex(found.index).replace("", np.nan)


def _reason(row: Any, now: dict[Any, Any], before: dict[Any, Any], lines: tuple[float, float], currency: str) -> str:
    if row["kind"] == CAME:
        return "no customer in that window, and nothing was sold to it or done for it"
    if row["kind"] == WENT:
        return "no customer in this window, and nothing was sold to it or done for it"
    parted = row["kind"] == MOVED and str(row["segment"])[:2] == str(row["segment_before"])[:2]
    if parted and not isinstance(row["turned"], str):
        return _of_demand(now, before, lines)
    return of_line(str(row["line"]), now, before, currency) if isinstance(row["line"], str) else ""


def _of_demand(now: dict[Any, Any], before: dict[Any, Any], lines: tuple[float, float]) -> str:
    """Say what share of its sales serving an account took, and whether it moved or the portfolio's line did."""
    then: Any = before.get("service_demand")
    here: Any = now.get("service_demand")
    if not (is_known(then) and is_known(here)):
        return "serving it is set against sales that it did not have in both windows"
    words = f"serving it takes {percent(here)} of what it buys, after {percent(then)}"
    itself = (float(then) > lines[0]) != (float(here) > lines[0])
    if itself or not all(map(is_known, lines)):
        return words
    if percent(lines[0]) == percent(lines[1]):
        return f"{words}: it lies near the line, at {percent(lines[1])}"
    return f"{words}; the line itself went from {percent(lines[0])} to {percent(lines[1])}"


def of_line(line: str, now: dict[Any, Any], before: dict[Any, Any], currency: str) -> str:
    """Say in words what happened to a line of an account's statement."""

    def at(row: dict[Any, Any], name: str) -> float:
        value: Any = row.get(name)
        return float(value) if is_known(value) else 0.0

    sold = at(before, "list_revenue"), at(now, "list_revenue")
    if line == "sales":
        return _of_sales(*sold)
    if line in WITH_SALES:
        share = [
            at(row, line) / base if base > 0 else float("nan") for row, base in zip((before, now), sold, strict=True)
        ]
        if all(map(is_known, share)):
            was, here = (percent(one) if one else "nothing" for one in share)
            return f"{_NAMED[line]} {here} of what it buys, after {was}"
        if is_known(share[1]):
            return f"{_of_sales(*sold)}; {_NAMED[line]} {percent(share[1])} of what it buys"
        if is_known(share[0]):
            return _of_sales(*sold)
        return f"{_NAMED[line]} {_sum(at(now, line), currency)}, after {_sum(at(before, line), currency)}"
    if line == "service":
        first, then = (at(row, "cost_to_serve") - at(row, "failure_cost") for row in (before, now))
        return f"{_NAMED[line]} {_sum(then, currency)}, after {_sum(first, currency)}{_mostly(now, before, currency)}"
    column = _COLUMNS[line]
    return f"{_NAMED[line]} {_sum(at(now, column), currency)}, after {_sum(at(before, column), currency)}"


_COLUMNS = {
    "failures": "failure_cost",
    "obtaining": "cost_to_obtain",
    "write_offs": "write_offs",
    "financing": "financing_cost",
}
_NAMED = {
    "discounts": "discounts take",
    "returns": "returns and credits take",
    "cogs": "goods take",
    "freight": "freight takes",
    "service": "serving it takes",
    "failures": "work that our own failures caused takes",
    "obtaining": "winning its business takes",
    "write_offs": "written off:",
    "financing": "waiting for its money takes",
}


def _sum(value: float, currency: str) -> str:
    return "nothing" if is_nothing(value) else money(value, currency)


def _of_sales(before: float, now: float) -> str:
    if before <= 0 or now <= 0:
        return "it bought nothing then" if now > 0 else "it buys nothing any more"
    change = now / before - 1
    if change > 2:
        return f"its sales are {now / before:.0f} times what they were"
    return f"its sales {'rose' if change > 0 else 'fell'} by {percent(abs(change))}"


def _mostly(now: dict[Any, Any], before: dict[Any, Any], currency: str) -> str:
    """Name the group of work that makes up most of the change, where one does."""
    groups = [str(name) for name in now if str(name).startswith("cts_") and name != "cts_pct" and name in before]
    each = {
        name: float(now[name]) - float(before[name])
        for name in groups
        if is_known(now[name]) and is_known(before[name])
    }
    whole = sum(each.values())
    if len(each) < 2 or not whole:
        return ""
    most = max(each, key=lambda name: each[name] / whole)
    if each[most] / whole < 0.5:
        return ""
    words = most.removeprefix("cts_").replace("_", " ")
    return f", most of it {words} ({_sum(float(now[most]), currency)}, after {_sum(float(before[most]), currency)})"
