"""The page of one account: what it says by hand, whatever the data lacks and whatever the names hold."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from analysis import Portfolio, cli
from analysis.errors import UsageError
from analysis.exploring.buying import buying
from analysis.policy import Policy
from analysis.publishing.account_pages import BUDGET, brief, write_briefs
from analysis.publishing.pages import check_page
from analysis.publishing.publish import write_facts
from analysis.reporting.charts import AVERAGE, LETTER, Bar, waterfall
from analysis.topics.overview.account_page.find import find
from analysis.topics.overview.account_page.opening import _alternatives, _worth
from analysis.topics.overview.account_page.page import account_body, filed
from analysis.topics.overview.account_page.talk import talk
from analysis.topics.profitability.page import cuts
from tests.conftest import WriteDataset
from tests.pages import QUICK, seen, words, write_tables

HOSTILE = "<script>alert(1)</script>"
CUSTOMERS = f"""
customer_id,name,industry,account_manager,since
A1,Brandt Pumps,Tools,Ada,2020-03-01
B2,{HOSTILE},Tools,,
C3,"a"" onclick=""x()\u202e",Tools,Ben,2026-06-01
D4,Brandt Foods,Tools,Ben,
"""
SALES = """
transaction_id,customer_id,date,kind,list_amount,discount,cogs
1,A1,2025-11-10,sale,600,0,300
2,A1,2026-10-10,sale,400,0,200
3,B2,2026-01-10,sale,4000,0,2000
4,C3,2026-07-10,sale,1000,0,500
5,D4,2026-07-10,sale,5000,0,2500
"""
# A minute costs 1: A1 took 700 in October, D4 500 in May.
EVENTS = """
event_id,customer_id,at,activity,minutes
1,A1,2026-10-05T10:00:00,call,700
2,D4,2026-05-05T10:00:00,call,500
3,,2026-05-05T10:00:00,call,50
"""
COSTING = """
period = "year"
[resources.desk]
cost = 2000
capacity_minutes = 2000
[activities.call]
resource = "desk"
minutes = 10
"""


@pytest.fixture(scope="module")
def run(share_dataset: WriteDataset) -> Portfolio:
    data = share_dataset(customers=CUSTOMERS, transactions=SALES, service_events=EVENTS, costing=COSTING)
    return Portfolio(data, "2026-10-31", QUICK)


@pytest.fixture(scope="module")
def poor(share_dataset: WriteDataset) -> Portfolio:
    customers = "customer_id,name\n../../x,Only one\n"
    sale = "transaction_id,customer_id,date,kind,net_amount\n1,../../x,2026-07-10,sale,1000\n"
    return Portfolio(share_dataset(customers=customers, transactions=sale), "2026-10-31", QUICK)


def test_the_months_sum_to_the_account_and_each_is_right(run: Portfolio) -> None:
    months = run.table("margin_by_month")
    mine = months[months["customer_id"] == "A1"].set_index("month")["margin"]
    assert {f"{when:%Y-%m}": margin for when, margin in mine.items()} == {"2025-11": 300, "2026-10": 200 - 700}
    whole = months.groupby("customer_id")[["net_revenue", "gross_margin", "cost_to_serve"]].sum()
    accounts = run.accounts.set_index("customer_id")[["net_revenue", "gross_margin", "cost_to_serve"]]
    assert whole.round(4).equals(accounts.loc[whole.index].round(4))


def test_it_stands_beside_like_accounts_at_its_own_list_price(run: Portfolio) -> None:
    told = seen(brief(filed(run, "A1")))
    # The others sell 10,000, earn 5,000 gross and take 500: 0.45 of each unit, 450 on A1's 1,000; it loses 200 itself.
    assert "It loses 200 where like accounts earn 450" in told
    assert "Pays EUR 1.0 k a year and loses 200 net; like accounts would earn 450 on it" in told
    assert "customer since March 2020" in told
    assert "What must we do to never lose your business?" in told


def test_where_the_data_begins_late_in_the_window_nothing_is_told_as_a_years(poor: Portfolio) -> None:
    assert "Has paid EUR 1.0 k since July 2026" in seen(brief(filed(poor, "../../x")))
    front = words(poor, "executive")
    assert "twelve months to 31 October 2026; the data begins on 10 July 2026" in front
    assert "The margin of 1 account is not known: for too much of its EUR 1.0 k net revenue since 10 July 2026" in front


def test_months_before_the_data_begins_are_not_months_without_a_loss(share_dataset: WriteDataset) -> None:
    customers = "customer_id,name\nA,Firm A\nB,Firm B\n"
    sales = "transaction_id,customer_id,date,kind,net_amount,cogs\n"
    # A loses 10 in each of the four months that there are; the firm as a whole least in August.
    sales += "".join(f"a{n},A,2026-{n:02}-10,sale,90,100\n" for n in (7, 8, 9, 10))
    sales += "".join(f"b{n},B,2026-{n:02}-10,sale,{n},1{n}\n" for n in (7, 9, 10)) + "b8,B,2026-08-10,sale,8,8\n"
    run = Portfolio(share_dataset(customers=customers, transactions=sales), "2026-10-31", QUICK)
    told = seen(brief(filed(run, "A")))

    assert "It lost money in 4 of 4 months" in told and "began to lose" not in told
    assert "The best month was August 2026, the poorest October 2026" in words(run, "cuts")


def test_what_it_pays_is_told_of_the_time_that_it_was_a_customer_and_as_what_it_is(share_dataset: WriteDataset) -> None:
    customers = CUSTOMERS + "E5,Newcomer,Tools,Ada,2026-09-05\nF6,Returner,Tools,Ada,2020-01-01\n"
    sales = SALES + "6,F6,2026-01-10,sale,100,0,50\n7,F6,2026-02-10,return,-900,0,-400\n"
    events = EVENTS + "4,E5,2026-10-06T10:00:00,call,30\n"
    run = Portfolio(
        share_dataset(customers=customers, transactions=sales, service_events=events, costing=COSTING),
        "2026-10-31", QUICK,
    )  # fmt: skip
    assert "Has paid EUR 1.0 k since June 2026 and earns 500 net" in seen(brief(filed(run, "C3")))
    new = seen(brief(filed(run, "E5")))
    assert "Has bought nothing since September 2026 and loses 30 net" in new
    # Two months of which one lost money: it was no customer in the ten before.
    assert "It lost money in 1 of 2 months" in new
    assert "Ending it would have added since September 2026" in new
    assert "Was credited EUR 800 more than it bought in this window and loses 450 net" in seen(brief(filed(run, "F6")))


def test_one_that_is_as_like_accounts_is_told_so_and_one_that_comes_out_even_too(share_dataset: WriteDataset) -> None:
    names = "ABCDE"
    customers = "customer_id,name\n" + "".join(f"{who},Firm {who}\n" for who in names)
    head = "transaction_id,customer_id,date,kind,list_amount,discount,cogs\n"
    sales = head + "".join(f"{who},{who},2026-07-10,sale,1000,0,{1000 if who == 'E' else 600}\n" for who in names)
    even = Portfolio(share_dataset(customers=customers, transactions=sales), "2026-10-31", QUICK)
    # The others of A earn 400, 400, 400 and 0 of 1,000; those of E 400 each.
    assert "It earns 400 where like accounts earn 300" in seen(brief(filed(even, "A")))
    assert "comes out even; like accounts would earn 400 on it" in seen(brief(filed(even, "E")))
    assert "It comes out even where like accounts earn 400" in seen(brief(filed(even, "E")))
    alike = Portfolio(
        share_dataset(customers=customers, transactions=sales.replace(",1000\n", ",600\n")), "2026-10-31", QUICK
    )
    assert "It earns 400, as like accounts do" in seen(brief(filed(alike, "E")))


def test_of_one_that_has_left_there_is_no_talk_no_chance_of_leaving_and_nothing_to_end(
    share_dataset: WriteDataset,
) -> None:
    customers = CUSTOMERS.replace("since\n", "since,ended\n").replace("2020-03-01\n", "2020-03-01,2026-10-20\n")
    customers = (
        customers.replace("Tools,,\n", "Tools,,,\n")
        .replace("2026-06-01\n", "2026-06-01,\n")
        .replace("Ben,\n", "Ben,,\n")
    )
    data = share_dataset(customers=customers, transactions=SALES, service_events=EVENTS, costing=COSTING)
    gone = Portfolio(data, "2026-10-31", QUICK)
    told = seen(brief(filed(gone, "A1")))
    assert told.count("It has left") == 1
    for said in (
        "The talk",
        "never lose your business",
        "leaves within a year",
        "Ending it would",
        "as it is, at full",
    ):
        assert said not in told
    assert "Paid EUR 1.0 k in this window before it left and lost 200 net; like accounts would have earned 450" in told
    assert "What must we do to never lose your business?" in seen(brief(filed(gone, "D4")))


def test_every_page_is_fit_to_publish_whatever_the_name(run: Portfolio, tmp_path) -> None:
    places = write_briefs(run, tmp_path / "accounts", list(run.accounts["customer_id"]))
    assert sorted(place.name for place in places) == ["A1.html", "B2.html", "C3.html", "D4.html"]
    for place in places:
        html = place.read_text(encoding="utf-8")
        assert check_page(html, budget=BUDGET) == []
    soup = BeautifulSoup((tmp_path / "accounts" / "B2.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.h1.get_text() == soup.title.get_text() == HOSTILE


def test_of_next_to_nothing_it_says_what_is_not_known(poor: Portfolio, tmp_path) -> None:
    [place] = write_briefs(poor, tmp_path, ["../../x"])
    assert place.parent == tmp_path
    html = place.read_text(encoding="utf-8")
    assert "What it earns is not known" in seen(html)
    assert check_page(html, budget=BUDGET) == []


def test_of_one_whose_sales_are_not_recorded_no_cost_of_goods_is_missed(share_dataset: WriteDataset) -> None:
    cases = "case_id,customer_id,opened_at,promise_kept\n" + "".join(
        f"S{n},{'A1' if n else 'B2'},2026-10-{n + 1:02}T09:00:00,{'true' if n % 2 else 'false'}\n" for n in range(20)
    )
    data = share_dataset(customers="customer_id,name\nA1,Caller 1\nB2,Caller 2\n", cases=cases)
    told = seen(brief(filed(Portfolio(data, "2026-10-31", QUICK), "A1")))
    assert "What it pays is not recorded, so what it earns is not known." in told
    assert "Its margin is not known: no sales are recorded." in told
    assert "not measured" not in told and "goods" not in told


@pytest.mark.parametrize(("typed", "found"), [("A1", "A1"), ("brandt pumps", "A1"), ("pump", "A1"), (HOSTILE, "B2")])
def test_an_account_is_found_as_a_person_types_it(run: Portfolio, typed: str, found: str) -> None:
    assert find(run, typed) == found


def test_who_is_meant_by_several_or_by_none_is_asked_back(run: Portfolio) -> None:
    with pytest.raises(UsageError, match=r"2 accounts fit 'Brandt': A1 \(Brandt Pumps\); D4"):
        find(run, "Brandt")
    with pytest.raises(UsageError, match=r"Nearest: A1 \(Brandt Pumps\); D4"):
        find(run, "Brant")


@pytest.fixture(scope="module")
def finished(run: Portfolio, tmp_path_factory) -> Path:
    """Return a run's folder as `mutual-value run` leaves it, as far as briefs need it."""
    folder = tmp_path_factory.mktemp("finished")
    write_tables(run, folder / "tables")
    write_facts(run.facts, folder)
    return folder


