"""The tables of perception from files in: what they say, and whom they never give away."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from analysis import Portfolio
from analysis.data.contract import OUTPUTS
from analysis.topics.perception.judgement.views import held_by, views
from analysis.topics.perception.policy import Perception
from sample_firms import make_sample
from tests.pages import write_tables

AS_OF = "2026-10-31"
NAMES = ("Xanthippe Quillfeather", "Öztürk Bräutigam-Zwei", "Zebedee O'Thornbury")
WORDS = sorted({word for name in NAMES for word in re.split(r"[ \-']", name) if len(word) > 2})


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A sample world whose first raters have names that nobody could mistake, and a few hostile rows."""
    place = make_sample(tmp_path_factory.mktemp("world") / "named", seed=4, accounts=130)
    ratings = pd.read_csv(place / "perceptions.csv", dtype="str", keep_default_na=False)
    known = [name for name in ratings.rater.unique() if name]
    ratings["rater"] = ratings.rater.replace(dict(zip(known, NAMES, strict=False)))
    ratings.loc[ratings.index[:40], "because"] = f"{NAMES[0]} told {NAMES[1].upper()} so"
    ratings.loc[ratings.index[:40], "would_help"] = f"Let {NAMES[2]} call, or Quillfeather"
    bad = ratings.iloc[:4].copy()
    bad["difficulty"] = ["9", NAMES[0], "3", "3"]
    bad["rated_on"] = [*bad.rated_on.iloc[:2], NAMES[1], bad.rated_on.iloc[3]]
    bad.iloc[3, bad.columns.get_loc("customer_id")] = NAMES[2]
    pd.concat([ratings, bad]).to_csv(place / "perceptions.csv", index=False)
    with (place / "perceptions.csv").open("a", encoding="utf-8") as file:
        file.write(f"C00001,{NAMES[0]}\n")
    return place


@pytest.fixture(scope="module")
def portfolio(world):
    p = Portfolio(world, AS_OF, {"checks": {"rejected_share": 0.5}})
    yield p
    p.opened.engine.close()


