"""Forty questions that readers ask: each answer, computed from the run's tables, stands on its page, a click away."""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.formats import amount, count, day, money_range, percent
from tests.pages import seen

LIST = Path(__file__).with_name("reading.md")


def questions() -> list[dict[str, str]]:
    """Read the list: number, who, question, page and answer."""
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(("number", "who", "question", "page", "answer"), row, strict=True)) for row in cells]


class Answers:
    """What the answers say, from the tables of a run alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / "tables" / f"{name}.parquet")

    @cached_property
    def accounts(self) -> pd.DataFrame:
        return self.table("accounts")

    @cached_property
    def first(self) -> pd.Series:
        """The account that the first talk is with: of those to be talked to first, what adds most."""
        steps = self.table("next_steps")
        talks = steps[steps.talk_first.fillna(False)].sort_values(["value", "customer_id"], ascending=[False, True])
        return talks.iloc[0]

    def all(self) -> dict[str, Any]:
        return {**self.portfolio(), **self.steps(), **self.account(), **self.money(), **self.judged()}

    def portfolio(self) -> dict[str, Any]:
        accounts, margin = self.accounts, self.accounts.net_margin
        losing, earned = accounts[margin < 0], margin[margin > 0].sum()
        ended = losing.gain_if_ended.sum()
        way = f"gain EUR {amount(ended)}" if ended > 0 else f"lose EUR {amount(-ended)} more"
        lines = self.table("bridge").set_index("line").amount
        books = self.facts["books"]
        return {
            "accounts": len(accounts), "losing": len(losing), "lost": amount(-losing.net_margin.sum()),
            "ended": f"Ending them would {way}",
            "net": amount(margin.sum()), "net_range": money_range(*self.facts["ranges"]["net_margin"]),
            "tied": f"to {percent(max(books['share'], 0.001))}" if books else "not yet",
            "earning": int((margin > 0).sum()),
            "peak": percent(earned / margin.sum()), "back": percent(-losing.net_margin.sum() / margin.sum()),
            "sure": int(accounts.certainty.isin(["surely_positive", "surely_negative"]).sum()),
            "profit": amount(lines.get("operating_profit")), "unused": amount(-lines["unused"]),
            "nobody": amount(-lines["unassigned"]), "horizon": self.facts["policy"]["finance"]["horizon_months"],
        }  # fmt: skip

    def steps(self) -> dict[str, Any]:
        steps, record = self.table("next_steps"), self.table("track_record")
        talks, plan = steps[steps.talk_first.fillna(False)], self.table("plan_total").iloc[0]
        told = record[record.verdict.isin(["kept", "short", "nothing came"])]
        kept, last = self.table("protect_first"), steps.iloc[-1]
        return {
            "talks": len(talks), "talks_cash": amount(talks.cash.sum()), "first_name": self.first["name"],
            "first_step": self.first.sentence, "first_who": self.first.who, "told_steps": len(told),
            "first_in_short": self.first.in_short,
            "promised": amount(told.promised.sum()), "came": amount(told.came.sum()), "protect": len(kept),
            "protect_worth": amount(kept.clv_avoidable.sum()), "plan_hours": count(plan.hours),
            "plan_cash": amount(plan.cash), "any_step": last.in_short,
        }  # fmt: skip

    def account(self) -> dict[str, Any]:
        own = self.accounts.set_index("customer_id").loc[self.first.customer_id]
        answers = self.table("answers")
        said = answers[answers.customer_id == self.first.customer_id]
        told = (str(word) for column in ("must_do", "must_not", "improve") for word in said[column].dropna())
        words = next(told, "")
        return {
            "a_revenue": amount(own.net_revenue), "a_net": amount(own.net_margin), "a_value": amount(self.first.value),
            "a_range": money_range(self.first.value_low, self.first.value_high), "a_cash": amount(self.first.cash),
            "a_when": day(self.first.when_by.date()), "a_against": self.first.against,
            "a_leaves": percent(own.leaves_year), "a_ours": percent(own.difficulty_ours), "a_said": words,
            "a_gets": count(own.value_to_customer), "a_ending": amount(-own.gain_if_ended),
        }  # fmt: skip

    def money(self) -> dict[str, Any]:
        accounts = self.accounts
        waiting = accounts.write_offs.sum() + accounts.financing_cost.sum()
        demand = (accounts.cost_to_serve - accounts.failure_cost).sum()
        read = [table["rows"] for table in self.facts["inputs"]]
        rejected = sum(table["rejected"] for table in self.facts["inputs"])
        return {
            "failures": amount(accounts.failure_cost.sum()), "served": amount(accounts.cost_to_serve.sum()),
            "unasked": percent(accounts.unrequested_cost.sum() / accounts.cost_to_serve.sum()),
            "waiting": amount(waiting), "written_off": amount(accounts.write_offs.sum()),
            "owed": amount(self.table("service_money").under_service_cost.sum()), "rows": count(sum(read)),
            "rejected": count(rejected) if rejected else "none", "worth": amount(accounts.clv.sum()),
            "at_stake": amount(self.table("rescue").at_stake.sum()),
            "line": percent(demand / (accounts.list_revenue - accounts.returns).sum()),
        }  # fmt: skip

    def judged(self) -> dict[str, Any]:
        accounts = self.accounts
        over, hard = (accounts[name].fillna(False) for name in ("over_served", "difficult"))
        return {
            "over": amount(accounts.over_service_cost[over].sum()), "difficult": int(hard.sum()),
            "by_us": int(accounts.difficult_by_us.fillna(False).sum()), "under": int(accounts.under_served.sum()),
            "promised_to": int(accounts.under_served.notna().sum()), "rated": int(accounts.perception.notna().sum()),
            "unfair": int((accounts.perception == "unfairly_labelled").sum()),
        }  # fmt: skip


@pytest.fixture(scope="module")
def answers(sample_run: Path) -> dict[str, Any]:
    return Answers(sample_run).all()


@pytest.fixture(scope="module")
def account(sample_run: Path) -> str:
    return f"accounts/{Answers(sample_run).first.customer_id}"


def flat(words: str) -> str:
    return re.sub(r"\s+", " ", words.replace("\xa0", " ").replace("\N{MINUS SIGN}", "-"))


def test_the_list_has_forty_questions_of_three_readers() -> None:
    rows = questions()
    assert [int(row["number"]) for row in rows] == list(range(1, 41))
    assert {row["who"] for row in rows} == {"E", "M", "C"}


@pytest.mark.parametrize("row", questions(), ids=[f"{row['number']}-{row['page']}" for row in questions()])
def test_the_answer_stands_on_its_page_one_click_from_the_overview(
    row: dict[str, str], answers: dict[str, Any], account: str, sample_run: Path
) -> None:
    page = f"{account if row['page'] == 'account' else row['page']}.html"
    overview = (sample_run / "index.html").read_text(encoding="utf-8")
    assert page == "index.html" or f'href="{page}"' in overview
    words = flat(seen((sample_run / page).read_text(encoding="utf-8")))
    assert flat(row["answer"].format(**answers)) in words, row["question"]