def test_from_a_finished_run_the_commands_write_the_same_pages(
    run: Portfolio, finished: Path, tmp_path, capsys
) -> None:
    def call(*words: str) -> int:
        with pytest.raises(SystemExit) as ended:
            cli.main([*words, "--run", str(finished)])
        return int(ended.value.code or 0)

    assert call("statement", "--account", "", "--out", str(tmp_path / "nobody")) == 2
    assert "it is empty: give an account's id or name" in capsys.readouterr().err
    assert not (tmp_path / "nobody").exists()
    assert call("brief", "--account", "brandt pumps", "--out", str(tmp_path / "b")) == 0
    html = (tmp_path / "b" / "A1.html").read_text(encoding="utf-8")
    assert seen(html).split() == seen(brief(filed(run, "A1"))).split()
    assert call("brief", "--top", "2", "--out", str(tmp_path / "t")) == 0
    assert len(list((tmp_path / "t").iterdir())) == 2
    assert call("statement", "--account", "A1", "--out", str(tmp_path / "s")) == 0
    assert call("brief", "--all", "--out", str(finished / "briefs")) == 2
    assert call("brief", "--out", str(tmp_path / "n")) == 2
    (finished / "tables" / "next_steps.parquet").unlink()
    capsys.readouterr()
    assert call("brief", "--all", "--out", str(tmp_path / "o")) == 2
    assert "has no table next_steps" in capsys.readouterr().err


