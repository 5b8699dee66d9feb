"""What an analyst asks of a portfolio: what it is, one account through, who would move under another policy."""

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.data.contract import OUTPUTS
from analysis.errors import DataError, PolicyError, UsageError
from analysis.exploring import Explorer, shown

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
ONE = "C00012"


@pytest.fixture(scope="module")
def portfolio():
    return Portfolio(SAMPLE, "2026-10-31")


@pytest.fixture(scope="module")
def read(sample_run):
    return Portfolio(tables=sample_run)


def test_every_table_of_the_contract_is_an_attribute_and_is_completed(portfolio):
    assert {*OUTPUTS} <= {*dir(portfolio)}
    assert {*OUTPUTS} == {*dir(portfolio.tables)}
    assert type(portfolio).whale.__doc__ == OUTPUTS["whale"].doc


def test_a_misspelt_table_is_answered_with_the_nearest(portfolio):
    with pytest.raises(UsageError, match=r"no table 'acounts'. Is it accounts"):
        portfolio.table("acounts")


@pytest.mark.slow
def test_the_work_of_one_account_costs_what_its_statement_says(portfolio):
    work = portfolio.computed.ledger.accounts.set_index("customer_id").loc[ONE]
    one = portfolio.account(ONE)

    assert one.work.cost.sum() == pytest.approx(work.cost_to_serve + work.cost_to_obtain)
    assert one.lines.net.sum() == pytest.approx(work.net_revenue)
    assert one.orders.margin.sum() <= one.orders.gross_margin.sum()
    assert (one.service_gaps.customer_id == ONE).all()


def test_an_account_is_found_by_a_part_of_its_name_and_answered_with_the_nearest(read):
    name = read.accounts.set_index("customer_id").name[ONE]

    assert read.account(name[:18]).customer_id == ONE
    with pytest.raises(UsageError, match=f"Nearest: {ONE}"):
        read.account(name[:-1] + "x")


def test_an_account_of_a_finished_run_has_its_tables_and_says_why_no_lines(read):
    one = read.account(ONE)

    assert len(one.next_steps) == 1
    with pytest.raises(UsageError, match="read from a run's tables"):
        _ = one.lines


def test_who_moves_is_told_with_both_figures_and_the_keys_that_moved_the_line(portfolio):
    before = portfolio.judged.set_index("customer_id")
    moved = portfolio.compare(portfolio.with_policy({"segments": {"profit_threshold": 1_000.0}}))

    assert {*moved.judgement} == {"segment"}
    expected = before.index[(before.running_margin >= 0) & (before.running_margin < 1_000)]
    assert {*moved.customer_id} == {*expected}
    assert (moved.figure_before == moved.figure_after).all()
    assert (moved.why == "the line moved: segments.profit_threshold 0.0 -> 1000.0").all()
    assert portfolio.compare(portfolio).empty


COSTED = {
    "customers": "customer_id,name\nc1,A\nc2,B\n",
    "transactions": "transaction_id,customer_id,date,kind,net_amount,cogs\n"
    "t1,c1,2026-10-01,sale,100,50\nt2,c2,2026-10-01,sale,100,50\n",
    "service_events": "event_id,customer_id,at,activity,pages\ne1,c1,2026-10-02T10:00,call,3\n",
    "costing": 'period = "month"\n[resources.desk]\ncost = 600\ncapacity_minutes = 600\n'
    '[activities.call]\nresource = "desk"\nminutes = 40\n',
}


def test_at_other_costs_the_rows_are_not_read_again_unless_they_would_say_something_else(write_dataset):
    p = Portfolio(write_dataset(**COSTED), "2026-10-31", {"window": {"months": 1}})
    p.judged  # noqa: B018 - what is known before must not stand in for what it is at other costs
    dearer = p.with_costing({"resources": {"desk": {"cost": 1_200.0}}})
    longer = dearer.with_costing({"activities": {"call": {"per": {"pages": 10.0}}}})

    cost, kept = [{"c1": c, "c2": 0.0} for c in (40.0, 80.0, 140.0)], [p, dearer, longer]
    assert [one.judged.set_index("customer_id").cost_to_serve.to_dict() for one in kept] == cost
    assert dearer.opened.checked is p.opened.checked
    assert longer.opened.checked is not p.opened.checked
    [moved] = p.compare(dearer).query("judgement == 'segment'").to_dict("records")
    assert (moved["customer_id"], moved["figure_before"], moved["figure_after"]) == ("c1", 10.0, -30.0)
    assert moved["why"] == "resources.desk.cost 600.0 -> 1200.0"
    # A threshold that is moved then, too, leaves the costs as they were set.
    both = dearer.with_policy({"segments": {"profit_threshold": -30.0}})
    assert p.compare(both).query("judgement == 'segment'").empty
    for one in (p, longer):
        one.opened.engine.close()


