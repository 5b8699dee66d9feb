"""The ledger as a DuckDB expert would write it by hand: what the project's own is measured against."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

ACCOUNT_WORK = """
CREATE TEMP TABLE account_work AS
WITH timed AS (
    SELECT
        e.customer_id,
        e.activity,
        CAST(
            CASE
                WHEN e.minutes > 0 THEN e.minutes
                ELSE greatest(
                    0,
                    a.base
                    + a.per_quantity * coalesce(e.quantity, 1)
                    + a.per_documents * coalesce(e.documents, 0)
                    + CASE WHEN e.after_hours THEN a.when_after_hours ELSE 0 END
                    + CASE WHEN e.rush THEN a.when_rush ELSE 0 END
                    + CASE e.channel WHEN 'phone' THEN a.when_phone WHEN 'onsite' THEN a.when_onsite ELSE 0 END
                )
            END AS DECIMAL(18, 6)
        ) AS minutes,
        a.failure OR ours.case_id IS NOT NULL AS failure,
        e.requested,
        e.in_scope
    FROM '{folder}/service_events.parquet' AS e
    JOIN activities AS a USING (activity)
    LEFT JOIN (SELECT case_id FROM '{folder}/cases.parquet' WHERE cause = 'ours') AS ours USING (case_id)
    WHERE e."at" >= '{starts}' AND e."at" < '{ends}'
),
sums AS (
    SELECT
        customer_id,
        activity,
        count(*) AS events,
        sum(minutes) AS minutes,
        sum(minutes) FILTER (failure) AS failure_minutes,
        sum(minutes) FILTER (NOT requested) AS unrequested_minutes,
        sum(minutes) FILTER (NOT in_scope) AS out_of_scope_minutes
    FROM timed
    GROUP BY customer_id, activity
)
SELECT
    k.customer_id,
    resource,
    grp,
    purpose <> 'obtain' AS serves,
    events,
    minutes,
    CAST(minutes * rate AS DECIMAL(18, 4)) AS cost,
    CAST(minutes * rate * avoidable AS DECIMAL(18, 4)) AS avoidable_cost,
    CAST(failure_minutes * rate AS DECIMAL(18, 4)) AS failure_cost,
    CAST(unrequested_minutes * rate AS DECIMAL(18, 4)) AS unrequested_cost,
    CAST(out_of_scope_minutes * rate AS DECIMAL(18, 4)) AS out_of_scope_cost
FROM sums
JOIN activities USING (activity)
LEFT JOIN '{folder}/customers.parquet' AS k USING (customer_id)
"""

ACCOUNTS = """
WITH signed AS (
    SELECT
        customer_id,
        kind = 'sale' AS is_sale,
        CAST(coalesce(list_amount, net_amount) AS DECIMAL(18, 4)) AS amount,
        CAST(CASE WHEN list_amount IS NOT NULL THEN coalesce(discount, 0) END AS DECIMAL(18, 4)) AS discount,
        CAST(cogs AS DECIMAL(18, 4)) AS cogs,
        CAST(freight AS DECIMAL(18, 4)) AS freight
    FROM '{folder}/transactions.parquet'
    WHERE date >= '{starts}' AND date < '{ends}'
),
sales AS (
    SELECT
        customer_id,
        coalesce(sum(amount) FILTER (is_sale), 0) AS list_revenue,
        CASE WHEN bool_or(is_sale) THEN sum(discount) FILTER (is_sale) ELSE 0 END AS discounts,
        -coalesce(sum(amount - coalesce(discount, 0)) FILTER (NOT is_sale), 0) AS returns,
        coalesce(sum(cogs), 0) AS cogs,
        coalesce(sum(freight), 0) AS freight
    FROM signed
    GROUP BY customer_id
),
service AS (
    SELECT
        customer_id,
        {group_sums},
        coalesce(sum(cost) FILTER (serves), 0) AS cost_to_serve,
        coalesce(sum(cost) FILTER (NOT serves), 0) AS cost_to_obtain,
        sum(avoidable_cost) AS avoidable_cost,
        sum(minutes) AS service_minutes,
        sum(events) AS events,
        coalesce(sum(failure_cost) FILTER (serves), 0) AS failure_cost,
        coalesce(sum(unrequested_cost) FILTER (serves), 0) AS unrequested_cost,
        coalesce(sum(out_of_scope_cost) FILTER (serves), 0) AS out_of_scope_cost
    FROM account_work
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
),
statement AS (
    SELECT
        k.customer_id, k.name, k.industry, k.region, k.size, k.account_manager,
        coalesce(s.list_revenue, 0) AS list_revenue,
        CASE WHEN s.customer_id IS NULL THEN 0 ELSE s.discounts END AS discounts,
        coalesce(s.returns, 0) AS returns,
        coalesce(s.list_revenue - coalesce(s.discounts, 0) - s.returns, 0) AS net_revenue,
        coalesce(s.cogs, 0) AS cogs,
        coalesce(s.freight, 0) AS freight,
        coalesce(s.list_revenue - coalesce(s.discounts, 0) - s.returns - s.cogs - s.freight, 0) AS gross_margin,
        {group_columns},
        coalesce(w.cost_to_serve, 0) AS cost_to_serve,
        coalesce(w.cost_to_obtain, 0) AS cost_to_obtain,
        coalesce(s.cogs + s.freight, 0) + coalesce(w.avoidable_cost, 0) AS avoidable_cost,
        coalesce(w.service_minutes, 0) AS service_minutes,
        coalesce(w.events, 0) AS events,
        coalesce(w.failure_cost, 0) AS failure_cost,
        coalesce(w.unrequested_cost, 0) AS unrequested_cost,
        coalesce(w.out_of_scope_cost, 0) AS out_of_scope_cost
    FROM '{folder}/customers.parquet' AS k
    LEFT JOIN sales AS s USING (customer_id)
    LEFT JOIN service AS w USING (customer_id)
    WHERE s.customer_id IS NOT NULL
        OR w.customer_id IS NOT NULL
        OR (coalesce(k.since, '{starts}') < '{ends}' AND coalesce(k.ended, '{starts}') >= '{starts}')
)
SELECT
    *,
    gross_margin - cost_to_serve AS running_margin,
    gross_margin - cost_to_serve - cost_to_obtain AS net_margin,
    CASE
        WHEN list_revenue - returns > 0 THEN CAST(cost_to_serve - failure_cost AS DOUBLE) / (list_revenue - returns)
    END AS service_demand
