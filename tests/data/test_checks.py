"""Each rule of the contract, planted once, is found where it was planted, and told with how to mend it."""

from __future__ import annotations

import pytest

from analysis.data.sources import open_dataset
from analysis.errors import DataError
from analysis.opening import open_all

CUSTOMERS = "customer_id,name\nc1,One\n"
LINES = "transaction_id,customer_id,date,kind,list_amount\nt1,c1,2026-10-31,sale,100\n"
EVENTS = "event_id,customer_id,at,activity\ne1,c1,2026-10-01T09:00:00,call\n"
COSTING = """
period = "month"
[resources.desk]
cost = 100
capacity_minutes = 100
[activities.call]
resource = "desk"
minutes = 5
"""


def problems_of(data):
    opened = open_all(data)
    opened.engine.close()
    return opened.checked.problems


def one(problems, rule, column=None):
    found = [p for p in problems if p.rule == rule and column in (None, p.column)]
    assert len(found) == 1, problems
    return found[0]


SOUND = {
    "customers": {"customer_id": "c1", "name": "One"},
    "transactions": {
        "transaction_id": "t1",
        "customer_id": "c1",
        "date": "2026-10-31",
        "kind": "sale",
        "list_amount": "9",
    },
    "service_events": {"event_id": "e1", "customer_id": "c1", "at": "2026-10-01", "activity": "call"},
    "cases": {"case_id": "k1", "customer_id": "c1", "opened_at": "2026-05-02"},
    "case_updates": {"case_id": "k1", "at": "2026-05-02"},
    "contracts": {
        "contract_id": "x1",
        "customer_id": "c1",
        "starts": "2026-05-02",
        "ends": "2027-05-01",
        "monthly_fee": "5",
    },
    "service_levels": {"customer_id": "c1", "attribute": "site_visits", "basis": "entitled", "level": "inf"},
    "invoices": {
        "invoice_id": "i1",
        "customer_id": "c1",
        "issued": "2026-05-02",
        "due": "2026-06-01",
        "amount": "10",
    },
    "payments": {"invoice_id": "i1", "on": "2026-05-30", "amount": "10"},
    "perceptions": {"customer_id": "c1", "department": "sales", "rated_on": "2026-05-02", "difficulty": "3"},
    "surveys": {"customer_id": "c1", "asked_on": "2026-05-02", "nps": "0"},
    "mentions": {"customer_id": "c1", "on": "2026-05-02", "sentiment": "-1", "reach": "0"},
    "bookings": {"booking_id": "b1", "customer_id": "c1", "rep": "Ada", "on": "2026-05-02", "amount": "5"},
    "assignments": {"customer_id": "c1", "person": "Ada", "role": "owner", "from": "2026-05-02"},
    "actions_taken": {"customer_id": "c1", "action": "talk", "on": "2026-05-02"},
    "overrides": {
        "customer_id": "c1",
        "judgement": "difficult",
        "value": "false",
        "reason": "new",
        "by": "Ada",
        "until": "2026-12-31",
    },
}

