"""Words that are true: rules over every sentence of every page, on data of many shapes, and one test a falsehood."""

import re

import pytest

from analysis import Portfolio
from analysis.reporting import drawing
from analysis.reporting.markup import element
from tests.pages import FEWEST, QUICK, all_words, seen, written

AS_OF = "2026-09-30"
COSTING = """
period = "year"
[resources.desk]
cost = 12000
capacity_minutes = 60000
uncertainty = 0.1
[activities.help]
resource = "desk"
minutes = 20
[activities.repair]
resource = "desk"
minutes = 30
demand = "failure"
"""
#: Without numbers in them, which a count before them would be read with.
NAMES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Hazel", "Larch", "Maple")
ACCOUNTS = len(NAMES)


def months(first: int, last: int):
    """The months from so many before the as-of day's to so many before it, as year and month."""
    for back in range(first, last - 1, -1):
        yield divmod(2026 * 12 + 8 - back, 12)


def customers(accounts: int) -> str:
    rows = [f"A{i},{NAMES[i]},2023-01-01," for i in range(accounts)]
    return "customer_id,name,since,ended\n" + "\n".join([*rows, "IDLE,Silent account,2020-01-01,"]) + "\n"


def transactions(accounts: int, *, goods: str = "all", back: int = 30) -> str:
    rows = ["transaction_id,customer_id,date,kind,list_amount,discount,cogs,order_id"]
    for i in range(accounts):
        for year, month in months(back, 0):
            key = f"A{i}x{year}x{month + 1:02d}"
            cogs = 90 + 30 * (i % 3) if goods == "all" or (goods == "some" and i < 3) else ""
            rows.append(f"{key},A{i},{year}-{month + 1:02d}-05,sale,{200 + i},{i},{cogs},O{key}")
    return "\n".join(rows) + "\n"


def flag(value: bool) -> str:
    return "true" if value else "false"


def events(accounts: int) -> str:
    rows = ["event_id,customer_id,at,activity,minutes,case_id,after_hours,rush,requested,in_scope"]
    for i in range(accounts):
        for year, month in months(30, 0):
            for n in range(1 + i % 4):
                key, day = f"{i}x{year}x{month + 1:02d}x{n}", f"{year}-{month + 1:02d}-{10 + n:02d}T1{n}:00:00"
                what, minutes = ("repair" if n == 2 else "help"), ("" if n else 60 + i)
                late, asked = flag(n == 1), flag(n != 1)
                rows.append(f"E{key},A{i},{day},{what},{minutes},K{key},{late},false,true,{asked}")
    return "\n".join(rows) + "\n"


def cases(accounts: int, *, promised: bool = True) -> str:
    rows = ["case_id,customer_id,opened_at,first_response_at,resolved_at,promised_at,reopened,escalated,satisfaction"]
    for i in range(accounts):
        for year, month in months(30, 0):
            for n in range(1 + i % 4):
                day = f"{year}-{month + 1:02d}-{10 + n:02d}"
                promise = f"{day}T18:00:00" if promised and n else ""
                rows.append(
                    f"K{i}x{year}x{month + 1:02d}x{n},A{i},{day}T09:00:00,{day}T11:00:00,{day}T17:00:00,{promise},"
                    f"{int(n == 3)},{'true' if n == 3 else 'false'},{2 if n == 2 else 5}"
                )
    return "\n".join(rows) + "\n"


def invoices(accounts: int) -> str:
    rows = ["invoice_id,customer_id,issued,due,amount,paid,disputed,dispute_outcome"]
    for i in range(accounts):
        for n, (year, month) in enumerate(months(11, 1)):
            # Of eleven invoices A0 disputes eight: two rightly, six still open.
            disputed = ("50,upheld" if n < 2 else "50,open") if i == 0 and n < 8 else ","
            start = f"{year}-{month + 1:02d}"
            rows.append(f"I{i}-{n},A{i},{start}-05,{start}-20,200,{start}-25,{disputed}")
    return "\n".join(rows) + "\n"


def tables(shape: str) -> dict[str, str]:
    """The files of a dataset of this shape."""
    many = 1 if shape == "one account" else ACCOUNTS
    goods = {"no goods": "none", "patchy": "some"}.get(shape, "all")
    found = {
        "customers": customers(many),
        "transactions": transactions(many, goods=goods, back=11 if shape == "patchy" else 30),
        "service_events": events(many),
        "costing": COSTING,
        "cases": cases(many, promised=shape != "patchy"),
        "invoices": invoices(many),
    }
    without = {
        "no goods": ("cases", "invoices"),
        "patchy": ("invoices",),
        "no work": ("service_events", "costing"),
        "sales alone": ("service_events", "costing", "cases", "invoices"),
        "cases alone": ("service_events", "costing", "transactions", "invoices"),
    }
    return {name: text for name, text in found.items() if name not in without.get(shape, ())}