def test_the_notebook_shows_what_the_page_shows(run: Portfolio) -> None:
    assert sorted(words(run, "account").split()) == sorted(seen(account_body(filed(run))).split())


def test_a_waterfall_hangs_each_bar_where_the_last_one_ended() -> None:
    bars = [Bar("List", 0, 100, "100", total=True), Bar("Goods", 100, 60, "-40"), Bar("Net", 0, 60, "60", total=True)]
    wide = BeautifulSoup(waterfall(bars, "A waterfall"), "html.parser").select_one(".wide")
    boxes = [(float(r["x"]), float(r["width"])) for r in wide.find_all("rect")]
    (left, list_wide), (goods, goods_wide), (net, net_wide) = boxes
    assert goods + goods_wide == pytest.approx(left + list_wide, abs=0.11)
    assert (net, net_wide) == (left, pytest.approx(0.6 * list_wide, abs=0.11))
    assert goods == pytest.approx(net + net_wide, abs=0.11)


def test_on_a_phone_no_word_of_a_waterfall_lies_on_another_and_no_line_runs_through_one() -> None:
    beside = "like accounts \N{MINUS SIGN}121 k"
    bars = [
        Bar("List price", 0, 2.44, "2.44 M", total=True),
        Bar("Account management", 2.44, 0.9, "\N{MINUS SIGN}1.54 M", beside),
        Bar("Net margin", 0, -3.98, "\N{MINUS SIGN}3.98 M", beside, total=True),
    ]
    narrow = BeautifulSoup(waterfall(bars, "A waterfall"), "html.parser").select_one(".narrow")
    texts, letter = narrow.find_all("text"), LETTER * AVERAGE
    for label, said in zip(texts[::2], texts[1::2], strict=True):
        assert len(label.get_text()) * letter < float(said["x"]) - len(said.get_text()) * letter
    for line in narrow.select("path.zero"):
        top, bottom = (float(y) for y in re.findall(r"[ML][-\d.]+ ([-\d.]+)", line["d"]))
        assert all(not top < float(text["y"]) < bottom for text in texts)