# What is changed of a sound row, the column told, the rule and the value shown.
PLANTED = [
    ("customers", {"customer_id": ""}, "customer_id", "empty", "empty"),
    ("customers", {"name": ""}, "name", "empty", "empty"),
    ("customers", {"customer_id": "c1"}, "customer_id", "duplicate", "c1"),
    ("customers", {"since": "2026-02-30"}, "since", "wrong_type", "2026-02-30"),
    ("customers", {"since": "2026-05-02", "ended": "2026-05-01"}, "ended", "ended_before_since", "2026-05-01"),
    ("customers", {"protected": "yes"}, "protected", "wrong_type", "yes"),
    ("transactions", {"kind": "gift"}, "kind", "unknown_value", "gift"),
    ("transactions", {"customer_id": "c9"}, "customer_id", "unknown_customer", "c9"),
    ("transactions", {"date": "31.10.2026"}, "date", "wrong_type", "31.10.2026"),
    ("transactions", {"kind": "return", "net_amount": "5"}, "net_amount", "positive_reduction", "5"),
    ("transactions", {"kind": "credit", "list_amount": "5"}, "list_amount", "positive_reduction", "5"),
    ("transactions", {"list_amount": "ten"}, "list_amount", "wrong_type", "ten"),
    ("transactions", {"list_amount": ""}, "net_amount", "no_amount", "empty"),
    ("transactions", {"discount": "-1"}, "discount", "negative_discount", "-1"),
    (
        "transactions",
        {"discount": "1", "net_amount": "7"},
        "net_amount",
        "net_is_not_list_less_discount",
        "7",
    ),
    ("transactions", {"cogs": "inf"}, "cogs", "wrong_type", "inf"),
    ("transactions", {"transaction_id": "t1"}, "transaction_id", "duplicate", "t1"),
    ("service_events", {"activity": "dance"}, "activity", "unknown_value", "dance"),
    ("service_events", {"at": "yesterday"}, "at", "wrong_type", "yesterday"),
    ("service_events", {"minutes": "-1"}, "minutes", "too_low", "-1"),
    ("service_events", {"minutes": "nan"}, "minutes", "wrong_type", "nan"),
    ("service_events", {"quantity": "1e15"}, "quantity", "too_high", "1e15"),
    ("service_events", {"contact": "both"}, "contact", "unknown_value", "both"),
    ("service_events", {"rush": "1"}, "rush", "wrong_type", "1"),
    ("service_events", {"event_id": "e1"}, "event_id", "duplicate", "e1"),
    ("cases", {"resolved_at": "2026-05-01"}, "resolved_at", "resolved_at_before_opened_at", "2026-05-01"),
    (
        "cases",
        {"first_response_at": "2026-05-01"},
        "first_response_at",
        "first_response_at_before_opened_at",
        "2026-05-01",
    ),
    ("cases", {"reopened": "1.5"}, "reopened", "wrong_type", "1.5"),
    ("cases", {"satisfaction": "6"}, "satisfaction", "too_high", "6"),
    ("cases", {"cause": "nobody"}, "cause", "unknown_value", "nobody"),
    ("case_updates", {"case_id": "k9"}, "case_id", "unknown_case", "k9"),
    ("contracts", {"ends": "2026-05-01"}, "ends", "ends_before_starts", "2026-05-01"),
    ("contracts", {"monthly_fee": "-5"}, "monthly_fee", "too_low", "-5"),
    ("service_levels", {"attribute": "singing"}, "attribute", "unknown_value", "singing"),
    ("service_levels", {"basis": "promised"}, "basis", "unknown_value", "promised"),
    ("service_levels", {"level": "-inf"}, "level", "too_low", "-inf"),
    ("service_levels", {"importance": "inf"}, "importance", "wrong_type", "inf"),
    ("invoices", {"written_off": "11"}, "written_off", "written_off_above_amount", "11"),
    ("payments", {"invoice_id": "i9"}, "invoice_id", "unknown_invoice", "i9"),
    ("perceptions", {"difficulty": "0"}, "difficulty", "too_low", "0"),
    ("surveys", {"nps": "11"}, "nps", "too_high", "11"),
    ("mentions", {"sentiment": "-2"}, "sentiment", "too_low", "-2"),
    ("bookings", {"amount": "many"}, "amount", "wrong_type", "many"),
    ("assignments", {"to": "2026-05-01"}, "to", "to_before_from", "2026-05-01"),
    ("actions_taken", {"outcome": "maybe"}, "outcome", "unknown_value", "maybe"),
    ("overrides", {"judgement": "mood"}, "judgement", "unknown_value", "mood"),
]


def planted_table(table):
    changes = [change for name, change, *_ in PLANTED if name == table]
    columns = list(dict.fromkeys([*SOUND[table], *(column for change in changes for column in change)]))
    key = next(iter(SOUND[table]))
    own_key = {} if key in ("customer_id", "invoice_id") and table != "customers" else {key: f"{table}-"}
    own_key = {} if table in ("payments", "case_updates") else own_key
    own_key = {"invoice_id": "invoices-"} if table == "invoices" else own_key
    rows = [SOUND[table]]
    rows += [{**SOUND[table], **{k: f"{v}{n}" for k, v in own_key.items()}, **c} for n, c in enumerate(changes)]
    return "\n".join([",".join(columns), *(",".join(row.get(c, "") for c in columns) for row in rows), ""])


