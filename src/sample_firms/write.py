"""Writing: every table as CSV or Parquet, the same bytes for the same world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

# Kinds of column: text, date, time, money (2 decimals), rate (6 decimals), short (2 decimals at most), whole, flag.
TABLES: dict[str, dict[str, str]] = {
    "customers": {
        "customer_id": "text",
        "name": "text",
        "industry": "text",
        "region": "text",
        "size": "text",
        "parent_id": "text",
        "tier": "text",
        "account_manager": "text",
        "since": "date",
        "ended": "date",
        "referred_by": "text",
        "protected": "flag",
    },
    "transactions": {
        "transaction_id": "text",
        "customer_id": "text",
        "date": "date",
        "kind": "text",
        "product": "text",
        "quantity": "whole",
        "list_amount": "money",
        "discount": "money",
        "net_amount": "money",
        "cogs": "money",
        "freight": "money",
        "rep": "text",
        "invoice_id": "text",
        "order_id": "text",
    },
    "service_events": {
        "event_id": "text",
        "customer_id": "text",
        "at": "time",
        "activity": "text",
        "channel": "text",
        "department": "text",
        "worker": "text",
        "contact": "text",
        "minutes": "whole",
        "quantity": "whole",
        "case_id": "text",
        "order_id": "text",
        "requested": "flag",
        "in_scope": "flag",
        "after_hours": "flag",
        "rush": "flag",
    },
    "cases": {
        "case_id": "text",
        "customer_id": "text",
        "kind": "text",
        "opened_at": "time",
        "needed_by": "time",
        "promised_at": "time",
        "first_response_at": "time",
        "resolved_at": "time",
        "promise_kept": "flag",
        "reopened": "whole",
        "handoffs": "whole",
        "escalated": "flag",
        "cause": "text",
        "satisfaction": "whole",
    },
    "case_updates": {"case_id": "text", "at": "time", "promised_at": "time"},
    "contracts": {
        "contract_id": "text",
        "customer_id": "text",
        "starts": "date",
        "ends": "date",
        "monthly_fee": "money",
        "cancellation_fee": "money",
    },
    "service_levels": {
        "customer_id": "text",
        "attribute": "text",
        "basis": "text",
        "level": "short",
        "wish": "text",
        "importance": "whole",
        "stated_on": "date",
    },
    "invoices": {
        "invoice_id": "text",
        "customer_id": "text",
        "issued": "date",
        "due": "date",
        "amount": "money",
        "paid": "date",
        "disputed": "money",
        "dispute_outcome": "text",
        "written_off": "money",
        "written_off_on": "date",
    },
    "payments": {"invoice_id": "text", "on": "date", "amount": "money"},
    "perceptions": {
        "customer_id": "text",
        "department": "text",
        "rated_on": "date",
        "rater": "text",
        "difficulty": "whole",
        "respect": "whole",
        "appreciation": "whole",
        "liking": "whole",
        "because": "text",
        "would_help": "text",
        "willing_to": "text",
    },
    "surveys": {
        "customer_id": "text",
        "asked_on": "date",
        "satisfaction": "whole",
        "nps": "whole",
        "forgiving": "whole",
        "must_do": "text",
        "must_not": "text",
        "improve": "text",
        "satisfied_with": "text",
    },
    "mentions": {"customer_id": "text", "on": "date", "sentiment": "short", "reach": "whole"},
    "bookings": {"booking_id": "text", "customer_id": "text", "rep": "text", "on": "date", "amount": "money"},
    "assignments": {"customer_id": "text", "person": "text", "role": "text", "from": "date", "to": "date"},
    "actions_taken": {"customer_id": "text", "action": "text", "on": "date", "outcome": "text", "cost": "money"},
    "overrides": {
        "customer_id": "text",
        "judgement": "text",
        "value": "text",
        "reason": "text",
        "by": "text",
        "until": "date",
    },
}
_ROWS_AT_A_TIME = 500_000
_SPECIAL = r'[",\r\n]'


def write_table(frame: pd.DataFrame, columns: dict[str, str], path: Path) -> None:
    """Write the columns named, in their order; the suffix of the path says how: ``.csv`` or ``.parquet``."""
    if path.suffix == ".parquet":
        _write_parquet(frame, columns, path)
        return
    with path.open("wb") as file:
        file.write((",".join(columns) + "\n").encode())
        for start in range(0, len(frame), _ROWS_AT_A_TIME):
            _write_rows(frame.iloc[start : start + _ROWS_AT_A_TIME], columns, file)


def _write_rows(frame: pd.DataFrame, columns: dict[str, str], file: Any) -> None:
    import pyarrow.compute as pc

    texts = [pc.fill_null(_as_text(frame[name], kind), "") for name, kind in columns.items()]
    lines = pc.binary_join_element_wise(*texts, ",").to_pylist()
    file.write(("\n".join(lines) + "\n").encode())


def _as_text(values: pd.Series[Any], kind: str) -> Any:
    """Return a column as Arrow text: fixed decimals, ISO dates, ``true`` and ``false``, quotes where needed."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = _typed(values, kind)
    if kind == "date":
        return pc.cast(column, pa.string())
    if kind == "time":
        return pc.replace_substring(pc.cast(pc.cast(column, pa.timestamp("s")), pa.string()), " ", "T")
    if kind in ("money", "rate"):
        return pc.cast(pc.cast(column, pa.decimal128(38, 2 if kind == "money" else 6)), pa.string())
    if kind == "text" and pc.any(pc.match_substring_regex(column, _SPECIAL)).as_py():
        quoted = pc.binary_join_element_wise('"', pc.replace_substring(column, '"', '""'), '"', "")
        return pc.if_else(pc.match_substring_regex(column, _SPECIAL), quoted, column)
    return pc.cast(column, pa.string())


def _typed(values: pd.Series[Any], kind: str) -> Any:
    """Return a column as an Arrow array of the type that its kind calls for."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind == "text":
        if isinstance(values.dtype, pd.CategoricalDtype):
            return pc.cast(pa.array(values.array, from_pandas=True), pa.string())
        return pa.array(values.array, type=pa.string(), from_pandas=True)
    if kind == "date":
        return pc.cast(pa.array(values.to_numpy(dtype="datetime64[s]")), pa.date32())
    if kind == "time":
        return pc.cast(pa.array(values.to_numpy(dtype="datetime64[s]")), pa.timestamp("us"))
    if kind == "flag":
        return pa.array(values.astype("boolean").array, type=pa.bool_(), from_pandas=True)
    decimals = {"whole": 0, "money": 2, "rate": 6, "short": 2}[kind]
    numbers = values.to_numpy(dtype="float64").round(decimals) + 0.0
    numeric = pa.array(numbers, from_pandas=True)
    return pc.cast(numeric, pa.int64()) if kind == "whole" else numeric


def _write_parquet(frame: pd.DataFrame, columns: dict[str, str], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({name: _typed(frame[name], kind) for name, kind in columns.items()})
    pq.write_table(table, path)


def write_text(path: Path, text: str) -> None:
    """Write text with line feeds as line ends on every system."""
    path.write_bytes(text.encode())