pytestmark = pytest.mark.slow
#: "patchy" has goods on the lines of three accounts, no promises, and no sales a year ago.
SHAPES = ("whole", "no goods", "patchy", "no work", "sales alone", "cases alone", "one account")


@pytest.fixture(scope="module")
def pages(share_dataset):
    """Give the pages of a shape, each rendered once; of a figure its words alone, for others draw it."""
    patch = pytest.MonkeyPatch()
    patch.setattr(drawing, "_drawing", lambda plot, prefix, alt, width, height: element("p", alt))
    yield from _pages(share_dataset)
    patch.undo()


def _pages(share_dataset):
    done: dict[str, dict[str, str]] = {}
    runs: dict[str, Portfolio] = {}

    def give(shape: str) -> tuple[Portfolio, dict[str, str]]:
        if shape not in done:
            runs[shape] = Portfolio(share_dataset(**tables(shape)), AS_OF, QUICK)
            done[shape] = all_words(runs[shape])
        return runs[shape], done[shape]

    yield give


#: What no sentence may hold, whatever the data: a pattern, and why.
NEVER = {
    r"\b(nan|NaN|None(?! of )|NaT|inf|<NA>)\b": "a value of the code",
    r"-0(?![\d.,])|-0\.0+(?!\d)": "a negative zero",
    r"\b1 (accounts|cases|invoices|orders|rows|days|hours|steps|months|projects|others|gaps|talks)\b": "plural",
    r"\b(?:[2-9]|\d\d+) (account|case|invoice|order|step|month|talk) (?!manager)": "singular",
    r"\b0% of the (cases|accounts|invoices|orders)": "a share of what is not recorded",
    r"All 1 |the other 1\b|of the 1 ": "one, written as many",
    r"\ball of nothing\b|\bof 0 (accounts|scored)": "a count of none",
    r"[a-z]\.\.(?!\.)|\s,|,,|\(\)": "punctuation",
    r"\b[A-Z]{3} about\b|\babout about\b": "about, on the wrong side of its currency",
    r"\bNone of (the )?1 (account|reminder)": "none of one",
    r"\b1 account (that|who) (earn|lose|take|have|bring|cost)\b": "one that do",
}
#: In what is left out, and in warnings, tables and columns stand by their names.
CODE = re.compile(r".*\b[a-z]+(_[a-z]+)+\b.*")
FOOT = re.compile(r"The policy in force.*", re.S)
LEFT_OUT = re.compile(r"(What the figures rest on|Not in this report yet).*", re.S)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_page_holds_a_slip(pages, shape: str) -> None:
    _, found = pages(shape)
    for page, words in found.items():
        for pattern, why in NEVER.items():
            slip = re.search(f".*(?:{pattern}).*", FOOT.sub("", words))
            assert not slip, f"{page} of {shape}: {why}: {slip[0].strip()!r}"
        code = CODE.search(LEFT_OUT.sub("", words))
        assert not code, f"{page} of {shape}: a code name: {code[0].strip()!r}"


@pytest.mark.parametrize("shape", ["no work", "sales alone", "cases alone"])
def test_where_no_work_is_recorded_no_page_tells_what_serving_costs_or_changes(pages, shape: str) -> None:
    _, found = pages(shape)
    for page, words in found.items():
        assert "after cost to serve" not in words, page
        assert "after the cost to serve" not in words, page
        assert "after the cost of serving" not in words, page
        assert "Cost to serve changes nothing" not in words, page
        assert not re.search(r"little service|much service(?! is not known)", words), page
        assert not re.search(r"[Ss]erving the accounts (takes|took)", words), page
    assert "not recorded" in found["profitability"] or "not known" in found["profitability"]


def test_where_no_work_is_recorded_no_table_has_a_column_of_what_serving_costs(pages) -> None:
    for shape in ("no work", "sales alone"):
        _, found = pages(shape)
        assert not re.search(r"^ ?Cost to serve ?$", found["profitability"], re.M)
        assert "freed time counts as no money" not in found["profitability"]
    _, whole = pages("whole")
    assert re.search(r"^ ?Cost to serve ?$", whole["profitability"], re.M)


def test_sales_that_are_not_on_record_are_not_told_as_none(pages) -> None:
    _, found = pages("cases alone")
    everything = " ".join(found.values())
    assert "There are no sales in this window" not in everything
    assert "No account had sales" not in everything
    assert "Sales are not recorded" in found["profitability"]
    # What is known of them comes first.
    assert "The margin of 10 accounts is not known: no sales are recorded." in _line(found)
    assert "Nine of 10 accounts bring 100% of the 252 cases" in found["executive"]