@pytest.fixture(scope="module")
def planted_problems(share_dataset):
    return problems_of(share_dataset(costing=COSTING, **{table: planted_table(table) for table in SOUND}))


@pytest.mark.parametrize(
    ("table", "change", "column", "rule", "value"), PLANTED, ids=[f"{p[0]}-{p[2]}-{p[3]}" for p in PLANTED]
)
def test_a_broken_rule_is_told_by_table_column_row_and_value(planted_problems, table, change, column, rule, value):
    [problem] = [p for p in planted_problems if (p.table, p.column, p.rule) == (table, column, rule)]
    place = [c for name, c, *_ in PLANTED if name == table].index(change)

    assert (problem.severity, problem.count, problem.examples[0].row) == ("error", 1, place + 3)
    assert problem.examples[0].value == value
    assert len(problem.mend) > 10


def test_nothing_is_told_but_what_was_planted(planted_problems):
    told = sorted((p.table, p.column, p.rule) for p in planted_problems)

    assert told == sorted((table, column, rule) for table, _, column, rule, _ in PLANTED)


def test_problems_of_data_costing_and_policy_are_told_together(write_dataset):
    data = write_dataset(
        customers="id,name\nc1,One\n",
        transactions="transaction_id,customer_id,date\nt1,c1,2026-10-31\n",
        service_events=EVENTS,
        costing='period = "month"\n[resources.desk]\ncost = 0\ncapacity_minutes = 100\n',
        policy="[tiers.gold]\nsinging = 3\n",
    )
    with pytest.raises(DataError) as stopped:
        open_all(data)
    told = {(p.table, p.column) for p in stopped.value.problems}

    assert {("customers", "customer_id"), ("transactions", "kind"), ("costing.toml", "resources.desk.cost")} <= told


def test_an_unknown_resource_an_unknown_tier_attribute_and_a_missing_column_are_told_in_one_go(write_dataset):
    data = write_dataset(
        customers="customer_id\nc1\n",
        service_events=EVENTS,
        costing=COSTING.replace('resource = "desk"', 'resource = "disk"'),
    )
    with pytest.raises(DataError) as stopped:
        open_all(data)

    assert {p.rule for p in stopped.value.problems} == {"unknown_resource", "missing_column"}
    assert "disk" in str(stopped.value)


def test_a_tier_that_names_an_unknown_attribute_is_told_with_the_known_ones(write_dataset):
    data = write_dataset(
        customers=CUSTOMERS,
        transactions=LINES,
        service_events=EVENTS,
        costing=COSTING,
        policy="[tiers.gold]\nsinging = 3",
    )
    with pytest.raises(DataError, match=r"tiers\.gold\.singing.*site_visits"):
        open_all(data)


def test_a_missing_column_is_told_with_the_one_that_looks_like_it(write_dataset):
    data = write_dataset(customers="customer,name\nc1,One\n", transactions=LINES)

    with pytest.raises(DataError, match="Is it `customer`"):
        open_all(data)


def test_a_column_in_capitals_is_never_ignored_in_silence(write_dataset):
    data = write_dataset(customers=CUSTOMERS, transactions=LINES.replace("list_amount\n", "list_amount,Freight\n"))

    with pytest.raises(DataError, match=r"transactions\.freight.*Is it `Freight`"):
        open_all(data)


