"""Hand-made runs: frames as the contract names them, without the ledger."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from analysis.data.contract import OUTPUTS, conform, empty
from analysis.policy import Policy
from analysis.topics.overview.headline_figures import told_from
from analysis.topics.overview.judgement.since import side_by_side

HEADLINES_NEED = (
    *("accounts", "unasked", "service_money", "offers", "reputations", "bridge", "resources", "rescue"),
    *("protect_first", "next_steps", "plan_total"),
)
HOSTILE = [
    "<script>alert(1)</script>",
    "=1+1",
    "../../x",
    "شركة \u202eقلب",
    "two\nlines",
    "x" * 5000,
    "NaN",
    "None",
    "a $b$ & <c>",
]


_empty = cache(empty)


@dataclass(eq=False)
class MadeRun:
    accounts: pd.DataFrame
    whale: pd.DataFrame
    resources: pd.DataFrame
    bridge: pd.DataFrame
    rejected: pd.DataFrame
    last_year: pd.DataFrame
    groups: dict[str, str]
    facts: dict[str, Any]
    as_of: date = date(2026, 10, 31)
    window: Any = field(
        default_factory=lambda: SimpleNamespace(start=date(2025, 11, 1), end=date(2026, 10, 31), months=12)
    )
    policy: Policy = field(default_factory=lambda: Policy.read(None, {}))
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    _told: tuple[list[Any], pd.DataFrame, dict[str, pd.DataFrame]] | None = None

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Give a table of the contract that was not made: an empty one."""
        if name not in OUTPUTS:
            raise AttributeError(name)
        return _empty(name)

    def table(self, name: str) -> pd.DataFrame:
        """Give a table of the contract: one that was made, else an empty one; the headline figures are theirs."""
        if name == "figures" and name not in self.tables:
            # A page asks for them dozens of times: they are the same until it is given another table.
            tables = {need: self.table(need) for need in HEADLINES_NEED}
            book = self.facts.get("value") or {}
            of = [*map(id, tables.values()), repr(book), id(self.policy), id(self.window)]
            if self._told is None or self._told[0] != of:
                nothing = dict.fromkeys(("talks_first", "mending"), dict.fromkeys(("value", "cash"), (np.nan, np.nan)))
                told = told_from(tables, None, book, nothing, self.policy, self.window)
                self._told = of, told, tables
            return self._told[1]
        return self.tables.get(name, getattr(self, name))

    def once(self, name: str) -> pd.DataFrame:
        """Give a table that is looked at once."""
        return self.table(name)