FROM statement
ORDER BY customer_id
"""

RESOURCES = """
SELECT
    resource,
    cast(sum(minutes) AS DOUBLE) AS used_minutes,
    cast(sum(cost) AS DOUBLE) AS used_cost,
    cast(coalesce(sum(cost) FILTER (customer_id IS NULL), 0) AS DOUBLE) AS unassigned_cost
FROM account_work
GROUP BY resource
ORDER BY resource
"""


#: The columns that the ledger needs, by table.
NEEDED = {
    "service_events": (
        "customer_id", "activity", "at", "channel", "minutes", "quantity", "documents", "case_id", "requested",
        "in_scope", "after_hours", "rush",
    ),
    "transactions": ("customer_id", "kind", "date", "list_amount", "discount", "net_amount", "cogs", "freight"),
    "cases": ("case_id", "cause"),
}  # fmt: skip


def scan(folder: Path, starts: date, ends: date) -> tuple[pd.DataFrame, ...]:
    """Read the columns that the ledger needs and do as good as nothing with them: the bound; there are no frames."""
    import duckdb

    with duckdb.connect() as connection:
        for name, columns in NEEDED.items():
            greatest = ", ".join(f'max("{column}")' for column in columns)
            connection.execute(f"SELECT {greatest} FROM '{folder}/{name}.parquet'").fetchall()
    return ()


def sql_ledger(folder: Path, starts: date, ends: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute the accounts and the resources with hand-written SQL.

    Parameters
    ----------
    folder
        A dataset of `big_dataset`.
    starts, ends
        The first day of the window, and the day after its last.

    Returns
    -------
    tuple of DataFrame
        One row per account, by `customer_id`; one row per resource, by `resource`.
    """
    import duckdb

    costing = tomllib.loads((folder / "costing.toml").read_text(encoding="utf-8"))
    names = {"folder": folder.as_posix(), "starts": starts, "ends": ends, **_groups(costing)}
    with duckdb.connect() as connection:
        connection.register("activities", _activities(costing))
        connection.execute(ACCOUNT_WORK.format(**names))
        accounts = connection.execute(ACCOUNTS.format(**names)).df()
        return accounts, connection.execute(RESOURCES).df()


def _groups(costing: dict[str, Any]) -> dict[str, str]:
    """Write the pivot: one column for each line of the statement that work is charged to."""
    activities = costing["activities"].values()
    groups = sorted({a.get("group", a["resource"]) for a in activities if a.get("purpose") != "obtain"})
    sums = [f"sum(cost) FILTER (serves AND grp = '{group}') AS cts_{group}" for group in groups]
    columns = [f"coalesce(w.cts_{group}, 0) AS cts_{group}" for group in groups]
    return {"group_sums": ",\n        ".join(sums), "group_columns": ",\n        ".join(columns)}


def _activities(costing: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([_activity(costing, name) for name in costing["activities"]])


def _activity(costing: dict[str, Any], name: str) -> dict[str, Any]:
    activity = costing["activities"][name]
    resource = costing["resources"][activity["resource"]]
    per, when = activity.get("per", {}), activity.get("when", {})
    return {
        "activity": name,
        "resource": activity["resource"],
        "grp": activity.get("group", activity["resource"]),
        "purpose": activity.get("purpose", "serve"),
        "failure": activity.get("demand") == "failure",
        "rate": resource["cost"] / resource["capacity_minutes"],
        "avoidable": resource.get("avoidable", 0.0),
        "base": float(activity.get("minutes", 0)),
        "per_quantity": float(per.get("quantity", 0)),
        "per_documents": float(per.get("documents", 0)),
        "when_after_hours": float(when.get("after_hours", 0)),
        "when_rush": float(when.get("rush", 0)),
        "when_phone": float(when.get("channel=phone", 0)),
        "when_onsite": float(when.get("channel=onsite", 0)),
    }