def _line(found: dict[str, str]) -> str:
    return re.sub(r"\s+", " ", found["executive"])


def test_of_one_account_alone_it_is_said_that_there_is_no_other_to_set_it_against(pages) -> None:
    run, found = pages("one account")
    assert run.accounts.list_revenue.sum() > 0
    assert "It has no list revenue" not in found["profitability"]
    assert "No other account whose margin is known has list revenue" in found["profitability"]


def test_where_no_goods_are_known_no_margin_is_and_no_account_is_said_to_earn(pages) -> None:
    run, found = pages("no goods")
    assert run.accounts.loc[run.accounts.net_revenue > 0, "net_margin"].isna().all()
    everything = " ".join(found.values())
    assert "lies below break-even" not in everything
    assert "surely earn" not in found["executive"].replace("no accounts surely earn", "").lower()
    assert not re.search(r"\b0% stays after goods", everything)
    assert "goods and freight; serving" not in everything
    assert "Measured : sales, goods" not in re.sub(r"\s+", " ", everything)
    assert "All of the cost of goods was recorded" not in everything
    assert "No order loses money" not in everything
    assert "Which orders lose money is not known" in found["profitability"]
    # There are sales, the costing states a range, and nothing is known of what the accounts cost.
    assert "There are no sales in this window" not in everything
    assert "states no uncertainty" not in everything
    assert "0 that the accounts cost" not in everything
    assert "crossed the line" not in found["executive"]
    # The one without sales or work has a margin of nothing: the overview begins with the others, and says why.
    many, sold = int(run.accounts.net_margin.isna().sum()), round(float(run.accounts.net_revenue.sum()) / 1000)
    known = f"The margin of {many} accounts is not known: for too much of their EUR {sold} k net revenue a year"
    assert f"{known} no cost of goods is recorded; serving them took" in _line(found)
    assert "state in the policy what share of sales it is" in _line(found)
    assert "neither sales nor work" not in found["executive"]


def test_idle_accounts_of_a_firm_without_goods_make_no_step_no_month_and_no_earner(share_dataset) -> None:
    """Nothing is sold to Z any more: its margin of 0 is the only one that is known, and tells nothing of the others."""
    customers = "customer_id,name\n" + "".join(f"C{n},Firm {n}\n" for n in range(8)) + "Z,Gone quiet\nY,Gone too\n"
    sales = [f"{n}-{m},C{n},2026-{m:02}-03,sale,{100 * (n + m)}" for n in range(8) for m in range(1, 11)]
    sales += ["z,Z,2025-03-03,sale,500", "y,Y,2025-03-03,sale,500"]
    lines = "transaction_id,customer_id,date,kind,net_amount\n" + "".join(f"{sale}\n" for sale in sales)
    run = Portfolio(share_dataset(customers=customers, transactions=lines), "2026-10-31", FEWEST)
    assert run.accounts.set_index("customer_id").net_margin.dropna().to_dict() == {"Y": 0.0, "Z": 0.0}
    for page in ("executive", "actions"):
        told = seen(written(run, page))
        assert "No step could be weighed" in told and "what the accounts earn is not known" in told
        assert "Every step may lose money" not in told
    assert "No account costs more than it brings" not in seen(written(run, "profitability"))
    assert "The best month was" not in seen(written(run, "cuts"))


def test_where_some_goods_are_known_the_sentences_name_how_many_accounts_they_speak_of(pages) -> None:
    run, found = pages("patchy")
    assert "stays after goods;" in found["profitability"]  # no freight is recorded
    known = int(run.accounts.net_margin.notna().sum())
    assert 0 < known < len(run.accounts)
    assert f"The margin of {len(run.accounts) - known} accounts" in found["executive"]
    assert f"of {known} of {len(run.accounts)} accounts" in found["executive"]
    assert "1 without sales is not on it. 6 accounts whose margin is not known are not on it." in found["executive"]
    assert "All of the cost of goods was recorded" not in found["method"]


def test_an_account_with_nothing_at_all_neither_earns_nor_is_sure_of_anything(pages) -> None:
    run, found = pages("whole")
    silent = run.accounts.set_index("customer_id").loc["IDLE"]
    assert silent.net_margin == 0
    assert silent.isna().certainty
    sure = int((run.accounts.certainty == "surely_positive").sum())
    assert f"{sure} accounts surely earn" in found["profitability"]
    assert sure < len(run.accounts)


def test_a_year_ago_without_sales_is_not_compared_with(pages) -> None:
    _, found = pages("patchy")
    for page, words in found.items():
        assert not re.search(r"(above|below|as) a year ago|Since a year ago|a year ago \n", words), page
    _, whole = pages("whole")
    assert "a year ago" in whole["executive"]