def test_extra_columns_do_no_harm_whatever_their_names(write_dataset):
    data = write_dataset(
        customers="customer_id,name,_raw_name,Segment\nc1,One,x,y\n",
        transactions=LINES.replace("amount\n", "amount,Net,goods,lines\n").replace("100\n", "100,a,b,c\n"),
        service_events=EVENTS.replace("activity\n", "activity,Logged,ours,cost\n").replace("call\n", "call,x,y,z\n"),
        invoices="invoice_id,customer_id,issued,due,amount,money_days,paid_days\ni,c1,2026-10-01,2026-10-31,10,x,y\n",
        costing=COSTING,
    )
    from analysis import Portfolio

    row = Portfolio(data, "2026-10-31", {"costs": {"cogs_share": 0.5}}).accounts.iloc[0]

    assert (row.net_revenue, row.cogs, row.cost_to_serve) == (100, 50, 5)


def test_counts_are_whole_and_examples_are_the_first_five(write_dataset):
    rows = "".join(f"t{n},c1,2026-10-31,sale,{'x' if n % 2 else n}\n" for n in range(100))
    data = write_dataset(customers=CUSTOMERS, transactions="transaction_id,customer_id,date,kind,list_amount\n" + rows)
    problem = one(problems_of(data), "wrong_type")

    assert problem.count == 50
    assert [e.row for e in problem.examples] == [3, 5, 7, 9, 11]
    assert [e.key for e in problem.examples] == ["t1", "t3", "t5", "t7", "t9"]


def rejecting(write_dataset, bad: int, of: int):
    rows = "".join(f"t{n},c1,2026-10-31,sale,{'x' if n < bad else 1}\n" for n in range(of))
    data = write_dataset(customers=CUSTOMERS, transactions="transaction_id,customer_id,date,kind,list_amount\n" + rows)
    opened = open_all(data)
    found = opened.checked.too_many(0.01)
    opened.engine.close()
    return [problem.rule for problem in found]


@pytest.mark.parametrize(("bad", "of", "stops"), [(1, 3, False), (2, 3, True), (2, 200, False), (3, 200, True)])
def test_one_row_in_a_hundred_is_borne_and_one_row_always_is(write_dataset, bad, of, stops):
    assert rejecting(write_dataset, bad, of) == (["too_many_rejected"] if stops else [])


def test_every_rejected_row_is_listed_with_every_reason_and_accepted_rows_are_counted(write_dataset):
    data = write_dataset(
        customers="customer_id,name\nc1,One\nc2,\nc1,Again\n",
        transactions="transaction_id,customer_id,date,kind,net_amount\n"
        "t1,c1,2026-10-31,sale,1\nt2,c2,2026-10-31,sale,1\nt3,c1,soon,gift,1\nt1,c1,2026-10-31,sale,2\nt5,c1\n",
    )
    opened = open_all(data)
    listed = opened.checked.rejected()
    counts = {c["table"]: (c["rows"], c["accepted"], c["rejected"]) for c in opened.checked.counts()}
    opened.engine.close()

    assert set(zip(listed.table, listed.row, listed.column.fillna(""), listed.rule, strict=True)) == {
        ("customers", 3, "name", "empty"),
        ("customers", 4, "customer_id", "duplicate"),
        ("transactions", 3, "customer_id", "unknown_customer"),
        ("transactions", 4, "date", "wrong_type"),
        ("transactions", 4, "kind", "unknown_value"),
        ("transactions", 5, "transaction_id", "duplicate"),
        ("transactions", 6, "", "broken_line"),
    }
    assert listed.reason.str.len().min() > 10
    assert counts == {"customers": (3, 1, 2), "transactions": (5, 1, 4)}


def test_a_value_that_cannot_be_read_is_not_told_a_second_time_as_empty(write_dataset):
    data = write_dataset(customers=CUSTOMERS, transactions=LINES + "t2,c1,2026-10-31,sale,ten\n")

    assert [p.rule for p in problems_of(data)] == ["wrong_type"]


