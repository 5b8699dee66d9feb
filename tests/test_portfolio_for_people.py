"""What an analyst asks of a portfolio: what it is, one account through, who would move under another policy."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.data.contract import OUTPUTS
from analysis.errors import UsageError

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