@pytest.mark.parametrize(("rule", "asked"), [("plan", True), ("ours_first", False)])
def test_of_an_account_that_we_fail_nothing_is_asked_but_where_we_let_it_down(rule: str, asked: bool) -> None:
    gap = {"kind": "both", "questions": "Which price would be fair?"}
    short = {"kind": "under", "questions": "Which part of it matters most?"}
    late = {"behaviour": "late_payment", "difficulty_points": 20.0}
    reasons = [{"driver": "over_service", "amount": 4.0}, {"driver": "returns", "amount": 8.0}]
    tables = {"expectations": [gap, short], "behaviours": [late], "reasons": reasons}
    file = SimpleNamespace(
        has_left=False, step={"rule": rule}, account={"account_manager": "Ada", "net_margin": -9.0}, customer_id="A",
        rows=lambda table: tables.get(table, []), row=lambda table: {},
    )  # fmt: skip
    told = seen(str(talk(file)))
    assert "Which part of it matters most?" in told
    assert ("Which price would be fair?" in told, "pay it on its day" in told) == (asked, asked)
    assert ("Much comes back or is credited" in told) is asked
    assert ("Where did we let you down most" in told) is not asked
    file.account["net_margin"] = 9.0
    assert "Much comes back" not in seen(str(talk(file)))