def test_an_end_on_the_day_of_opening_of_which_only_the_day_is_known_is_no_error(write_dataset):
    cases = "case_id,customer_id,opened_at,first_response_at,resolved_at\n"
    cases += "day,c1,2026-10-01T15:00,2026-10-01,2026-10-01\n"  # both after 15:00, so at it or later
    cases += "next,c1,2026-10-01T15:00,2026-10-01T15:30,2026-10-02\n"
    cases += "wrong,c1,2026-10-01T15:00,2026-10-01T14:59,2026-09-30\n"
    opened = open_all(write_dataset(customers=CUSTOMERS, cases=cases))
    rows = opened.checked["cases"].to_pandas().set_index("case_id")
    rules = {(p.rule, p.count) for p in opened.checked.problems}
    opened.engine.close()

    took = (rows.resolved_at - rows.opened_at).dt.total_seconds() / 3600
    assert took[["day", "next"]].tolist() == [0, 9]
    assert rows.loc["day", "first_response_at"] == rows.loc["day", "opened_at"]
    assert rows.loc["wrong", ["first_response_at", "resolved_at"]].isna().all()
    assert rules == {("first_response_at_before_opened_at", 1), ("resolved_at_before_opened_at", 1)}


def test_a_referrer_that_is_unknown_and_a_negative_sale_are_warned_of_and_kept(write_dataset):
    data = write_dataset(
        customers="customer_id,name,referred_by\nc1,One,ghost\n", transactions=LINES + "t2,c1,2026-10-31,sale,-5\n"
    )
    opened = open_all(data)
    rules = {p.rule: p.severity for p in opened.checked.problems}
    kept = opened.checked["transactions"].count().to_pandas()
    opened.engine.close()

    assert rules == {"unknown_customer": "warning", "negative_sale": "warning"}
    assert kept == 2


def test_an_account_without_an_id_is_near_to_no_referrer(write_dataset):
    data = write_dataset(customers="customer_id,name,referred_by\nc1,One,C1\n,Nobody,\n", transactions=LINES)
    problems = problems_of(data)

    assert one(problems, "empty").examples[0].row == 3
    assert "C1 is nearly c1 (1 row)" in one(problems, "unknown_customer").mend


def test_a_tier_and_a_step_that_nothing_knows_are_warned_of_and_kept(write_dataset):
    data = write_dataset(
        customers="customer_id,name,tier\nc1,One,gold\nc2,Two,Gold\nc3,Three,\nc4,Four,tin\n",
        transactions=LINES,
        actions_taken="customer_id,action,on\nc1,reprice,2026-01-05\nc1,reprise,2026-01-06\n",
        policy="[tiers.gold]\nsite_visits = 4\n[tiers.tin]\n",
    )
    problems = problems_of(data)
    tier, step = one(problems, "unknown_tier", "tier"), one(problems, "unknown_action", "action")

    assert [(p.severity, [(e.row, e.value) for e in p.examples]) for p in (tier, step)] == [
        ("warning", [(3, "Gold")]),
        ("warning", [(3, "reprise")]),
    ]
    assert "Known: gold, tin." in tier.mend
    # Without tiers in the policy a tier is what the firm calls it.
    (data / "policy.toml").unlink()
    assert [p.rule for p in problems_of(data)] == ["unknown_action"]


def test_a_table_of_a_header_alone_is_told_where_it_would_count_as_none(write_dataset):
    data = write_dataset(
        customers=CUSTOMERS,
        transactions=LINES.splitlines()[0] + "\n",
        invoices="invoice_id,customer_id,issued,due,amount\ni1,c1,2026-10-05,2026-11-04,100\n",
        overrides="customer_id,judgement,value,reason,by,until\n",
    )
    [told] = problems_of(data)

    assert (told.table, told.rule, told.severity) == ("transactions", "no_rows", "warning")


def test_an_event_of_an_unknown_customer_is_no_problem_at_all(write_dataset):
    data = write_dataset(
        customers=CUSTOMERS, service_events=EVENTS + "e2,ghost,2026-10-01,call\ne3,,2026-10-01,call\n", costing=COSTING
    )

    assert problems_of(data) == []


