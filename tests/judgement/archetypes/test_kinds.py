"""Archetypes from files to tables: planted kinds, worlds without any, and labels from run to run."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from analysis import Portfolio
from sample_firms import make_sample
from tests import pages

pytestmark = pytest.mark.slow
DAY = "2026-10-31"
#: Enough evidence to tell, and quick.
QUICK = {**pages.QUICK, "archetypes": {"references": 10, "shuffles": 19, "resamples": 20, "splits": 5, "most": 5}}
TABLES = ("archetypes", "archetype_members", "archetype_profiles", "archetype_evidence")


def world(folder: Path, **settings) -> tuple[Portfolio, pd.DataFrame]:
    place = make_sample(folder / "world", seed=4, accounts=240, file_format="parquet", **settings)
    return Portfolio(place, DAY, QUICK), pd.read_csv(place / "truth" / "accounts.csv", dtype={"customer_id": "str"})


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> tuple[Portfolio, pd.DataFrame]:
    return world(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def members(planted) -> pd.DataFrame:
    return planted[0].table("archetype_members")


def kept(portfolio: Portfolio, runs: Path, day: str) -> Path:
    """Write what the next run reads of a run."""
    folder = runs / day / "tables"
    folder.mkdir(parents=True)
    (runs / day / "run.json").write_text(json.dumps({"run_id": day}))
    for name in TABLES:
        portfolio.table(name).to_parquet(folder / f"{name}.parquet")
    return runs


def test_the_planted_ways_of_over_serving_are_found_and_stable(planted, members) -> None:
    _, truth = planted
    mine = members[members.kind == "over_served"].merge(truth, on="customer_id")
    mine = mine[mine.over_served_archetype.notna()]
    assert len(mine) >= 25
    assert adjusted_rand_score(mine.over_served_archetype, mine.archetype.fillna("")) >= 0.85
    rows = planted[0].archetypes
    assert (rows.standing[rows.archetype.notna() & (rows.kind == "over_served")] == "stable").all()


def test_the_names_say_in_which_way(planted, members) -> None:
    _, truth = planted
    mine = members.merge(truth[truth.over_served_archetype == "giveaway"], on="customer_id")
    name = mine.archetype[mine.kind == "over_served"].mode().iloc[0]
    assert name.startswith("More than agreed: ")


def test_every_account_of_a_judgement_is_counted_once(planted, members) -> None:
    accounts, rows = planted[0].accounts, planted[0].archetypes
    for kind in ("over_served", "difficult"):
        judged = accounts.customer_id[accounts[kind].fillna(False)]
        assert sorted(members.customer_id[members.kind == kind]) == sorted(judged)
        assert rows.accounts[rows.kind == kind].sum() == len(judged)
        labels = members[members.kind == kind].set_index("customer_id").archetype.dropna()
        column = accounts.set_index("customer_id")[f"{kind}_archetype"].dropna()
        assert labels.sort_index().to_dict() == column.sort_index().to_dict()
    cost = accounts.over_service_cost[accounts.over_served.fillna(False)].sum()
    assert rows.over_service_cost[rows.kind == "over_served"].sum() == pytest.approx(cost)


def test_one_answer_is_chosen_and_its_typical_accounts_are_members(planted, members) -> None:
    evidence = planted[0].table("archetype_evidence")
    assert (evidence.groupby("kind").chosen.sum() == 1).all()
    typical = members[members.typical]
    rows = planted[0].archetypes.dropna(subset="typical")
    assert typical.groupby("archetype").customer_id.first().to_dict() == rows.set_index("archetype").typical.to_dict()


def test_without_kinds_in_the_data_none_is_named(tmp_path) -> None:
    portfolio, _ = world(tmp_path, structure=False)
    rows = portfolio.archetypes
    assert rows.archetype.isna().all()
    assert (rows.standing == "none").all()
    assert portfolio.table("archetype_members").archetype.isna().all()
    assert set(portfolio.table("archetype_evidence").answer) <= {"one", "too few"}
    portfolio.opened.engine.close()


def test_the_next_run_keeps_the_labels_and_lists_who_moved(planted, members, tmp_path) -> None:
    portfolio = planted[0]
    runs = kept(portfolio, tmp_path, "2026-09-30")
    file = runs / "2026-09-30" / "tables" / "archetype_members.parquet"
    profiles = runs / "2026-09-30" / "tables" / "archetype_profiles.parquet"
    first, second = portfolio.archetypes.archetype.dropna().head(2)
    called = {first: "As it was called"}
    before = pd.read_parquet(file).replace({"archetype": called})
    mover = before.customer_id[(before.archetype == second) & ~before.typical].iloc[0]
    before.loc[(before.customer_id == mover) & (before.kind == "over_served"), "archetype"] = "As it was called"
    before.to_parquet(file)
    pd.read_parquet(profiles).replace({"archetype": called}).to_parquet(profiles)

    after = Portfolio(portfolio.opened.dataset.folder, DAY, QUICK, runs=runs)
    rows = after.archetypes.set_index("archetype")
    assert rows.now_reads["As it was called"] == first
    assert (rows.change.dropna() == "same").all()
    assert rows.accounts_before["As it was called"] == rows.accounts["As it was called"] + 1
    assert rows.accounts_stayed["As it was called"] == rows.accounts["As it was called"]
    assert rows.accounts_stayed[second] == rows.accounts[second] - 1
    now = after.table("archetype_members").set_index(["kind", "customer_id"])
    assert now.index[now.moved.fillna(False)].tolist() == [("over_served", mover)]
    assert now.archetype_before["over_served", mover] == "As it was called"
    after.opened.engine.close()


@pytest.mark.parametrize("rows", ["", "a,A\n"])
def test_where_nobody_is_judged_the_tables_say_too_few(write_dataset, rows) -> None:
    sales = "transaction_id,customer_id,date,kind,net_amount\n" + ("1,a,2026-05-05,sale,100\n" if rows else "")
    portfolio = Portfolio(write_dataset(customers=f"customer_id,name\n{rows}", transactions=sales), DAY)
    assert portfolio.archetypes.empty
    assert portfolio.table("archetype_members").empty
    assert portfolio.table("archetype_evidence").answer.tolist() == ["too few", "too few"]
