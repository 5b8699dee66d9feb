"""Worlds of another generator: every judgement against the truth that came with them.

`MUTUAL_VALUE_STRANGERS` names a folder of worlds, each with `data/` (a dataset) and `truth/accounts.csv`: customer_id,
in_window, scored, over_served (`none`, `giveaway`, `unwanted`, `both`), over_pattern, over_service_cost, difficult
(`no`, `intrinsic`, `caused_by_us`), difficult_pattern, perception, top_driver, true_net_margin, future_margin_expected.
Only accounts of the window that are scored count; what we do not judge counts as not flagged, and an account that is
missed as one kind more. Where the truth has them, driver_<top_driver> say what each planted cause costs an account.

Two scores say how much there is to be had: `difficult F1, any line` with the best of all lines through our own order,
`10% false` with the lowest that holds the share of false ones to that; and `first reason, known` had the amounts of
the truth been known, compared with the same peers and beside the same ordinary drivers.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, f1_score

from analysis import Portfolio
from analysis.topics.profitability.judgement.peers import peer_sets
from judgement_parts.worlds import AS_OF, f1

FOLDER = "MUTUAL_VALUE_STRANGERS"
VIEWS = ["fair", "unfairly_labelled", "quietly_difficult"]
RATERS = 3
#: Which of our drivers tell each of the truth's.
TELLS = {
    "discounts": ("discount",),
    "returns": ("returns",),
    "small_orders": ("order_size", "freight"),
    "over_service": ("over_service", "unrequested", "after_hours"),
    "rush": ("rush",),
    "failure": ("failure",),
    "scope_creep": ("out_of_scope",),
    "late_payment": ("write_offs", "financing", "other_service"),
}
#: Drivers of ours that no planted cause of the truth has.
ORDINARY = ["other_service", "obtaining", "product_mix"]
#: The share of false ones that the policy allows among the difficult.
FALSE = 0.1


@dataclass(frozen=True)
class Stranger:
    """A world of another generator, by its folder."""

    folder: Path


def worlds(seeds: range, accounts: int) -> list[Stranger]:
    """Return the worlds of the folder; seeds and accounts are theirs."""
    if FOLDER not in os.environ:
        print(f"strangers: left out, since {FOLDER} names no folder")
        return []
    return [Stranger(path.parent) for path in sorted(Path(os.environ[FOLDER]).glob("*/data"))]


def judged(world: Stranger) -> pd.DataFrame:
    """Return one row per account: the truth, and what is judged."""
    p = Portfolio(world.folder / "data", AS_OF)
    truth = pd.read_csv(world.folder / "truth" / "accounts.csv", dtype={"customer_id": "str"}, keep_default_na=False)
    truth = truth.rename(columns={name: f"true_{name}" for name in truth.columns if name != "customer_id"})
    rows = truth.merge(looked_at(p), on="customer_id", how="left")
    if {f"true_driver_{name}" for name in TELLS} <= set(rows):
        rows = rows.merge(_with_amounts_known(p, rows), on="customer_id", how="left")
    p.opened.engine.close()
    mine = (rows.true_in_window.astype(str) == "True") & (rows.true_scored.astype(str) == "True")
    return rows[mine].assign(world=world.folder.name)


def looked_at(p: Portfolio) -> pd.DataFrame:
    """Return the accounts with `first_reason` and `raters`, how many people rated each."""
    first = p.reasons[p.reasons["rank"] == 1].rename(columns={"driver": "first_reason"})
    rows = p.accounts.merge(first[["customer_id", "first_reason"]], on="customer_id", how="left")
    return rows.merge(_raters(p), on="customer_id", how="left")


def _raters(p: Portfolio) -> pd.DataFrame:
    ratings = p.opened.checked.get("perceptions")
    if ratings is None:
        return pd.DataFrame({"customer_id": pd.Series(dtype="str"), "raters": pd.Series(dtype="int64")})
    return ratings.group_by("customer_id").aggregate(raters=ratings.rater.nunique()).to_pandas()


def _with_amounts_known(p: Portfolio, truth: pd.DataFrame) -> pd.DataFrame:
    """Return customer_id and `known_reason`: the truth's own cause that would come first by the contract's arithmetic.

    Freight and the handling of orders are two drivers there: of small orders the larger of them counts.
    """
    accounts = p.accounts[p.accounts.net_margin.notna() & p.accounts.list_revenue.notna()].reset_index(drop=True)
    peers, every = peer_sets(accounts, p.policy.peers), np.arange(len(accounts))
    own = truth.set_index("customer_id").reindex(accounts.customer_id)[[f"true_driver_{name}" for name in TELLS]]
    costs = own.apply(pd.to_numeric).fillna(0.0).to_numpy()
    revenue = accounts.list_revenue.to_numpy(dtype=np.float64)
    others = peers.others(revenue, every)
    scale = np.divide(revenue, others, out=np.zeros_like(revenue), where=others > 0)
    amounts = costs - peers.others(costs, every) * scale[:, None]
    known = pd.DataFrame(amounts, columns=list(TELLS), index=accounts.customer_id)
    told = p.reasons.pivot_table(index="customer_id", columns="driver", values="amount", aggfunc="sum")
    told = told.reindex(known.index).fillna(0.0)
    parts = told[list(TELLS["small_orders"])].clip(lower=0.0)
    known["small_orders"] *= (parts.max(axis=1) / parts.sum(axis=1)).fillna(1.0)
    first = known.idxmax(axis=1).where(known.max(axis=1) >= told[ORDINARY].max(axis=1), "")
    return first.rename("known_reason").rename_axis("customer_id").reset_index()


def scores(rows: pd.DataFrame) -> dict[str, float]:
    """Return every score of one world; empty where its truth has nothing to score."""
    over, truly = rows.over_served.fillna(False).astype(bool), rows.true_over_served != "none"
    flagged, intrinsic = rows.difficult.fillna(False).astype(bool), rows.true_difficult == "intrinsic"
    ours = rows[rows.true_difficult == "caused_by_us"]
    alike = rows[~truly]
    found = {
        "over-served precision": f1(over, truly)[0],
        "recall": f1(over, truly)[1],
        "over-served F1": f1(over, truly)[2],
        "its cost off by": _cost_off(rows, truly),
        "difficult precision": f1(flagged, intrinsic)[0],
        "difficult recall": f1(flagged, intrinsic)[1],
        "difficult F1": f1(flagged, intrinsic)[2],
        "difficult F1, any line": _best_line(rows, intrinsic, 1.0),
        "difficult F1, 10% false": _best_line(rows, intrinsic, FALSE),
        "caused by us, blamed": float(flagged[ours.index].mean()),
        "ours at least half": float((ours.difficulty_ours >= 0.5).mean()),
        "perception macro-F1": _perception(rows),
        "ARI over-served": _kinds(rows[truly], "over_pattern", "over_served_archetype"),
        "ARI difficult": _kinds(rows[intrinsic], "difficult_pattern", "difficult_archetype"),
        "first reason": _reasons(rows),
        "first reason, known": _reasons_known(rows),
        "clv / margin, rank": _worth(rows),
        "falsely over-served": float(over[alike.index].mean()),
        "falsely difficult": float(flagged[~intrinsic].mean()),
        "kinds named": float(rows.over_served_archetype.nunique() + rows.difficult_archetype.nunique()),
    }
    return found


def _cost_off(rows: pd.DataFrame, truly: pd.Series) -> float:
    true = rows.true_over_service_cost.astype(float)
    return abs(float(rows.over_service_cost.fillna(0)[truly].sum()) / true[truly].sum() - 1) if truly.any() else np.nan


def _perception(rows: pd.DataFrame) -> float:
    rated = rows[rows.raters >= RATERS]
    said = rated.perception.fillna(VIEWS[0])
    known = [view for view in VIEWS if (rated.true_perception == view).any()]
    return float(f1_score(rated.true_perception, said, labels=known, average="macro")) if len(rated) else np.nan


def _kinds(rows: pd.DataFrame, pattern: str, kind: str) -> float:
    return adjusted_rand_score(rows[f"true_{pattern}"], rows[kind].fillna("")) if len(rows) else np.nan


def _reasons(rows: pd.DataFrame) -> float:
    clear = rows[rows.true_top_driver != ""]
    hits = [reason in TELLS[truth] for truth, reason in zip(clear.true_top_driver, clear.first_reason, strict=True)]
    return float(np.mean(hits)) if hits else np.nan


def _reasons_known(rows: pd.DataFrame) -> float:
    clear = rows[rows.true_top_driver != ""]
    return float((clear.known_reason == clear.true_top_driver).mean()) if "known_reason" in rows else np.nan


def _best_line(rows: pd.DataFrame, truly: pd.Series, false: float) -> float:
    """Return the best F1 that a line through our own order of difficulty has with at most this share of false ones."""
    hits = truly[rows.difficulty.fillna(0.0).sort_values(ascending=False, kind="stable").index].cumsum().to_numpy()
    flagged = np.arange(1, len(hits) + 1)
    held = hits >= (1.0 - false) * flagged
    return float((2 * hits / (flagged + truly.sum()))[held].max()) if truly.any() and held.any() else np.nan


def _worth(rows: pd.DataFrame) -> float:
    true = rows.true_future_margin_expected.astype(float) / rows.true_true_net_margin.astype(float)
    mine = rows.clv / rows.net_margin
    known = np.isfinite(true) & np.isfinite(mine)
    return float(true[known].corr(mine[known], method="spearman")) if known.any() else np.nan


def report(rows: pd.DataFrame) -> None:
    """Print the scores, a column a world."""
    print(pd.DataFrame({name: scores(part) for name, part in rows.groupby("world")}).round(3).to_string())