def test_work_before_since_or_after_ended_is_warned_of_and_counted(write_dataset):
    data = write_dataset(
        customers="customer_id,name,since,ended\nc1,One,2026-05-02,2026-06-01\n",
        service_events="event_id,customer_id,at,activity\n"
        "e1,c1,2026-05-01T23:59,call\ne2,c1,2026-05-02T00:00,call\ne3,c1,2026-06-01T23:59,call\ne4,c1,2026-06-02,call\n",
        costing=COSTING,
    )
    from analysis import Portfolio

    p = Portfolio(data, "2026-06-30")
    [warning] = [w for w in p.opened.warnings if w.rule == "outside_relationship"]

    assert (warning.count, [e.row for e in warning.examples]) == (2, [2, 5])
    assert p.accounts.events.iloc[0] == 4


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("cost = 100", "resources.desk.cost"),
        ("capacity_minutes = 100", "resources.desk.capacity_minutes"),
        ('resource = "desk"', "activities.call.resource"),
    ],
)
def test_a_costing_without_cost_capacity_or_resource_is_an_error_that_names_the_key(write_dataset, change, place):
    data = write_dataset(customers=CUSTOMERS, service_events=EVENTS, costing=COSTING.replace(change, ""))

    with pytest.raises(DataError) as stopped:
        open_all(data)
    assert [(p.column, p.rule) for p in stopped.value.problems] == [(place, "missing_key")]


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ("uncertainty = 1.0", "activities.call.uncertainty"),
        ("per.quantity = -1", "activities.call.per.quantity"),
        ("color = 3", "activities.call.color"),
        ('group = "a b"', "activities.call.group"),
        ('group = "pct"', "groups"),
        ("per.pallets = 3", "activities.call.per"),
        ("per.channel = 3", "activities.call.per"),
        ("when.quantity = 3", "activities.call.when"),
        ('when."quantity=many" = 3', "activities.call.when"),
        ('demand = "none"', "activities.call.demand"),
    ],
)
def test_a_wrong_activity_is_an_error_that_names_the_place(write_dataset, more, place):
    data = write_dataset(customers=CUSTOMERS, service_events=EVENTS, costing=COSTING + more)

    with pytest.raises(DataError) as stopped:
        open_all(data)
    assert place in {p.column for p in stopped.value.problems}


def test_two_groups_that_differ_in_case_alone_are_an_error(write_dataset):
    twin = '[activities.mail]\nresource = "desk"\ngroup = "Desk"\n'
    data = write_dataset(customers=CUSTOMERS, service_events=EVENTS, costing=COSTING + twin)

    with pytest.raises(DataError, match="cts_Desk"):
        open_all(data)


def test_service_events_without_a_costing_or_without_activities_are_an_error(write_dataset):
    with pytest.raises(DataError, match=r"costing\.toml: the file is not there"):
        open_all(write_dataset("one", customers=CUSTOMERS, service_events=EVENTS))
    bare = COSTING.partition("[activities")[0]
    with pytest.raises(DataError, match="needs activities"):
        open_all(write_dataset("two", customers=CUSTOMERS, service_events=EVENTS, costing=bare))


def test_missing_customers_and_missing_evidence_are_told_together(write_dataset):
    data = write_dataset(surveys="customer_id,asked_on\nc1,2026-10-31\n")

    with pytest.raises(DataError) as stopped:
        open_all(data)
    assert [p.table for p in stopped.value.problems] == ["customers", "transactions"]


def test_a_dataset_of_header_lines_has_no_account_and_says_so(write_dataset):
    data = write_dataset(customers="customer_id,name\n", transactions=LINES.splitlines()[0] + "\n")

    assert [p.rule for p in problems_of(data)] == ["no_accounts"]


def test_a_table_that_is_there_twice_or_a_folder_without_parts_is_an_error(write_dataset):
    data = write_dataset(customers=CUSTOMERS, transactions=LINES)
    (data / "customers").mkdir()
    with pytest.raises(DataError, match=r"there are both customers\.csv and customers"):
        open_dataset(data)
    (data / "customers").rmdir()
    (data / "cases").mkdir()
    with pytest.raises(DataError, match=r"no \.parquet file lies in the folder cases"):
        open_dataset(data)
