"""Archetypes: whether the planted kinds are found, and whether none is named where there are none.

Each seed is a world at two levels of noise, once with kinds and once without. The score is the adjusted Rand index over
the accounts that are truly and by the judgement over-served (difficult); those without a named kind count as one more
kind. Beside it: k-means with k = 4 on standardised totals (costs beyond the levels by attribute, agreement and wish;
counts of each behaviour), and the nearest of the true kinds' own centres in our features, which no method can be asked
to beat by much. In each world with kinds the columns are shuffled once, too, and no stable kind should be left.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from analysis import Portfolio
from analysis.topics.archetypes.judgement.estimator import Archetypes
from analysis.topics.archetypes.judgement.features import Features
from judgement_parts.worlds import NOISES, World, account_truth, opened

KINDS = ("over_served", "difficult")
AIMS = {"over_served": 0.85, "difficult": 0.65}


def worlds(seeds: range, accounts: int) -> list[World]:
    """Return the worlds to judge."""
    return [World(seed, accounts, noise, structure=s) for seed in seeds for noise in NOISES for s in (True, False)]


def judged(world: World) -> pd.DataFrame:
    """Return one row per account and judgement: the planted kind, ours, the baseline's and the true centres'."""
    with opened(world) as (p, folder):
        there = account_truth(folder)
        parts = [_kind(p, kind, there, shuffle=world.structure) for kind in KINDS]
    return world.label(pd.concat(parts, ignore_index=True))


def _kind(p: Portfolio, kind: str, truth: pd.DataFrame, *, shuffle: bool) -> pd.DataFrame:
    of = p.computed
    features = of.get(f"{kind}_kinds").group.features
    totals = _over_totals(p) if kind == "over_served" else _trouble_totals(p)
    rows = truth[["customer_id", f"{kind}_archetype"]].rename(columns={f"{kind}_archetype": "planted"})
    found = features.frame[["customer_id"]].merge(of.archetype_judgement[["customer_id", f"{kind}_archetype"]])
    found = found.rename(columns={f"{kind}_archetype": "ours"}).assign(judged=True)
    found["baseline"] = _baseline(found[["customer_id"]].merge(totals, how="left"))
    rows = rows.merge(found, on="customer_id", how="left").assign(kind=kind)
    rows["judged"] = rows.judged.eq(True)
    both = rows[rows.judged & rows.planted.notna()]
    rows.loc[both.index, "centres"] = _nearest_true(features, both)
    return rows.assign(shuffled_stable=_stable_shuffled(features, p) if shuffle else False)


def _over_totals(p: Portfolio) -> pd.DataFrame:
    gaps = p.computed.table("service_gaps")
    by = gaps.pivot_table(index="customer_id", columns="attribute", values="over_cost", aggfunc="sum", fill_value=0.0)
    known = p.judged[["customer_id", "beyond_agreed_cost", "beyond_wanted_cost", "over_service_cost"]]
    return known.merge(by.reset_index(), how="left")


def _trouble_totals(p: Portfolio) -> pd.DataFrame:
    rows = p.computed.table("behaviours")
    return rows.pivot_table(index="customer_id", columns="behaviour", values="count", aggfunc="sum").reset_index()


def _baseline(totals: pd.DataFrame) -> np.ndarray:
    values = totals.drop(columns="customer_id").astype("float64").fillna(0.0)
    if len(values) < 4:
        return np.zeros(len(values))
    return KMeans(4, n_init=10, random_state=0).fit_predict(StandardScaler().fit_transform(values))


def _nearest_true(features: Features, rows: pd.DataFrame) -> np.ndarray:
    x = rows[["customer_id"]].merge(features.frame, how="left")[features.names].to_numpy()
    names = np.unique(rows.planted.to_numpy(dtype=str))
    if not len(names):
        return names
    centres = np.array([x[(rows.planted == name).to_numpy()].mean(axis=0) for name in names])
    return names[((x[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)]


def _stable_shuffled(features: Features, p: Portfolio) -> bool:
    x = features.frame[features.names].to_numpy()
    if not x.size:
        return False
    choices = p.policy.archetypes
    shuffled = np.random.default_rng(0).permuted(x, axis=0)
    model = Archetypes(**choices.model_dump(exclude={"same", "seed"}), random_state=choices.seed).fit(shuffled)
    return "stable" in model.standing_


def scores(rows: pd.DataFrame) -> dict[str, float]:
    """Return the scores of one world and judgement."""
    both = rows[rows.judged & rows.planted.notna()].fillna({"ours": ""})
    found = {who: adjusted_rand_score(both.planted, both[who]) for who in ("ours", "baseline", "centres")}
    return {**found, "accounts": len(both), "kinds": rows.ours.nunique(), "shuffled": rows.shuffled_stable.any()}


def report(rows: pd.DataFrame) -> None:
    """Print the scores by noise, and how often a kind is named where there is none."""
    with_kinds = rows[rows.world_structure]
    each = pd.DataFrame(
        [
            {"noise": noise, "kind": kind, **scores(part)}
            for (noise, kind, _), part in with_kinds.groupby(["world_noise", "kind", "world_seed"])
        ]
    )
    by = each.groupby(["noise", "kind"])
    means = by[["accounts", "kinds", "ours", "baseline", "centres"]].mean()
    lowest = by.ours.min().rename("lowest of ours")
    reached = by.ours.apply(lambda ours: (ours >= AIMS[str(ours.name[1])]).mean()).rename("worlds at the aim")
    print(f"Adjusted Rand index; the aim is {AIMS}")
    print(means.join(lowest).join(reached).round(3).to_string())
    print(f"\nShuffled columns left a stable kind in {each.shuffled.sum():.0f} of {len(each)} tries")
    none = rows[~rows.world_structure].groupby(["world_noise", "world_seed", "kind"])
    looked = none.judged.sum()
    named = none.ours.nunique() > 0
    share = pd.DataFrame({"worlds": 1, "accounts judged": looked, "a kind was named": named})
    print("\nWorlds without kinds:")
    by_noise = share.groupby(["world_noise", "kind"])
    print(by_noise.agg({"worlds": "sum", "accounts judged": "mean", "a kind was named": "sum"}).round(1).to_string())
