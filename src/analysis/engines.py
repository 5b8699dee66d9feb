"""What can compute: named here so that the command line knows without importing any of them."""

from __future__ import annotations

#: DuckDB on this machine, which is the default; or the Spark that is configured here.
ENGINES = ("duckdb", "spark")