def test_a_costing_that_cannot_be_is_told_as_in_its_file(write_dataset, read):
    p = Portfolio(write_dataset(**COSTED), "2026-10-31", {"window": {"months": 1}})
    wrong = {"resources": {"desk": {"cost": -1}}, "activities": {"call": {"resource": "desk"}}}
    with pytest.raises(DataError, match=r"resources\.desk\.cost"):
        p.with_costing(wrong)
    with pytest.raises(DataError, match="Known here: desk"):
        p.with_costing({"activities": {"call": {"resource": "dock"}}})
    with pytest.raises(UsageError, match=r"no resource 'dsk' to change\. Known: desk"):
        p.with_costing({"resources": {"dsk": {"cost": 1}}})
    with pytest.raises(DataError, match="no such column"):
        p.with_costing({"activities": {"call": {"per": {"miles": 2.0}}}})
    with pytest.raises(UsageError, match="read from a run's tables"):
        read.with_costing({})
    p.opened.engine.close()
    sold = {name: COSTED[name] for name in ("customers", "transactions")}
    bare = Portfolio(write_dataset("bare", **sold), "2026-10-31")
    with pytest.raises(UsageError, match=r"no costing\.toml"):
        bare.with_costing({})
    bare.opened.engine.close()


def test_a_portfolio_shows_its_window_its_totals_and_every_table_and_escapes_what_the_data_says(read, write_dataset):
    shown = read._repr_html_()
    for words in ("2025-11-01 to 2026-10-31", "Net margin", ".whale", "Rows"):
        assert words in shown
    hostile = write_dataset(
        customers='customer_id,name\nc1,"<script>alert(1)</script>"\n',
        transactions="transaction_id,customer_id,date,kind,list_amount,cogs\nt1,c1,2026-10-01,sale,10,5\n",
    )
    p = Portfolio(hostile, "2026-10-31")
    assert "<script>" not in p._repr_html_() + p.account("c1")._repr_html_()
    assert "`cases`" in p._repr_html_()
    p.opened.engine.close()


def test_a_policy_may_be_a_path(write_dataset, tmp_path):
    (tmp_path / "other.toml").write_text("[segments]\nprofit_threshold = 7.0\n")
    data = write_dataset(
        customers="customer_id,name\nc1,One\n",
        transactions="transaction_id,customer_id,date,kind,list_amount,cogs\nt1,c1,2026-10-01,sale,10,5\n",
    )
    p = Portfolio(data, "2026-10-31", tmp_path / "other.toml")
    assert p.policy.segments.profit_threshold == 7.0
    assert p.judged.segment.tolist() == ["unprofitable_low_demand"]
    p.opened.engine.close()


def test_an_id_is_found_in_any_case_and_an_account_is_meant_by_text(read):
    assert read.account(" c00012 ").customer_id == "C00012"
    for wrong in (7, ["C00012"]):
        with pytest.raises(UsageError, match="as text, not by"):
            read.account(wrong)


def test_a_wrong_call_says_how_it_is_right(portfolio):
    calls = {
        "give the folder of a dataset": lambda: Portfolio(None),
        "is no change of settings: give it nested": lambda: portfolio.with_policy(None),
        "no change of settings": lambda: Portfolio(SAMPLE, policy=["window"]),
        "There is no table None": lambda: portfolio.table(None),
        "the data begins on": lambda: Portfolio(SAMPLE, "2010-10-31"),
        "compared with another": lambda: portfolio.compare(None),
        "No account of this window has the id or the name 'C99999'": lambda: portfolio.what_if("reprice", "C99999"),
        "A frame is shown": lambda: shown("accounts", portfolio),
    }
    for words, call in calls.items():
        with pytest.raises(UsageError, match=words):
            call()
    with pytest.raises(PolicyError, match=r"Write it nested: \{'window': \{'months': \.\.\.\}\}\."):
        Portfolio(SAMPLE, policy={"window.months": 6})


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"window": 24}, r"policy\.toml\.window: this is a section.*Known here: allow_beyond, months\."),
        ({"window": {"months": "12"}}, r"this is not a whole number\. Write it in figures, without quotes"),
        ({"over_service": {"amount": "5.000"}}, r"this is not a number\. .*with a point"),
        ({"currency": "usd"}, r"Write three capitals, as EUR\.\n +'usd'"),
        ({"peers": {"by": ["sector"]}}, r"this must be 'industry', 'region'"),
        ({"plan": {"quarters": 9}}, r"this must be less than or equal to 8"),
    ],
)
def test_a_wrong_value_is_told_in_words_of_a_settings_file(policy, words):
    with pytest.raises(PolicyError, match=words) as stopped:
        Portfolio(SAMPLE, policy=policy)
    assert not re.search(r"valid|instance|Policy\b", str(stopped.value).partition("\n")[2])