def test_where_no_list_price_is_known_none_is_named_and_the_months_have_their_amounts(share_dataset) -> None:
    trades = zip("ABCDE", "xxyyy", strict=True)
    customers = "customer_id,name,industry\n" + "".join(f"{who},Firm {who},{trade}\n" for who, trade in trades)
    head = "transaction_id,customer_id,date,kind,net_amount,cogs\n"
    sales = "".join(f"{w}{n},{w},2026-0{n}-10,sale,{1000 * n},400\n" for w in "ABCDE" for n in (7, 8, 9))
    run = Portfolio(share_dataset(customers=customers, transactions=head + sales), "2026-10-31", QUICK)
    told = seen(brief(filed(run, "A")))
    assert "list price" not in told.lower()
    # 7,000 to 9,000 less 400; nothing in the other months. Nobody rates anybody: nothing is said of it.
    assert "to win, 0 to 8.6 k a month; write-offs" in told
    assert "people rated it" not in told
    where = seen(str(cuts.opening(run)) + str(cuts.by_cut(run)))
    assert "the work of serving is not recorded" in where
    assert "red: cost to serve" not in where and "The first two overlap" not in where
    card = " ".join(f"{seen(run.account('Firm A')._repr_html_())} {seen(run._repr_html_())}".split())
    assert card.count("Cost to serve not measured") == 2
    assert "Segment Profitable Next step" in card
    with pytest.raises(UsageError, match="No account here has sales with an order"):
        buying(run)


@pytest.mark.parametrize(
    ("rule", "adds", "told"),
    [
        ("plan", 30.0, "The chosen step adds more"),
        ("plan", 90.0, "It would use hours that add more elsewhere"),
        ("person", 90.0, "A person decided otherwise"),
        ("protect", 90.0, "What keeps it comes first"),
        ("person", -5.0, "It is expected to take more than it adds"),
    ],
)
def test_why_another_step_is_not_taken_agrees_with_what_each_adds(rule: str, adds: float, told: str) -> None:
    other = {"action": "reprice", "in_words": "Prices up", "value": adds, "low": 1.0, "high": 99.0, "why_not": ""}
    file = SimpleNamespace(
        step={"rule": rule, "step": "talk", "steps": "talk", "value": 40.0}, currency="EUR",
        rows=lambda table: [other], run=SimpleNamespace(policy=Policy()),
    )  # fmt: skip
    assert told in seen(str(_alternatives(file)))


@pytest.mark.parametrize(
    ("cash", "told"), [(40.0, "EUR 100, 40 of it cash"), (130.0, "EUR 100; in cash 130"), (-20.0, "in cash it costs")]
)
def test_cash_is_a_part_of_the_worth_only_where_it_is_no_more(cash: float, told: str) -> None:
    step = {"step": "reprice", "value": 100.0, "value_low": None, "value_high": None, "cash": cash}
    assert told in str(_worth(SimpleNamespace(currency="EUR"), step)).replace("\N{NO-BREAK SPACE}", " ")
