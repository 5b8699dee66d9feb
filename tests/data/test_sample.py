"""The sample's worlds: the same for the same arguments, sound by the contract, and with their truth in them."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.cli import main
from sample_firms import make_sample
from sample_firms.write import TABLES

REQUIRED = {
    "customers": {"customer_id", "name"},
    "transactions": {"transaction_id", "customer_id", "date", "kind"},
    "service_events": {"event_id", "at", "activity"},
    "cases": {"case_id", "customer_id", "opened_at"},
    "case_updates": {"case_id", "at"},
    "contracts": {"contract_id", "customer_id", "starts", "ends", "monthly_fee"},
    "service_levels": {"customer_id", "attribute", "basis"},
    "invoices": {"invoice_id", "customer_id", "issued", "due", "amount"},
    "payments": {"invoice_id", "on", "amount"},
    "perceptions": {"customer_id", "department", "rated_on", "difficulty"},
    "surveys": {"customer_id", "asked_on"},
    "mentions": {"customer_id", "on", "sentiment", "reach"},
    "bookings": {"booking_id", "customer_id", "rep", "on", "amount"},
    "assignments": {"customer_id", "person", "role", "from"},
    "actions_taken": {"customer_id", "action", "on"},
    "overrides": {"customer_id", "judgement", "value", "reason", "by", "until"},
}
WINDOW = ("2025-11-01", "2026-10-31T23:59:59")


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def numbers(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column.replace("", np.nan))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample(tmp_path_factory.mktemp("sample") / "world", seed=7, accounts=150)


@pytest.fixture(scope="module")
def truth(world: Path) -> pd.DataFrame:
    return read(world / "truth", "accounts")


def net(transactions: pd.DataFrame) -> pd.Series:
    listed = numbers(transactions["list_amount"]) - numbers(transactions["discount"])
    return listed.fillna(numbers(transactions["net_amount"]))


def test_the_same_seed_gives_the_same_bytes(world: Path, tmp_path: Path) -> None:
    assert contents(make_sample(tmp_path / "again", seed=7, accounts=150)) == contents(world)


def test_another_seed_gives_another_world(world: Path, tmp_path: Path) -> None:
    other, first = contents(make_sample(tmp_path / "other", seed=8, accounts=150)), contents(world)
    assert all(other[f"{name}.csv"] != first[f"{name}.csv"] for name in TABLES)


@pytest.mark.parametrize("table", REQUIRED)
def test_every_table_of_the_contract_is_there_with_its_required_columns(world: Path, table: str) -> None:
    frame = read(world, table)
    assert len(frame) > 0
    assert REQUIRED[table] <= set(frame.columns)
    for column in REQUIRED[table]:
        assert (frame[column] != "").all(), column


def test_the_committed_size_stays_under_five_megabytes(world: Path) -> None:
    assert sum(map(len, contents(world).values())) < 5_000_000


def test_keys_are_unique_and_references_known(world: Path) -> None:
    tables = {name: read(world, name) for name in TABLES}
    keys = {"customers": "customer_id", "transactions": "transaction_id", "service_events": "event_id"}
    keys |= {"cases": "case_id", "contracts": "contract_id", "invoices": "invoice_id", "bookings": "booking_id"}
    for table, key in keys.items():
        assert tables[table][key].is_unique, table
    known = {*tables["customers"]["customer_id"], ""}
    for name, frame in tables.items():
        if "customer_id" in frame and name != "service_events":
            assert set(frame["customer_id"]) <= known, name
    assert set(tables["customers"]["referred_by"]) <= known
    assert set(tables["case_updates"]["case_id"]) <= set(tables["cases"]["case_id"])
    assert set(tables["payments"]["invoice_id"]) <= set(tables["invoices"]["invoice_id"])
    assert set(tables["service_events"]["case_id"]) <= {*tables["cases"]["case_id"], ""}
    assert set(tables["transactions"]["invoice_id"]) >= set(tables["invoices"]["invoice_id"])


def test_amounts_have_the_signs_that_the_contract_asks_for(world: Path) -> None:
    rows = read(world, "transactions")
    sale = rows["kind"] == "sale"
    assert (net(rows)[~sale] <= 0).all()
    assert set(rows["kind"]) == {"sale", "return", "credit", "rebate"}
    assert (numbers(rows["discount"])[sale].dropna() >= 0).all()
    assert (rows["cogs"] != "").all()
    assert (numbers(read(world, "service_events")["minutes"]).dropna() >= 0).all()


def test_dates_are_in_order(world: Path) -> None:
    pairs = {
        "customers": [("since", "ended")],
        "contracts": [("starts", "ends")],
        "invoices": [("issued", "due"), ("issued", "paid")],
        "cases": [
            ("opened_at", "first_response_at"),
            ("first_response_at", "resolved_at"),
            ("opened_at", "needed_by"),
            ("opened_at", "promised_at"),
        ],
        "assignments": [("from", "to")],
    }
    for table, columns in pairs.items():
        frame = read(world, table)
        for first, then in columns:
            both = (frame[first] != "") & (frame[then] != "")
            assert (frame[first][both] <= frame[then][both]).all(), (table, first, then)
    for table, column in (("transactions", "date"), ("service_events", "at"), ("cases", "resolved_at")):
        assert read(world, table)[column].max() <= WINDOW[1], table


def test_work_lies_in_the_days_on_which_the_account_was_a_customer(world: Path) -> None:
    customers = read(world, "customers").set_index("customer_id")
    events = read(world, "service_events")
    own = events[events["customer_id"].isin(customers.index)]
    since, ended = (own["customer_id"].map(customers[name]) for name in ("since", "ended"))
    day = own["at"].str[:10]
    assert (day >= since).all()
    assert ((day <= ended) | (ended == "")).all()


def test_the_books_tie_to_the_window(world: Path) -> None:
    control = tomllib.loads((world / "costing.toml").read_text())["control"]
    rows = read(world, "transactions")
    inside = rows["date"].between(WINDOW[0], WINDOW[1])
    assert net(rows)[inside].sum() == pytest.approx(control["revenue"], rel=0.003)
    assert numbers(rows["cogs"])[inside].sum() == pytest.approx(control["cogs"], rel=0.003)


def test_the_policy_spells_out_six_service_attributes_over_known_activities(world: Path) -> None:
    policy = tomllib.loads((world / "policy.toml").read_text())
    costing = tomllib.loads((world / "costing.toml").read_text())
    assert len(policy["service"]) == 6
    for attribute in policy["service"].values():
        assert set(attribute.get("activities", [])) <= set(costing["activities"])
    assert set(read(world, "service_levels")["attribute"]) <= set(policy["service"])
    assert set(read(world, "customers")["tier"]) <= {*policy["tiers"], ""}


@pytest.mark.parametrize("accounts", [150, pytest.param(1_000, marks=pytest.mark.slow)])
def test_capacity_fits_the_work_at_any_size(tmp_path: Path, accounts: int) -> None:
    folder = make_sample(tmp_path / "firm", accounts=accounts)
    costing = tomllib.loads((folder / "costing.toml").read_text())
    events = read(folder, "service_events")
    inside = events[events["at"].between(WINDOW[0], WINDOW[1])]
    resource = inside["activity"].map({name: item["resource"] for name, item in costing["activities"].items()})
    logged = numbers(inside["minutes"]).groupby(resource).sum()
    for name, item in costing["resources"].items():
        # A fifth of the work is not logged and costed by its time equation.
        assert 0.45 < logged[name] / (4 * item["capacity_minutes"]) < 0.85, name


def test_over_served_accounts_get_more_than_is_due(world: Path, truth: pd.DataFrame) -> None:
    stated = truth[(truth["levels_stated"] == "true") & (truth["in_window"] == "true")]
    over = stated["over_served"] == "true"
    cost = numbers(stated["over_cost"])
    assert over.sum() >= 15
    assert cost[over].median() > 1_500
    assert cost[~over].quantile(0.95) < 1_000


def test_difficult_accounts_ask_at_short_notice_and_dispute_more(world: Path, truth: pd.DataFrame) -> None:
    cases = read(world, "cases")
    cases = cases[(cases["needed_by"] != "") & (cases["opened_at"] >= WINDOW[0])]
    notice = (pd.to_datetime(cases["needed_by"]) - pd.to_datetime(cases["opened_at"])).dt.total_seconds() / 86_400
    short = (notice < 1.4).groupby(cases["customer_id"]).mean()
    rushing = truth.loc[truth["difficult_archetype"] == "rush", "customer_id"]
    calm = truth.loc[truth["difficult"] == "false", "customer_id"]
    assert short.reindex(rushing).mean() > 3 * short.reindex(calm).mean()
    invoices = read(world, "invoices")
    rejected = (invoices["dispute_outcome"] == "rejected").groupby(invoices["customer_id"]).mean()
    arguing = truth.loc[truth["difficult_archetype"] == "disputes", "customer_id"]
    assert rejected.reindex(arguing).mean() > 5 * rejected.reindex(calm).mean()


def test_accounts_made_difficult_by_us_are_not_difficult(truth: pd.DataFrame) -> None:
    ours = truth[truth["made_by_us"] == "true"]
    assert len(ours) >= 5
    assert (ours["difficult"] == "false").all()
    assert (numbers(ours["difficulty_ours"]) > 0.5).all()
    assert numbers(ours["trouble"]).median() > numbers(truth["trouble"]).quantile(0.7)


def test_reputations_show_in_the_ratings(world: Path, truth: pd.DataFrame) -> None:
    ratings = read(world, "perceptions")
    mean = numbers(ratings["difficulty"]).groupby(ratings["customer_id"]).mean()
    by_label = mean.groupby(truth.set_index("customer_id")["perception"]).mean()
    assert set(truth["perception"]) == {"fair", "unfairly_labelled", "quietly_difficult", ""}
    assert by_label["unfairly_labelled"] > by_label["fair"] + 1.0


def test_odd_names_and_ids_are_in_it(world: Path) -> None:
    customers = read(world, "customers")
    assert "007" in set(customers["customer_id"])
    for part in ("ü", "&", "'", '"', ","):
        assert customers["name"].str.contains(part, regex=False).any(), part


def test_nobody_is_over_served_where_that_is_switched_off(tmp_path: Path) -> None:
    truth = read(make_sample(tmp_path / "world", accounts=300, over_served=False) / "truth", "accounts")
    assert (truth["over_served"] == "false").all()
    assert (numbers(truth["planted_excess"]) < 1_000).all()
    assert (truth["difficult"] == "true").any()


def test_nobody_is_difficult_where_that_is_switched_off(tmp_path: Path) -> None:
    truth = read(make_sample(tmp_path / "world", accounts=300, difficult=False) / "truth", "accounts")
    assert (truth["difficult"] == "false").all()
    assert (truth["made_by_us"] == "true").any()
    assert (truth["over_served"] == "true").any()


def test_without_structure_there_are_labels_but_no_archetypes(tmp_path: Path) -> None:
    truth = read(make_sample(tmp_path / "world", accounts=300, structure=False) / "truth", "accounts")
    assert (truth["over_served"] == "true").any()
    assert (truth["difficult"] == "true").any()
    assert (truth[["over_served_archetype", "difficult_archetype"]] == "").all(axis=None)


def test_more_noise_leaves_more_accounts_without_a_level(tmp_path: Path) -> None:
    stated = {}
    for noise in (0.0, 3.0):
        truth = read(make_sample(tmp_path / str(noise), accounts=600, noise=noise) / "truth", "accounts")
        stated[noise] = (truth["levels_stated"] == "true").mean()
    assert stated[3.0] < stated[0.0] - 0.05


@pytest.mark.parametrize("accounts", [1, 2, 9])
def test_the_smallest_firms_work(tmp_path: Path, accounts: int) -> None:
    folder = make_sample(tmp_path / "tiny", accounts=accounts)
    assert len(read(folder, "customers")) == accounts
    for name, columns in TABLES.items():
        assert list(read(folder, name).columns) == list(columns)


def test_parquet_holds_the_same_rows_with_their_types(world: Path, tmp_path: Path) -> None:
    folder = make_sample(tmp_path / "world", seed=7, accounts=150, file_format="parquet")
    for name in TABLES:
        assert len(pd.read_parquet(folder / f"{name}.parquet")) == len(read(world, name)), name
    events = pd.read_parquet(folder / "service_events.parquet")
    assert events["at"].dtype == "datetime64[us]"


@pytest.mark.slow
def test_rows_grow_with_the_accounts(world: Path, tmp_path: Path) -> None:
    small = sum(len(read(world, name)) for name in TABLES)
    large = make_sample(tmp_path / "large", accounts=3_000)
    rows = sum(len(read(large, name)) for name in TABLES)
    assert 25_000 < small < 40_000
    assert rows == pytest.approx(20 * small, rel=0.15)


def test_the_truth_explains_itself(world: Path) -> None:
    facts = json.loads((world / "truth" / "world.json").read_text())
    assert facts["seed"] == 7
    assert facts["window_starts"] == "2025-11-01"
    text = (world / "truth" / "README.md").read_text()
    for column in read(world / "truth", "accounts").columns:
        assert column in text, column


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"accounts": 0}, "accounts"), ({"noise": -1.0}, "noise"), ({"file_format": "xlsx"}, "file_format")],
)
def test_wrong_arguments_are_named(tmp_path: Path, wrong: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_sample(tmp_path / "world", **wrong)


def test_a_firm_is_invented_over_an_invented_one_and_over_nothing_else(tmp_path: Path) -> None:
    """`--out` that names the folder of real data must not write over it."""
    real = tmp_path / "real"
    real.mkdir()
    (real / "customers.csv").write_text("customer_id,name\n007,Alder\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["sample", "--out", str(real), "--accounts", "3"])
    assert ended.value.code == 2
    assert [(path.name, path.read_text("utf-8")) for path in real.iterdir()] == [
        ("customers.csv", "customer_id,name\n007,Alder\n")
    ]

    for seed in ("1", "2"):
        with pytest.raises(SystemExit) as ended:
            main(["sample", "--out", str(tmp_path / "new"), "--accounts", "3", "--seed", seed])
        assert ended.value.code == 0
    assert json.loads((tmp_path / "new" / "truth" / "world.json").read_text())["seed"] == 2
