"""Who rated is known to nobody: raters are pseudonyms from the moment of reading, in rejected rows and errors too."""

from __future__ import annotations

import pytest

from analysis.data.pseudonyms import COLLEAGUE, HIDDEN, pseudonyms
from analysis.errors import DataError
from analysis.opening import open_all

CUSTOMERS = "customer_id,name\nc1,One\nc2,Two\n"
CASES = "case_id,customer_id,opened_at\nk1,c1,2026-10-01\n"
HEAD = "customer_id,department,rated_on,rater,difficulty,because,would_help\n"
SURE = [
    "c1,Sales,2026-10-01,Xanthippe Quill,4,,\n",
    "c1,Finance,2026-10-02,Öztürk,3,ask ÖZTÜRK or xanthippe quill,\n",
    "c2,Sales,2026-10-03,Xanthippe Quill,2,Quill said so,Xanthippe Öztürk Quill should call\n",
    "c2,Sales,2026-10-04,Sales,2,Sales said so,\n",
]


def rows_of(data):
    opened = open_all(data, {"checks": {"rejected_share": 1.0}})
    frame = opened.checked["perceptions"].order_by("_row").to_pandas()
    rejected, problems = opened.checked.rejected(), "\n".join(map(str, opened.problems))
    opened.engine.close()
    return frame, rejected, problems


@pytest.fixture
def rated(write_dataset):
    def write(*lines, head=HEAD, folder="dataset"):
        text = head + "".join(lines)
        return write_dataset(folder, customers=CUSTOMERS, cases=CASES, perceptions=text)

    return write


def test_every_rater_is_a_number_and_the_same_rater_the_same_one(rated):
    frame, _, _ = rows_of(rated(*SURE))

    assert sorted(frame.rater) == sorted(["R0001", "R0002", "R0003", frame.rater[0]])
    assert frame.rater[0] == frame.rater[2]
    assert frame.difficulty.tolist() == [4, 3, 2, 2]


def test_the_order_of_the_rows_changes_no_pseudonym(rated):
    forth, _, _ = rows_of(rated(*SURE))
    back, _, _ = rows_of(rated(*reversed(SURE), folder="back"))

    assert back.rater.tolist() == forth.rater.tolist()[::-1]


def test_one_name_more_deals_the_pseudonyms_anew_so_that_nobody_can_be_followed():
    names = [f"Name {n}" for n in range(60)]
    before, after = pseudonyms(names), pseudonyms([*names, "One More"])

    kept = [name for name in names if before[name] == after[name]]
    assert len(set(before.values())) == 60
    assert len(kept) < 15


def test_a_raters_name_in_a_free_text_is_masked_in_any_case_whole_and_in_part(rated):
    frame, _, _ = rows_of(rated(*SURE))

    assert frame.because[1] == f"ask {COLLEAGUE} or {COLLEAGUE}"
    assert frame.because[2] == f"{COLLEAGUE} said so"
    assert frame.would_help[2] == f"{COLLEAGUE} {COLLEAGUE} {COLLEAGUE} should call"


def test_a_team_that_rates_under_its_departments_name_is_no_person(rated):
    frame, _, _ = rows_of(rated(*SURE))

    assert frame.department.tolist() == ["Sales", "Finance", "Sales", "Sales"]
    assert frame.because[3] == "Sales said so"


BROKEN = {
    "a name in the place of a number": "c1,Sales,2026-10-05,Zebedee Thorn,Wolfgang Amadeus,,\n",
    "a name in the place of a day": "c1,Sales,Wolfgang Amadeus,Zebedee Thorn,3,,\n",
    "a name in the place of an account": "Wolfgang Amadeus,Sales,2026-10-05,Zebedee Thorn,3,,\n",
    "a rating out of bounds": "c1,Sales,2026-10-05,Zebedee Thorn,9,Wolf,\n",
    "a day that is none, and a known rater in it": "c1,Sales,Zebedee Thorn,Zebedee Thorn,3,,\n",
    "a line with too many fields": "c1,Sales,2026-10-05,Zebedee Thorn,3,,,Wolfgang Amadeus\n",
    "a line with too few": "Wolfgang Amadeus,Zebedee Thorn\n",
    "no department but a name": "c1,,2026-10-05,Zebedee Thorn,3,,\n",
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN)
def test_a_rejected_row_names_its_place_and_nobody(rated, line):
    frame, rejected, problems = rows_of(rated(*SURE, line))

    assert len(frame) == len(SURE)
    assert rejected.table.tolist() == ["perceptions"] * len(rejected)
    assert set(rejected.row) == {6}
    for text in (rejected.to_csv(), problems):
        assert not any(name in text for name in ("Zebedee", "Thorn", "Wolfgang", "Amadeus"))


def test_a_rating_out_of_bounds_is_still_shown_since_a_number_is_no_name(rated):
    _, rejected, _ = rows_of(rated(*SURE, BROKEN["a rating out of bounds"]))

    assert (rejected.key[0], rejected.value[0]) == ("c1", "9")


def test_what_may_be_a_name_is_said_to_be_hidden(rated):
    _, rejected, _ = rows_of(rated(*SURE, BROKEN["a name in the place of a number"]))

    assert rejected.value[0] == HIDDEN


def test_a_source_that_cannot_be_read_shows_no_value_of_it(write_dataset):
    sql = "SELECT 'c1' AS customer_id, CAST('Zebedee Thorn' AS INTEGER) AS difficulty"
    data = write_dataset(
        customers=CUSTOMERS,
        cases=CASES,
        dataset=f'[tables.customers]\npath = "customers.csv"\n[tables.cases]\n'
        f'path = "cases.csv"\n[tables.perceptions]\nsql = "{sql}"\n',
    )
    with pytest.raises(DataError) as fault:
        open_all(data / "dataset.toml")
    assert "perceptions" in str(fault.value)
    assert "Zebedee" not in str(fault.value)


def test_a_table_without_raters_is_taken_as_it_is(rated):
    head = "customer_id,department,rated_on,difficulty,because\n"
    frame, rejected, _ = rows_of(rated("c1,Sales,2026-10-05,3,Fine\n", head=head))

    assert frame.rater.isna().all()
    assert frame.because.tolist() == ["Fine"]
    assert rejected.empty


def test_thousands_of_raters_are_masked_too(rated):
    lines = [f"c1,Sales,2026-10-05,Rater{n:05d} Surname{n:05d},3,,\n" for n in range(1_200)]
    frame, _, _ = rows_of(rated(*lines, "c2,Sales,2026-10-05,Zed,3,ask Surname01199 please,\n"))

    assert frame.because.iloc[-1] == f"ask {COLLEAGUE} please"
    assert frame.rater.nunique() == 1_201


def test_a_file_without_its_header_line_shows_nobody_in_the_error(rated):
    with pytest.raises(DataError) as stop:
        rows_of(rated(*SURE[:2], head=""))

    assert "customer_id" in str(stop.value)
    assert "Xanthippe" not in str(stop.value)
    assert all("Xanthippe" not in problem.mend for problem in stop.value.problems)
