"""The past, replayed: the one object behind `mutual-value backtest` and its page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import facts
from analysis.data.contract import BACKTEST, empty
from analysis.engines import ENGINES
from analysis.errors import UsageError
from analysis.folders import finished
from analysis.opening import Opened, open_all
from analysis.policy import Policy
from analysis.stored import stored_table
from analysis.topics.backtest.judgement.calibration import reliability, transitions
from analysis.topics.backtest.judgement.days import Replayable, days_asked, days_between, replayable
from analysis.topics.backtest.judgement.past import not_rolled_back
from analysis.topics.backtest.judgement.replay import replay
from analysis.topics.backtest.judgement.scores import scores
from analysis.window import parse_day

if TYPE_CHECKING:
    import pandas as pd

#: What each subject needs of the data, where none of its rows can be scored.
NEEDS = {
    "segment": "segments need `transactions` with known costs of goods",
    "p_unprofitable": "the chance of a loss needs `transactions` and stated ranges of cost to draw from",
    "lifetime": "a margin ahead needs `transactions`, and something that tells how long accounts stay",
    "forecast": "a forecast needs `transactions`, twice `backtest.ahead_months` before a day, and 20 accounts or more",
    "hazard": "leaving needs `customers.ended`",
}


class Backtest:
    """Replays of past days, with only what was known on each, and how well what was judged held.

    Parameters
    ----------
    data
        A dataset: a folder with one file per table, or a `dataset.toml`.
    first, last
        The first and the last day to replay; empty: as far as the data reaches.
    every
        Months from one replayed day to the next.
    policy
        Overrides of the dataset's policy, nested as in `policy.toml`.
    tables
        The folder of a backtest: its tables are read and nothing is computed. Empty: compute.
    policy_file, costing_file
        Other files than the ones in the dataset's folder.
    told
        Called with each step, in words.

    Raises
    ------
    UsageError
        What is asked for are no days, or they lie outside what the data covers; it says which can be replayed.
    """

    def __init__(
        self,
        data: str | Path = "data/sample",
        first: str | date = "",
        last: str | date = "",
        every: int = 1,
        policy: Mapping[str, Any] | None = None,
        tables: str | Path = "",
        *,
        policy_file: Path | None = None,
        costing_file: Path | None = None,
        engine: str = ENGINES[0],
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._folder, self._told = (finished(Path(tables), "backtest") if tables else None), told
        if self._folder is not None:
            self._read()
            return
        start, stop = days_asked(first, last, every)
        self.opened: Opened = open_all(data, policy, policy_file=policy_file, costing_file=costing_file, engine=engine)
        self.policy: Policy = self.opened.policy
        self.every = every
        self.within: Replayable = replayable(self.opened.checked, self.policy)
        self.days: list[date] = days_between(start, stop, every, self.within)

    def _read(self) -> None:
        self.facts = json.loads(((self._folder or Path()) / "run.json").read_text(encoding="utf-8"))
        if "days" not in self.facts:
            raise UsageError(f"{self._folder} is a run, no backtest: read it with Portfolio(tables=...).")
        self.policy = facts.policy_of(self.facts)
        self.days = [parse_day(day) for day in self.facts["days"]]
        self.every = self.facts["every"]

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the backtest by name.

        Raises
        ------
        UsageError
            There is no such table.
        """
        if name not in BACKTEST:
            raise UsageError(f"A backtest has no table {name!r}. Known: {', '.join(BACKTEST)}.")
        found: pd.DataFrame = getattr(self, name)
        return found

    @cached_property
    def replays(self) -> pd.DataFrame:
        """What was judged on each replayed day, and what came."""
        import pandas as pd

        if self._folder is not None:
            return self._stored("replays")
        found = []
        for day in self.days:
            self._told(f"replaying {day}")
            found.append(replay(self.opened, day))
        return pd.concat([part for part in found if len(part)] or [empty("replays")], ignore_index=True)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """How well each judgement held, beside a naive one."""
        return self._stored("scores") if self._folder else scores(self.replays, self.policy.backtest)

    @cached_property
    def transitions(self) -> pd.DataFrame:
        """From which segment to which."""
        return self._stored("transitions") if self._folder else transitions(self.replays)

    @cached_property
    def reliability(self) -> pd.DataFrame:
        """Chances that were told, set beside how often it happened."""
        return self._stored("reliability") if self._folder else reliability(self.replays, self.policy.backtest)

    @cached_property
    def not_rolled_back(self) -> pd.DataFrame:
        """What the past could not be told of."""
        return self._stored("not_rolled_back") if self._folder else not_rolled_back(self.opened)

    def _stored(self, name: str) -> pd.DataFrame:
        found = stored_table(self._folder, name)
        if found is None:
            raise UsageError(f"{self._folder} has no table {name}: make the backtest again.")
        return found

    @cached_property
    def inputs(self) -> list[dict[str, Any]]:
        """The input tables: rows read, accepted and rejected, and the files' SHA-256."""
        return facts.inputs_of(self)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the backtest's `run.json` says."""
        return {
            "days": [day.isoformat() for day in self.days],
            "every": self.every,
            "as_of": self.days[-1].isoformat(),
            "window_months": self.policy.window.months,
            "ahead_months": self.policy.backtest.ahead_months,
            "replayable": {"first": self.within.first.isoformat(), "last": self.within.last.isoformat()},
            "run_id": "",
            "currency": self.policy.currency,
            **facts.versions(self.opened.engine.packages),
            "policy": facts.plain(self.policy.in_force()),
            "stated": facts.plain(self.policy.stated()),
            "inputs": self.inputs,
            "scores": facts.plain(self._overall()),
            "left_out": [{"what": what, "why": why} for what, why in self._left_out()],
            "warnings": [str(problem) for problem in self.opened.warnings],
        }

    def _overall(self) -> list[dict[str, Any]]:
        every = self.scores[self.scores.as_of.isna()].drop(columns="as_of")
        found: list[dict[str, Any]] = every.astype("object").where(every.notna(), None).to_dict("records")
        return found

    def _left_out(self) -> list[tuple[str, str]]:
        scored = set(self.scores.subject)
        return [(f"The score of {subject}", why) for subject, why in NEEDS.items() if subject not in scored]