def test_no_promise_on_record_is_no_promise_withheld(pages) -> None:
    run, found = pages("patchy")
    assert run.table("communication").dates_given_share.isna().all()
    assert "named a date in 0%" not in found["difficult"]
    assert "Which dates we named is not recorded" in found["difficult"]
    assert "We gave no date" not in " ".join(run.our_failures.sentence.dropna())
    _, whole = pages("whole")
    assert "We named a date in" in whole["difficult"]


def test_a_sentence_says_the_disputes_that_the_record_counts(pages) -> None:
    run, _ = pages("whole")
    mine = run.behaviours.query("customer_id == 'A0' and behaviour == 'disputes'").iloc[0]
    assert (mine.recorded, mine.of) == (8, 11)
    assert mine.sentence == "disputed 8 of 11 invoices, 2 of them rightly and 6 of them still open"
    wrong = run.our_failures.query("customer_id == 'A0' and failure == 'wrong_invoices'").iloc[0]
    assert wrong.recorded == 2
    assert wrong.sentence == "It was right to dispute 2 of 11 invoices"


def test_every_count_in_a_sentence_is_a_whole_number_of_the_record(pages) -> None:
    for shape in ("whole", "no work"):
        run, _ = pages(shape)
        for table in (run.behaviours, run.our_failures):
            told = table[table.sentence.notna() & (table.get("behaviour", "") != "late_payment")]
            assert (told.recorded == told.recorded.round()).all()
            said = told.sentence.str.extract(r"(\d+) of (\d+)").astype(float)
            assert (said[0].to_numpy() == told.recorded.to_numpy()).all()
            assert (said[1].to_numpy() == told.of.to_numpy()).all()
            assert not told.sentence.str.contains("about").any()


def test_a_step_that_takes_something_is_never_recommended(pages) -> None:
    for shape in ("whole", "one account", "no work"):
        run, _ = pages(shape)
        assert not (run.accounts.action_value < 0).any()


def test_no_write_off_on_record_is_said_so(pages) -> None:
    _, found = pages("whole")
    assert "no write-off is recorded" in found["profitability"]
    assert "nothing was written off" not in " ".join(found.values())
    _, without = pages("sales alone")
    assert "Waiting for money costs" not in without["profitability"]


def test_what_cannot_be_judged_is_not_told_as_none(pages) -> None:
    _, found = pages("sales alone")
    assert "cannot be judged" in found["difficult"]
    assert "cannot be judged" in found["over_served"]
    assert "cannot be told" in found["archetypes"]
    everything = " ".join(found.values())
    assert "here none has them" not in everything
    assert "nobody is either" not in everything
    assert "neither over-served nor under-served" not in everything


def test_the_foot_lists_what_was_assumed_by_amount(pages) -> None:
    run, found = pages("whole")
    assumed = {row["key"]: row for row in run.facts["assumed"]}
    # A minute costs 0.20; of the window's work what logs no minutes takes the equation's 20 or 30 minutes.
    work = run.ledger.events.filter(run.ledger.events.customer_id.notnull()).to_pandas()
    modelled = work[work.minutes.notna() & (work.activity == "repair")]
    assert len(modelled)
    log = tables("whole")["service_events"].splitlines()[1:]
    inside = [row.split(",") for row in log if "2025-10-01" <= row.split(",")[2][:10] <= AS_OF]
    minutes = sum({"help": 20, "repair": 30}[row[3]] for row in inside if not row[4])
    assert assumed["minutes"]["amount"] == pytest.approx(0.20 * minutes)
    assert assumed["minutes"]["base"] == "in the window"
    # The resource states no avoidable share, so all work counts as staying.
    assert assumed["avoidable"]["amount"] == pytest.approx(run.accounts.cost_to_serve.sum())
    assert "Assumed, by amount" in found["method"]


def test_a_column_that_is_hardly_read_is_told_on_the_first_page(write_dataset) -> None:
    lines = ["transaction_id,customer_id,date,kind,net_amount,cogs"]
    lines += [f"{n},A,2026-10-{n:02d},sale,100,{'n/a' if n <= 9 else 60}" for n in range(1, 32)]
    customers, sales = "customer_id,name\nA,Alder\n", "\n".join(lines) + "\n"
    run = Portfolio(write_dataset(customers=customers, transactions=sales))
    page = re.sub(r"\s+", " ", seen(written(run, "executive")))
    assert "9 of 31 values of cogs in transactions could not be read and count as unknown." in page
    # A map of one account shows nothing: its figures stand where that would.
    assert "The one account EUR, since 1 October 2026 Account Net revenue" in page and "gives back" not in page