@pytest.mark.slow
def test_no_output_table_and_no_fact_of_a_run_holds_a_raters_name(portfolio, tmp_path):
    write_tables(portfolio, tmp_path)
    (tmp_path / "run.json").write_text(json.dumps(portfolio.facts, default=str, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "problems").write_text("\n".join(map(str, portfolio.opened.problems)), encoding="utf-8")

    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {"perceptions"} <= set(portfolio.table("rejected").table)
    assert len([file for file in files if file.suffix == ".parquet"]) >= len(OUTPUTS) - 1
    for file in files:
        frame = pd.read_parquet(file) if file.suffix == ".parquet" else None
        text = frame.to_csv() if frame is not None else file.read_text(encoding="utf-8")
        found = [word for word in WORDS if word.lower() in text.lower()]
        assert not found, f"{file.name} holds {found}"


def test_what_staff_said_is_still_there_with_the_name_masked(portfolio):
    said = " ".join(portfolio.table("meetings").would_help.dropna())
    assert said
    assert "R0" not in said


def raters_behind(portfolio):
    """Who rated each account and in which department, as the engine knows it."""
    return portfolio.computed.perceived.ratings


def test_every_figure_shown_of_an_account_rests_on_five_people(portfolio):
    people = raters_behind(portfolio).groupby("customer_id").rater.nunique()
    for name in ("accounts", "reputations"):
        rows = portfolio.table(name)
        behind = rows.customer_id.map(people).fillna(0)
        assert rows[behind < 5][["perceived_difficulty", "perception_gap"]].isna().all().all()
        assert rows[behind >= 5].perceived_difficulty.notna().any()


def test_every_department_named_as_holding_a_view_is_one_of_five_people_and_stands_with_five(portfolio):
    ratings, shown = raters_behind(portfolio), portfolio.table("views").dropna(subset=["held_by"])
    sizes = ratings.groupby("department").rater.nunique()
    assert len(shown)
    for row in shown.itertuples():
        named = row.held_by.split(", ")
        mine = ratings[(ratings.customer_id == row.customer_id) & ratings.department.isin(named)]
        assert (sizes[named] >= 5).all()
        assert mine.rater.nunique() >= 5


def test_staffs_words_are_shown_only_where_five_rated(portfolio):
    people = raters_behind(portfolio).groupby("customer_id").rater.nunique()
    rows = portfolio.table("meetings")
    few = rows[rows.customer_id.map(people).fillna(0) < 5]

    assert few[["because", "would_help", "willing_to"]].isna().all().all()


def felt(sides):
    """Ratings of one account c: by department, who feels how much warmer than usual; others fill the departments."""
    rows = [("c", d, f"{d}{n}", off) for d, offs in sides.items() for n, off in enumerate(offs)]
    rows += [(f"x{n}", d, f"{d}{n}", 0.0) for d in sides for n in range(6)]
    return pd.DataFrame(rows, columns=["customer_id", "department", "rater", "off"])


DISLIKED = pd.DataFrame({"customer_id": ["c"], "view": ["disliked"]})


@pytest.mark.parametrize(
    ("sides", "named"),
    [
        ({"Sales": [-1, -1, -1, -1, -1]}, "Sales"),
        ({"Sales": [-1, -1, -1, -1], "Desk": [-1]}, "Desk, Sales"),
        ({"Sales": [-1, -1, -1, -1], "Desk": [1]}, None),
        ({"Sales": [-1, -1, -1], "Desk": [-1], "Store": [1]}, None),
        ({"Sales": [-1, -1, 2, -1, -1], "Desk": [1, 1]}, "Sales"),
    ],
    ids=["five in one", "four and one who agree", "four, and one who does not", "four of five", "five of seven"],
)
def test_with_four_of_five_in_one_department_the_fifth_cannot_be_told_apart(sides, named):
    found = held_by(felt(sides), DISLIKED, 5)
    assert found.held_by.tolist() == ([named] if named else [])


def test_a_department_of_four_people_is_never_named(portfolio):
    rows = felt({"Sales": [-1, -1, -1, -1, -1], "Desk": [-1, -1]})
    small = rows[~((rows.department == "Desk") & rows.rater.isin(["Desk4", "Desk5"]))]

    assert held_by(small, DISLIKED, 5).held_by.tolist() == ["Sales"]


def test_liked_but_losing_and_disliked_but_earning_are_found_and_what_is_as_it_should_be_is_not():
    random = np.random.default_rng(6)
    warm = {"liked-loser": 5, "liked-earner": 5, "disliked-earner": 1, "disliked-loser": 1, "disliked-doubtful": 1}
    warm |= {f"usual{n}": 3 for n in range(30)}
    rows = [
        (name, "AB"[rater % 2], f"R{rater:02d}", float(np.clip(value + random.integers(-1, 2) * 0.5, 1, 5)))
        for name, value in warm.items()
        for rater in random.choice(12, 6, replace=False)
    ]
    ratings = pd.DataFrame(rows, columns=["customer_id", "department", "rater", "regard"])
    money = pd.DataFrame({"customer_id": list(warm), "certainty": "surely_positive"})
    money["net_margin"] = np.where(money.customer_id.str.endswith("loser"), -100.0, 100.0)
    money.loc[money.customer_id == "disliked-doubtful", "certainty"] = "sensitive"

    found = views(ratings, money, Perception())

    assert dict(zip(found.customer_id, found.pattern, strict=True)) == {
        "disliked-earner": "disliked_but_earning",
        "liked-loser": "liked_but_losing",
    }


SMALL = {
    "customers": "customer_id,name\nc1,One\n",
    "transactions": "transaction_id,customer_id,date,kind,net_amount\nt1,c1,2026-05-05,sale,1\n",
}


@pytest.mark.parametrize(
    "perceptions",
    [
        "customer_id,department,rated_on,difficulty\n",
        "customer_id,department,rated_on,difficulty\nc1,Sales,2026-10-01,3\n",
        "customer_id,department,rated_on,difficulty\n" + "c1,Sales,2020-10-01,3\n" * 50,
        "customer_id,department,rated_on,difficulty\n" + "c1,Sales,2026-11-01,3\n" * 50,
        "customer_id,department,rated_on,difficulty\n" + "c1,Sales,2026-10-01,3\n" * 50,
    ],
    ids=["no rating", "one", "too old", "after the as-of day", "one account without a record"],
)
def test_where_there_is_too_little_to_go_by_nothing_is_said(write_dataset, perceptions):
    p = Portfolio(write_dataset(**SMALL, perceptions=perceptions), AS_OF)
    accounts = p.computed.perception_judgement.reindex(columns=["perception", "perception_gap"])
    tables = [p.reputations, p.views, p.meetings]
    departments = p.departments
    p.opened.engine.close()

    assert accounts.isna().all().all()
    assert all(table.empty for table in tables)
    assert departments.perception_gap.isna().all()


def test_ratings_count_from_the_policys_months_before_the_as_of_day_up_to_it(write_dataset):
    days = ["2025-04-30", "2025-05-01", "2026-10-31", "2026-11-01"]
    rows = "".join(f"c1,Sales,{day},{n + 1}\n" for n, day in enumerate(days))
    data = write_dataset(**SMALL, perceptions=f"customer_id,department,rated_on,difficulty\n{rows}")
    from analysis.topics.difficulty.measures.ratings import ratings

    p = Portfolio(data, AS_OF)
    found = ratings(p.opened.checked["perceptions"], p.window, 18)
    p.opened.engine.close()

    assert found.difficulty.tolist() == [2, 3]
