"""Sample worlds to judge: made, opened and given back, with the truth that they were made from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd

from analysis import Portfolio
from sample_firms import make_sample

AS_OF = "2026-10-31"
NOISES = (1.0, 2.0)


@dataclass(frozen=True)
class World:
    """What a sample world is made of."""

    seed: int
    accounts: int
    noise: float = 1.0
    over_served: bool = True
    difficult: bool = True
    structure: bool = True

    def label(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with a column `world_<setting>` for each of the world's settings."""
        return rows.assign(**{f"world_{field.name}": getattr(self, field.name) for field in fields(self)})


@contextmanager
def opened(
    world: World, *, steps_work: bool = False, record: pd.DataFrame | None = None
) -> Iterator[tuple[Portfolio, Path]]:
    """Yield the world's portfolio and the folder of its truth; both are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "world"
        make_sample(place, file_format="parquet", steps_work=steps_work, record=record, **asdict(world))
        p = Portfolio(place, AS_OF)
        yield p, place / "truth"
        p.opened.engine.close()


def account_truth(folder: Path) -> pd.DataFrame:
    """Return the truth of the accounts that were customers in the window."""
    truth = pd.read_csv(folder / "accounts.csv", dtype={"customer_id": "str"})
    return truth[truth.in_window].reset_index(drop=True)


def f1(flagged: pd.Series, truly: pd.Series) -> tuple[float, float, float]:
    """Return precision, recall and F1 of a flag."""
    hit = float((flagged & truly).sum())
    return (
        hit / max(1.0, float(flagged.sum())),
        hit / max(1.0, float(truly.sum())),
        2 * hit / max(1.0, float(flagged.sum() + truly.sum())),
    )
