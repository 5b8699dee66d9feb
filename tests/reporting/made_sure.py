"""A hand-made run with everything that draws, peers and orders say: invented numbers in the contract's shape."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.data.contract import conform

DRIVERS = ("discount", "product_mix", "failure", "rush", "other_service", "financing")


def sure_run(run: Any, *, width: float = 0.1) -> Any:
    """Fill a made run's tables as if all its costs were uncertain by `width`; 0: the costing states nothing."""
    run.accounts = with_ranges(run.accounts, width)
    total = float(run.accounts["net_margin"].sum())
    cost = float(run.accounts["cost_to_serve"].sum())
    losers = int((run.accounts["net_margin"] < 0).sum())
    run.facts = {
        **run.facts,
        "ranges": {
            "draws": 10_000,
            "net_margin": [total - width * cost, total + width * cost],
            "loss_making_accounts": [max(losers - 2, 0), losers + 3] if width else [losers, losers],
            "quantile_error": 0.0043,
        },
        "what_costs_change": {
            "accounts": len(run.accounts),
            "turned_to_loss": losers,
            "rank_correlation_net_revenue": -0.21 if len(run.accounts) > 2 else None,
            "rank_correlation_gross_margin": 0.88 if len(run.accounts) > 2 else None,
        },
        "losses_within": {
            "orders": 900,
            "loss_making_orders": 20,
            "of_accounts_that_earn": 14,
            "lost_on_orders": 9_000.0,
            "lost_of_accounts_that_earn": 6_000.0,
        },
    }
    run.uncertainty = factors(total, cost, width)
    run.sensitivity = wrong(total, cost, losers)
    run.capacity, run.activities = months(), activities()
    run.reasons, run.losses_within = why(run.accounts), inside(run.accounts)
    return run


def with_ranges(accounts: pd.DataFrame, width: float) -> pd.DataFrame:
    margin, reach = accounts["net_margin"].astype(float), width * accounts["cost_to_serve"].astype(float)
    low, high = margin - reach, margin + reach
    loss = pd.Series(np.where(high < 0, 1.0, np.where(low >= 0, 0.0, 0.4)), accounts.index).where(margin.notna())
    sign = np.where(loss > 0.95, "surely_negative", np.where(loss < 0.05, "surely_positive", "sensitive"))
    place = margin.rank(ascending=False)
    ranged = accounts.assign(
        net_margin_low=low, net_margin_high=high, p_unprofitable=loss,
        certainty=pd.Series(sign, accounts.index, dtype="str").where(margin.notna()),
        rank_low=(place - 1).clip(lower=1).round().astype("Int64"), rank_high=place.round().astype("Int64"),
        tipping_resource="field_team", tipping_change=(margin / accounts["cost_to_serve"]).where(lambda s: s >= -1),
        disputed=0.01 * accounts["net_revenue"], orders=9, loss_making_orders=1, lost_on_orders=40.0,
    )  # fmt: skip
    for place, code in enumerate(("profitable_low", "profitable_high", "unprofitable_low", "unprofitable_high")):
        own = ranged["segment"] == f"{code}_demand"
        chance = np.where(own, 1 - 0.4 * (ranged["certainty"] == "sensitive"), 0.0)
        ranged[f"p_{code}_demand"] = np.where(own | (place > 0), chance, 0.4 * (ranged["certainty"] == "sensitive"))
    return ranged


def factors(total: float, cost: float, width: float) -> pd.DataFrame:
    rows = [("field_team", "rate", 0.6), ("support_desk", "rate", 0.3), ("site_visit", "minutes", 0.1)]
    made = [(name, kind, width, cost * s, total - width * cost * s, total + width * cost * s) for name, kind, s in rows]
    columns = ["factor", "kind", "uncertainty", "cost", "net_margin_low", "net_margin_high"]
    return conform(pd.DataFrame(made, columns=columns), "uncertainty")


def wrong(total: float, cost: float, losers: int) -> pd.DataFrame:
    rows = [
        (name, change, total - change * cost / 2, losers + round(change * 10), turned, 2)
        for name, turned in (("field_team", 3), ("support_desk", 1))
        for change in (-0.3, 0.3)
    ]
    columns = ["resource", "change", "net_margin", "loss_making_accounts", "turned", "segments_changed"]
    return conform(pd.DataFrame(rows, columns=columns), "sensitivity")


def months() -> pd.DataFrame:
    starts = pd.date_range("2025-11-01", "2026-10-01", freq="MS")
    rows = [(r, m, 1000.0, used) for r, used in (("field_team", 900.0), ("night_team", 400.0)) for m in starts]
    frame = pd.DataFrame(rows, columns=["resource", "month", "capacity_minutes", "used_minutes"])
    frame.loc[[3, 11], "used_minutes"] = [1_250.0, 1_060.0]
    return conform(frame.assign(unused_minutes=frame["capacity_minutes"] - frame["used_minutes"]), "capacity")


def activities() -> pd.DataFrame:
    rows = [
        ("site_visit", "field_team", 40, 9e3, 9e3, 500.0, 30, 6e3, 4e3, 1.5),
        ("inquiry", "support_desk", 90, 4e3, 3e3, 0.0, 80, 3.1e3, 3e3, 1.033),
        ("dunning", "support_desk", 5, 1e2, 80.0, 0.0, 0, 0.0, 0.0, np.nan),
    ]
    columns = ["activity", "resource", "events", "minutes", "cost", "unassigned_cost", "logged_events",
               "logged_minutes", "equation_minutes", "log_ratio"]  # fmt: skip
    return conform(pd.DataFrame(rows, columns=columns), "activities")


def why(accounts: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for account in accounts[accounts["list_revenue"] > 0].head(400).to_dict("records"):
        amounts = [0.01 * account["list_revenue"], -20.0, account["failure_cost"], 50.0, 300.0, 0.5]
        order = sorted(zip(amounts, DRIVERS, strict=True), reverse=True)
        for rank, (amount, driver) in enumerate(order, start=1):
            words = f"{driver.capitalize()}: 5 against 2 for like accounts (size <M>), EUR {amount:.0f} a year"
            rows.append((account["customer_id"], rank, driver, amount, words, "like accounts (size <M>)", "volume",
                         amount, 0.0, 0.0, 0.0))  # fmt: skip
    columns = ["customer_id", "rank", "driver", "amount", "sentence", "peers", "moved_by", "volume_effect",
               "channel_effect", "minutes_effect", "price_effect"]  # fmt: skip
    return conform(pd.DataFrame(rows, columns=columns), "reasons")


def inside(accounts: pd.DataFrame) -> pd.DataFrame:
    good = accounts[accounts["net_margin"] > 0].head(4)
    rows = [(key, "order", f"O{i}<b>", 100.0, 20.0, 60.0, -40.0) for i, key in enumerate(good["customer_id"])]
    rows += [(key, "case", f"S{i}", np.nan, np.nan, 300.0, -300.0) for i, key in enumerate(good["customer_id"])]
    columns = ["customer_id", "kind", "id", "net_revenue", "gross_margin", "work_cost", "margin"]
    return conform(pd.DataFrame(rows, columns=columns), "losses_within")
