"""Runs over the months: what each one's `run.json` says, side by side; no table of a run is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from analysis.facts import same_policy
from analysis.formats import agree, count, day, money, percent, some

if TYPE_CHECKING:
    import pandas as pd

#: The amounts of a run that are set side by side.
AMOUNTS = ("net_revenue", "gross_margin", "cost_to_serve", "net_margin", "over_service_cost", "failure_cost")
#: The amounts that are 0, and not known, where nobody recorded the work.
OF_WORK = ("cost_to_serve", "over_service_cost", "failure_cost")
COLUMNS = (
    *("as_of", "run", "months", "currency", "accounts", *AMOUNTS),
    *("net_margin_pct", "loss_making_accounts", "over_served", "under_served", "difficult"),
    *("cases", "failed_cases", "changed"),
)


def history_of(runs: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row per run, the earlier ones first.

    Parameters
    ----------
    runs
        The name of each run with its `run.json`, the earlier ones first.

    Returns
    -------
    pandas.DataFrame
        The day, what was read of it, amounts in the run's own currency, counts, and what was `changed` since the run
        before: `policy`, `code`, both or neither. Empty means that the run did not know.
    """
    import pandas as pd

    rows, before = [], None
    for name, run in runs.items():
        rows.append({**_row(name, run), "changed": _changed(run, before)})
        before = run
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(name: str, run: Mapping[str, Any]) -> dict[str, Any]:
    totals, failures = run.get("totals") or {}, run.get("our_failures") or {}
    recorded = {table.get("table") for table in run.get("inputs") or [] if table.get("rows")}
    amounts = {key: totals.get(key) for key in AMOUNTS}
    if "service_events" not in recorded:
        amounts |= dict.fromkeys(OF_WORK)
    revenue, margin = amounts["net_revenue"], amounts["net_margin"]
    return {
        "as_of": run.get("as_of"),
        "run": name,
        "months": (run.get("window") or {}).get("months"),
        "currency": run.get("currency"),
        "accounts": run.get("accounts"),
        **amounts,
        "net_margin_pct": margin / revenue if margin is not None and revenue and revenue > 0 else None,
        "loss_making_accounts": totals.get("loss_making_accounts") if margin is not None else None,
        **{key: (run.get("flagged") or {}).get(key) for key in ("over_served", "under_served", "difficult")},
        "cases": failures.get("cases"),
        "failed_cases": failures.get("failed_cases"),
    }


def _changed(run: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    if before is None:
        return ""
    parts = {"policy": not same_policy(run, before), "code": run.get("code_version") != before.get("code_version")}
    return " and ".join(word for word, changed in parts.items() if changed)


def mail(run: Mapping[str, Any], place: str, runs: Sequence[Mapping[str, Any]] = ()) -> list[str]:
    """Return a run in ten lines at most, for an e-mail; names of accounts are not in it.

    Parameters
    ----------
    run
        Its `run.json`.
    place
        Where its first page is.
    runs
        The runs before it, the earlier ones first.
    """
    row, currency = _row("", run), str(run.get("currency", ""))
    before = _row("", runs[-1]) if runs else {}
    if before and (before["currency"], before["months"]) != (row["currency"], row["months"]):
        before = {}
    window = run.get("window") or {}
    facts = [
        _line("Net revenue", row, before, "net_revenue", currency),
        _line("Net margin", row, before, "net_margin", currency),
        _line("Cost to serve", row, before, "cost_to_serve", currency),
        _line("Service beyond agreed or wanted", row, before, "over_service_cost", currency),
        _line("Work that our failures caused", row, before, "failure_cost", currency),
    ]
    losing = row["loss_making_accounts"]
    counts = f"Accounts: {count(row['accounts'])}"
    if losing is not None:
        counts += f", of which {some(losing)} {agree(max(losing, 1), 'loses', 'lose')} money"
    rejected = sum(int(table.get("rejected") or 0) for table in run.get("inputs") or [])
    since = f"; the data begins on {_in_words(run['data_from'])}" if run.get("data_from") else ""
    lines = [
        f"Mutual Value, {_in_words(window.get('start'))} to {_in_words(window.get('end'))}{since}",
        *(line for line in facts if line),
        counts,
        f"Rows rejected: {rejected}; warnings: {len(run.get('warnings') or [])}",
        f"Read it here: {place}",
    ]
    return lines[:10]


def _line(label: str, row: Mapping[str, Any], before: Mapping[str, Any], key: str, currency: str) -> str:
    """Say an amount, and how it stood in the run before; nothing where it is not known."""
    if row[key] is None:
        return ""
    now = f"{label}: {money(row[key], currency)}"
    if key == "net_margin" and row["net_margin_pct"] is not None:
        now += f" ({percent(row['net_margin_pct'])} of net revenue)"
    was = before.get(key)
    told = now if was is None else f"{now}, after {money(was, currency)} on {_in_words(before['as_of'])}"
    bare = key == "net_margin" and row["cost_to_serve"] is None
    return f"{told}; the work of serving is not recorded" if bare else told


def _in_words(when: object) -> str:
    return day(date.fromisoformat(str(when)))
