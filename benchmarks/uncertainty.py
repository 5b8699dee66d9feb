"""How long the draws take at 200,000 accounts, and what share the matrix product, the quantiles and the ranks have.

    python benchmarks/uncertainty.py [--accounts 200000] [--draws 10000]

The accounts are a sample world's, repeated; the whole is timed in its own process, with its peak memory above what the
input takes. The parts are then timed one by one on the same blocks, so that their shares can be told.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import Portfolio
from analysis.topics.profitability.judgement import uncertainty as draws
from sample_firms import make_sample


def world(accounts: int) -> tuple[pd.DataFrame, pd.DataFrame, Any, Any]:
    """Return statement, minutes, costing and policy of a sample world, its accounts repeated."""
    with tempfile.TemporaryDirectory() as folder:
        p = Portfolio(make_sample(Path(folder) / "world", seed=1, accounts=400), "2026-10-31")
        statement, minutes = p.accounts, p.ledger.minutes
        assert minutes is not None
        columns = ["customer_id", "size", "gross_margin", "write_offs", "financing_cost", "list_revenue", "returns"]
        statement = statement[[*columns, "net_margin", "cost_to_serve", "failure_cost"]]
        times = -(-accounts // len(statement))
        many = [
            frame.assign(customer_id=frame.customer_id + f"-{copy}")
            for frame in (statement, minutes)
            for copy in range(times)
        ]
        big = pd.concat(many[:times], ignore_index=True).head(accounts)
        work = pd.concat(many[times:], ignore_index=True)
        return big, work[work.customer_id.isin(big.customer_id)], p.opened.costing, p.policy


def timed(step: Callable[[], object]) -> float:
    """Return the seconds that a step takes."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def parts(statement: pd.DataFrame, minutes: pd.DataFrame, costing: Any, policy: Any) -> dict[str, float]:
    """Return the seconds of each part on one core: matrix products, comparisons with quantiles, ranks."""
    terms = draws.cost_terms(statement.customer_id, minutes, costing)
    factors = draws.draw_factors(terms.names, costing, policy.uncertainty.draws, policy.uncertainty.seed)
    drawn = draws._Draw(statement, terms, factors)
    few = factors[:, : policy.uncertainty.rank_draws]
    blocks = list(drawn.blocks(factors.shape[1]))
    some = blocks[:: max(1, len(blocks) // 50)]
    scale = len(blocks) / len(some)

    def products() -> None:
        for block in some:
            for part in (terms.serve, terms.obtain, terms.serve - terms.failure):
                _ = part[block] @ factors

    nets = [drawn.net(some[0], factors)]

    def quantiles() -> None:
        for _ in some:
            draws._edges(nets[0].copy())

    def ranks() -> None:
        grid, _ = draws._by_draw(drawn, few)
        draws._ranks(drawn, few, grid)

    return {
        "matrix products": timed(products) * scale,
        "quantiles": timed(quantiles) * scale,
        "ranks and the whale's band": timed(ranks),
    }


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--accounts", type=int, default=200_000)
    arguments.add_argument("--draws", type=int, default=10_000)
    asked = arguments.parse_args()
    statement, minutes, costing, policy = world(asked.accounts)
    policy = policy.model_copy(update={"uncertainty": policy.uncertainty.model_copy(update={"draws": asked.draws})})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    found: list[draws.Ranges] = []
    wall = timed(lambda: found.append(draws.ranges(statement, minutes, costing, policy)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    terms = len(found[0].terms.names)
    print(f"{len(statement):,} accounts x {asked.draws:,} draws, {terms} terms, {os.cpu_count()} cores")
    print(f"wall {wall:.1f} s; peak memory {peak:.2f} GiB, of which the input {before:.2f} GiB")
    print(f"95% of the 5% points lie within {found[0].portfolio['quantile_error']:.2%} of 5% of the draws")
    each = parts(statement, minutes, costing, policy)
    work = sum(each.values())
    for name, seconds in each.items():
        print(f"  {name}: {seconds:.1f} s on one core, {seconds / work:.0%} of the three")
    print(f"  mean net margin {np.mean(statement.net_margin):,.2f}")


if __name__ == "__main__":
    main()