def statement(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Fill account rows up to the whole contract; the totals are added up from what is given."""
    given = pd.DataFrame(rows, columns=None if rows else ["customer_id"])
    for column in (
        "list_revenue",
        "discounts",
        "returns",
        "cogs",
        "freight",
        "cts_support",
        "cts_visits",
        "cost_to_obtain",
        "write_offs",
        "financing_cost",
        "failure_cost",
        "service_minutes",
        "events",
    ):
        given[column] = (
            given[column].fillna(0.0).astype(float) if column in given else pd.Series(0.0, index=given.index)
        )
    given["name"] = given["name"] if "name" in given else given["customer_id"].astype(str)
    given["net_revenue"] = given["list_revenue"] - given["discounts"] - given["returns"]
    given["gross_margin"] = given["net_revenue"] - given["cogs"] - given["freight"]
    given["cost_to_serve"] = given["cts_support"] + given["cts_visits"]
    given["running_margin"] = (
        given["gross_margin"] - given["cost_to_serve"] - given["write_offs"] - given["financing_cost"]
    )
    given["net_margin"] = given["running_margin"] - given["cost_to_obtain"]
    given["cts_pct"] = given["cost_to_serve"] / given["net_revenue"].where(given["net_revenue"] > 0)
    given["service_demand"] = (given["cost_to_serve"] - given["failure_cost"]) / (
        given["list_revenue"] - given["returns"]
    ).where(lambda s: s > 0)
    line = given["cost_to_serve"].sum() / max(given["list_revenue"].sum(), 1)
    high = np.where(given["service_demand"].fillna(1) > line, "high", "low")
    earns = np.where(given["running_margin"] >= 0, "profitable", "unprofitable")
    given["segment"] = pd.Series(
        [f"{e}_{h}_demand" for e, h in zip(earns, high, strict=True)], index=given.index, dtype=object
    )
    given["first_year"] = (
        given["first_year"].fillna(False).astype("boolean")
        if "first_year" in given
        else pd.array([False] * len(given), dtype="boolean")
    )
    given["avoidable_cost"] = given["cogs"] + given["freight"] + 0.4 * given["cost_to_serve"]
    given["avoidable_margin"] = given["net_revenue"] - given["avoidable_cost"]
    given["gain_if_ended"] = given["avoidable_cost"] - given["net_revenue"]
    given["avoidable_known"] = False
    given["freed_value"] = 0.0
    return conform(given, "accounts", ["cts_support", "cts_visits"], after="cost_to_serve")


def made_run(accounts: pd.DataFrame, **changes: Any) -> MadeRun:
    ranked = accounts.sort_values("net_margin", ascending=False)
    whale = pd.DataFrame(
        {
            "rank": range(1, len(ranked) + 1),
            "customer_id": ranked["customer_id"].to_numpy(),
            "net_margin": ranked["net_margin"].to_numpy(),
            "cumulative": ranked["net_margin"].cumsum().to_numpy(),
        }
    )
    margin = float(accounts["net_margin"].sum())
    lines = [
        ("accounts_net_margin", margin, "total"),
        ("unassigned", -88_000.0, "step"),
        ("unused", -212_000.0, "step"),
        ("after_capacity", margin - 300_000, "total"),
        ("not_modelled", 0.0, "step"),
        ("difference", -3_000.0, "step"),
        ("operating_profit", margin - 303_000, "total"),
    ]
    bridge = pd.DataFrame([(line, f"Label of {line}", amount, kind) for line, amount, kind in lines])
    bridge.columns = ["line", "label", "amount", "kind"]
    resources = pd.DataFrame(
        {
            "resource": ["support_desk", "field_service", "night_team"],
            "supplied_cost": [900_000.0, 700_000.0, 150_000.0],
            "capacity_minutes": [1e6, 6e5, 2e5],
            "used_minutes": [8e5, 6.6e5, 9e4],
            "used_cost": [720_000.0, 770_000.0, 67_500.0],
            "unassigned_cost": [60_000.0, 20_000.0, 8_000.0],
            "unused_minutes": [2e5, -6e4, 1.1e5],
            "unused_cost": [180_000.0, -70_000.0, 82_500.0],
        }
    )
    rejected = pd.DataFrame(
        {
            "table": ["transactions"] * 3 + ["cases"],
            "row": [4, 8, 9, 1],
            "reason": ["unknown customer"] * 3 + ["ends before it starts"],
            "lost": ["row"] * 4,
        }
    )
    facts = {
        "as_of": "2026-10-31",
        "run_id": "2026-10-31-7f3a",
        "code_version": "0.1.0+abc1234",
        "currency": "EUR",
        "policy": {
            "currency": "EUR",
            "window": {"months": 12},
            "finance": {"receivables_rate": 0.08, "sizes": [1, 2], "limit": float("inf")},
            "tiers": {},
        },
        "inputs": [
            {"table": "transactions", "rows": 10_240, "accepted": 10_237, "rejected": 3, "files": ["transactions.csv"]},
            {"table": "cases", "rows": 900, "accepted": 899, "rejected": 1, "files": ["cases.csv"]},
        ],
        "left_out": [
            {"what": "over_served", "why": "the judgement is not built yet"},
            {"what": "difficult", "why": "no cases with a known cause"},
        ],
        "assumptions": ["Cost of goods is 62% of net revenue where it is empty."],
        "warnings": ["2 service events lie outside the customer's time with us."],
        "coverage": {},
        "totals": {},
        "books": {"tied": True, "share": 0.003},
        "measured": {"logged_minutes_share": 0.71, "cogs_assumed_share": 0.04},
    }
    groups = {"cts_support": "Support", "cts_visits": "Visits & <care>"}
    run = MadeRun(accounts, whale, resources, bridge, conform(rejected, "rejected"), accounts.iloc[:0], groups, facts)
    for key, value in changes.items():
        setattr(run, key, value)
    if len(run.last_year):
        run.tables |= set_beside(run.accounts, run.last_year, "year")
    return run


def set_beside(now: pd.DataFrame, before: pd.DataFrame, against: str, **more: Any) -> dict[str, pd.DataFrame]:
    """Return `tables/compared` and `tables/changes` of two windows."""
    both = int(now["customer_id"].isin(before["customer_id"]).sum())
    row = {
        **{"against": against, "months": 12, "shared_months": 0, "starts": "2024-11-01", "ends": "2025-10-31"},
        **{"accounts": len(before), "both": both, "came": len(now) - both, "went": len(before) - both},
    }
    changed = side_by_side(now, before, "EUR").assign(against=against)
    return {
        "compared": conform(pd.DataFrame([{**row, **more}]), "compared"),
        "changes": conform(changed, "changes"),
    }


def portfolio(size: int = 150, seed: int = 7, *, margin: float = 0.36, judged: bool = False) -> pd.DataFrame:
    """A portfolio of any size with a skew, a tail below break-even and names of all kinds."""
    random = np.random.default_rng(seed)
    sales = random.lognormal(11, 1.1, size)
    names = [
        f"{a} {b}"
        for a, b in zip(
            random.choice(["Brandt", "Nordwind", "Halden", "Verity", "Kestrel"], size),
            random.choice(["Logistics", "Retail", "& Sons", "Foods", "Parts"], size),
            strict=True,
        )
    ]
    names[: len(HOSTILE)] = HOSTILE[:size]
    serve = sales * random.lognormal(-1.9, 0.75, size)
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{i:06d}" for i in range(size)],
            "name": names[:size],
            "list_revenue": sales,
            "discounts": sales * random.uniform(0, 0.12, size),
            "returns": sales * random.uniform(0, 0.02, size),
            "cogs": sales * random.normal(1 - margin - 0.06, 0.08, size),
            "freight": sales * 0.02,
            "cts_support": serve * 0.6,
            "cts_visits": serve * 0.4,
            "failure_cost": serve * random.uniform(0, 0.3, size),
            "cost_to_obtain": np.where(random.random(size) < 0.1, sales * 0.15, 0),
            "first_year": random.random(size) < 0.1,
            "write_offs": np.where(random.random(size) < 0.05, sales * 0.05, 0),
            "financing_cost": sales * 0.01,
            "service_minutes": serve * 1.3,
            "events": random.integers(1, 400, size),
        }
    )
    if judged:
        frame["over_served"] = random.random(size) < 0.2
        frame["over_service_cost"] = np.where(frame["over_served"], serve * 0.3, 0)
        frame["difficult"] = random.random(size) < 0.08
    table = statement(frame.to_dict("records"))
    if judged:
        table["net_margin_low"], table["net_margin_high"] = (
            table["net_margin"] - 0.1 * table["cost_to_serve"],
            table["net_margin"] + 0.1 * table["cost_to_serve"],
        )
    return table


def a_year_before(accounts: pd.DataFrame, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    before = accounts.iloc[3:].copy()
    before["running_margin"] = before["running_margin"] * random.normal(0.95, 0.4, len(before))
    before["net_margin"] = before["running_margin"]
    return before