def test_what_is_wrong_between_keys_is_told_without_a_dump_of_them(portfolio):
    with pytest.raises(PolicyError) as stopped:
        portfolio.with_policy({"actions": {"reprise": {"share": 0.1}}})
    assert "there is no step 'reprise'" in str(stopped.value)
    assert "{" not in str(stopped.value)


@pytest.mark.parametrize(
    ("costing", "words"),
    [
        ({"activities": {"site_visits": {"minutes": 1.0}}}, "There is no activity 'site_visits' to change. Known: "),
        ({"resources": {"field_taem": {"cost": 45_000.0}}}, "There is no resource 'field_taem' to change. Known: "),
        ({"resources": 3}, "this is a section, and takes no value of its own"),
    ],
)
def test_other_costs_of_what_there_is_not_are_told(portfolio, costing, words):
    with pytest.raises((UsageError, DataError), match=words):
        portfolio.with_costing(costing)


def test_an_explorer_of_a_read_run_asks_for_its_dataset(read):
    with pytest.raises(UsageError, match="name its dataset, as Explorer"):
        Explorer(read)


@pytest.mark.parametrize("nobody", ["", " ", None, float("nan")])
def test_nobody_named_is_nobody(read, nobody):
    with pytest.raises(UsageError, match="by its id or its name, as text"):
        read.account(nobody)


def test_of_a_read_run_the_inputs_are_those_of_its_record(read):
    lines = next(one for one in read.inputs if one["table"] == "transactions")
    with (SAMPLE / "transactions.csv").open(encoding="utf-8") as file:
        assert lines["rows"] == sum(1 for _ in file) - 1


def test_of_a_read_run_an_account_lists_no_rows_that_only_its_data_has(read, portfolio):
    assert ".lines" not in read.account(ONE)._repr_html_()
    assert ".lines" in portfolio.account(ONE)._repr_html_()


def test_of_the_folder_that_runs_land_in_the_latest_is_named(tmp_path):
    (tmp_path / "latest").mkdir()
    with pytest.raises(UsageError, match=r"it has no run\.json\. Give .*latest, or another run beside it"):
        Portfolio(tables=tmp_path)


def test_a_notebook_finds_a_run_of_the_folder_above_it(tmp_path, monkeypatch, sample_run):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "latest").symlink_to(sample_run)
    monkeypatch.chdir(tmp_path / "notebooks")
    # Word for word as docs/first-day.md and notebooks/start.ipynb have it.
    assert len(Portfolio(tables="reports/latest").accounts) == 130
    for gone, hint in {"reports/2020-01-31": "latest, or another run", "reports/latest/tables": "latest, or"}.items():
        with pytest.raises(UsageError, match=rf"Give .*{hint}"):
            Portfolio(tables=gone)


def test_what_if_takes_an_account_by_its_id_or_its_name(portfolio):
    rows = portfolio.accounts.query("customer_id == 'C00012'")
    one = portfolio.what_if("reprice", "C00012", accepts=0.9)
    assert one.equals(portfolio.what_if("reprice", [rows.name.iloc[0]], accepts=0.9))
    assert one.customer_id.tolist() == ["C00012"]


def test_names_stand_beside_ids(read):
    rows = read.named(read.reasons)
    assert [*rows][:2] == ["customer_id", "name"]
    pd.testing.assert_series_equal(
        rows.name, rows.customer_id.map(read.accounts.set_index("customer_id").name), check_names=False
    )


def test_an_error_in_a_notebook_is_the_sentence_alone(read):
    with pytest.raises(UsageError) as told:
        read.table("x")
    assert told.value._render_traceback_() == str(told.value).splitlines()
