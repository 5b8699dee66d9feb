"""The one next step of each account, with its words, its value, who takes it and what speaks against it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.data.contract import conform, empty
from analysis.decision.interventions.when import flag, ours_first
from analysis.decision.next_step import ENDING, PROTECT, next_steps, stakes, talks_first
from analysis.decision.packages import steps_of
from analysis.decision.step_reasons import Against, against, because, when, who
from analysis.decision.step_words import DOUBTS, Facts, frame_rows, said
from analysis.tables.decided import Decided
from analysis.tables.relations import Relations

if TYPE_CHECKING:
    import pandas as pd


#: The work that the portal could take.
BY_PORTAL = ("other_service", "order_size")


class NextSteps:
    """Decides once on the next step of every account.

    Parameters
    ----------
    decided
        The steps weighed, and the plan.
    relations
        What we failed each account with, and how it behaves.
    """

    def __init__(self, decided: Decided, relations: Relations) -> None:
        self.decided, self.relations = decided, relations
        self.policy, self.window, self.ledger = decided.policy, decided.window, decided.ledger

    @cached_property
    def _protect(self) -> pd.DataFrame:
        return self.decided.valued.protect_first()

    @cached_property
    def _persons(self) -> pd.DataFrame:
        """The decisions of persons on the next step, with who, why and until when."""
        table, held = self.decided.checked.get("overrides"), self.decided.overridden
        if table is None:
            return held.assign(by=None, reason=None, until=None)
        rows: pd.DataFrame = (
            table.filter(table.judgement == "action")
            .select("customer_id", "by", "reason", "until", action=table["value"])
            .to_pandas()
        )
        return held.merge(rows, on=["customer_id", "action"], how="left").drop_duplicates("customer_id", keep="last")

    @cached_property
    def _accounts(self) -> pd.DataFrame:
        """What the rules read of each account."""
        decided = self.decided
        best = decided.best
        rows = decided.known.drop(columns=[c for c in best if c in decided.known and c != "customer_id"])
        rows = rows.merge(best, on="customer_id", how="left")
        rows["person"] = rows.customer_id.map(self._persons.set_index("customer_id").action)
        rows["left"] = decided.valued.staying.left
        first = self._protect
        rows["protect"] = rows.customer_id.isin(first.customer_id)
        rows["short"] = rows.customer_id.isin(decided.owed_first)
        rows["failed"] = rows.customer_id.isin(first.customer_id[flag(first, "failed_by_us")])
        rows["ours_first"] = ours_first(rows, self.policy)
        return rows

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The decisions, without their words: as `decision.next_step.next_steps` gives them."""
        names = ["customer_id", "left", "action", "value", "low", "high", "person", "protect", "short", "failed"]
        return next_steps(self._accounts[[*names, "ours_first"]], self.decided.plan(), self.decided.weighed)

    @cached_property
    def advised(self) -> pd.DataFrame:
        """The first step of each account as `tables/accounts` has it, with what it adds taken alone."""
        import pandas as pd

        first = self.rows[["customer_id", "step"]].rename(columns={"step": "action"})
        ended = self._accounts.assign(action="terminate")[["customer_id", "action", "value", "low", "high"]]
        ended = ended[(self.rows.rule == ENDING).to_numpy()]
        weighed = self.decided.weighed[["customer_id", "action", "value", "low", "high"]]
        alone = pd.concat([weighed, ended], ignore_index=True)
        found = first.merge(alone, on=["customer_id", "action"], how="left")
        # What we owe first may cost more than it adds taken alone: then the whole next step counts.
        whole = self.rows[["value", "value_low", "value_high"]].set_axis(["value", "low", "high"], axis="columns")
        names = list(whole)
        found[names] = found[names].where(~(found.value < 0), whole)
        return found.rename(columns={"value": "action_value", "low": "action_value_low", "high": "action_value_high"})

    @cached_property
    def _work(self) -> dict[str, dict[str, float]]:
        """Pieces of work by driver, those that the portal could take, and the days that payments come late."""
        work = self.ledger.drivers(self.decided.served.shares)
        found: dict[str, dict[str, float]] = {}
        if work is not None:
            hand = work[
                work.channel.isin(self.policy.steps.by_hand) & work.driver.isin(["other_service", "order_size"])
            ]
            parts = [work.groupby(["customer_id", "driver"]).events.sum()]
            parts.append(hand.assign(driver="by_hand").groupby(["customer_id", "driver"]).events.sum())
            for part in parts:
                for (own, driver), events in part.items():
                    found.setdefault(str(own), {})[str(driver)] = float(events)
        paid = self.relations.behaviours()
        for row in paid[(paid.behaviour == "late_payment") & (paid.of > 0)].itertuples():
            found.setdefault(str(row.customer_id), {})["days_late"] = float(row.rate)
        return found

    def next_steps(self) -> pd.DataFrame:
        """Return the next step of each account."""
        import pandas as pd

        if self._accounts.empty:
            return empty("next_steps")
        own = self._accounts.set_index("customer_id", drop=False)
        stake = self.decided.valued.rescue().set_index("customer_id").at_stake
        found = self.rows.assign(
            name=own.name.reindex(self.rows.customer_id).to_numpy(),
            net_margin=own.net_margin.reindex(self.rows.customer_id).to_numpy(dtype=np.float64, na_value=np.nan),
            at_stake=stake.reindex(self.rows.customer_id).to_numpy(dtype=np.float64),
        )
        found = found.assign(
            stake=stakes(found), talk_first=talks_first(found), protect_first=(found.rule == PROTECT).to_numpy()
        )
        words = pd.DataFrame(self._words(own, found), index=found.index)
        return conform(found.assign(**{name: words[name] for name in words}), "next_steps")

    def _words(self, own: pd.DataFrame, found: pd.DataFrame) -> list[dict[str, Any]]:
        gaps = frame_rows(self.decided.served.service_gaps())
        failures = frame_rows(self.relations.our_failures())
        first = {str(row["customer_id"]): row for row in self._protect.to_dict("records")}
        persons = {str(row["customer_id"]): row for row in self._persons.to_dict("records")}
        tried, ended = frame_rows(self.decided.tried.taken), {}
        if (found.rule == ENDING).any():
            ended = {str(row["customer_id"]): row for row in self.decided.endings().to_dict("records")}
        rows = own.to_dict("index")
        said_of = []
        for row in found.to_dict("records"):
            name = str(row["customer_id"])
            facts = Facts(
                rows[name], gaps.get(name, []), failures.get(name, []), self._work.get(name, {}),
                self.policy, self.window.months,
            )  # fmt: skip
            more = (first.get(name), persons.get(name), tried.get(name, []), ended.get(name))
            of = Against(facts, row, *more, self.window)
            said_of.append(self._one(of))
        return said_of

    def _one(self, of: Against) -> dict[str, Any]:
        row = of.decision
        steps = steps_of(str(row["steps"])) if isinstance(row["steps"], str) else ()
        told = said(steps, of.facts) if steps else None
        words = of.worded(told.words) if told else because(of)
        return {
            "sentence": words[:1].upper() + words[1:],
            "attribute": told.attribute or None if told else None,
            "level_now": told.level_now if told else np.nan,
            "level_then": told.level_then if told else np.nan,
            "per": told.per or None if told else None,
            "who": who(of, steps),
            "when_by": when(of),
            "against": against(of, steps),
            "would_change": DOUBTS[steps[0]] if steps else None,
            "because": because(of),
        }
