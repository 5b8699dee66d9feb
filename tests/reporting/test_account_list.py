"""The page of all accounts: complete without its script, within its budget, and safe whatever the names are."""

from __future__ import annotations

import base64
import hashlib
import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.data.contract import conform
from analysis.publishing.account_pages import write_list
from analysis.publishing.direct import accounts_script
from analysis.publishing.pages import check_page
from analysis.reporting.addresses import address, file_name
from analysis.reporting.links import called, links, with_names
from analysis.topics.overview.page.instead_of_the_map import instead_of_the_map, one_by_one

IDS = ["007", "NA", "a", "A", "../../x", "CON", "con", "名前", "x" * 500, "a b", "a/b", "a.b", "", "\udc80", "ﬁ", "fi"]


def page_of(run, folder, pages=None):
    write_list(run, folder, pages or {})
    html = (folder / "accounts.html").read_text(encoding="utf-8")
    return html, BeautifulSoup(html, "html.parser")


def rows_of(soup):
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in soup.select("#accounts tbody tr")]


def test_an_account_of_the_name_of_one_that_went_is_told_apart_from_it(made) -> None:
    """A referral may come from one that has left: its name is told, not its id."""
    now = made.statement([{"customer_id": "A1", "name": "Brandt"}, {"customer_id": "B2", "name": "Corvus"}])
    then = made.statement([{"customer_id": "Z9", "name": "Brandt"}, {"customer_id": "Y8", "name": "Heron"}])
    run = made.made_run(now, accounts_last_year=then)
    assert "Brandt (A1)" in called(run, "Brandt", "A1")
    assert "(B2)" not in called(run, "Corvus", "B2")
    assert with_names(run, pd.DataFrame({"customer_id": ["Y8", "A1"]}))["name"].tolist() == ["Heron", "Brandt"]


@pytest.fixture(scope="module")
def three(made):
    rows = [
        {"customer_id": "A1", "name": "Brandt", "list_revenue": 1000, "cogs": 500, "cts_support": 700},
        {"customer_id": "B2", "name": "<script>alert(1)</script>", "list_revenue": 9000, "cogs": 4000},
        {"customer_id": "C3", "name": 'a" onclick="x()\u202e', "list_revenue": 500, "cogs": 800, "cts_support": 300},
    ]
    accounts = made.statement(rows).assign(account_manager=["Ada", None, "Ben"])
    accounts["over_served"] = accounts["over_served"].mask(accounts["customer_id"] == "A1", True)
    return made.made_run(accounts)


def test_every_account_stands_in_it_with_its_figures_flags_and_page(three, tmp_path) -> None:
    _, soup = page_of(three, tmp_path, {"A1": "accounts/A1.html"})
    rows = {row[0]: row for row in rows_of(soup)}
    # Brandt: 1000 - 500 - 700 = -200; the third: 500 - 800 - 300 = -600.
    assert rows["Brandt"][3:7] == ["1.0\xa0k", "700", "70%", "\N{MINUS SIGN}200"]
    assert rows["Brandt"][9] == "loses money over-served"
    assert rows["<script>alert(1)</script>"][6] == "5.0\xa0k"
    assert soup.h1.get_text() == "3 accounts; 2 cost more than they bring: EUR 800 net"
    assert [a["href"] for a in soup.select("#accounts a")] == ["accounts/A1.html"]
    assert next(iter(rows)) == 'a" onclick="x()\u202e', "600 at stake is the most"


def test_accounts_of_one_name_are_told_apart_by_their_ids(made, tmp_path) -> None:
    rows = [
        {"customer_id": key, "name": label, "list_revenue": 1000, "cogs": 500}
        for key, label in [("A1", "Brandt"), ("B2", " BRANDT"), ("C3", "Brandt GmbH"), ("D4", None), ("E5", None)]
    ]
    run = made.made_run(made.statement(rows))
    _, soup = page_of(run, tmp_path, {"A1": "accounts/A1.html"})
    assert {row[0] for row in rows_of(soup)} == {"Brandt (A1)", "BRANDT (B2)", "Brandt GmbH", "D4", "E5"}
    assert [a.get_text() for a in soup.select("#accounts a")] == ["Brandt (A1)"]
    assert "Where a name leads to no page, mutual-value brief" in soup.select_one(".lead").get_text()
    written = links(run)
    assert "Brandt (A1)" in str(written("Brandt", "A1")) and "(C3)" not in str(written("Brandt GmbH", "C3"))
    # However long the name is, the id that tells it apart is not cut off.
    assert "(A1)" in str(called(run, "Brandt " * 30, "A1", longest=40))


def test_where_no_manager_is_known_neither_their_column_nor_their_filter_shows(three, made, tmp_path) -> None:
    _, managed = page_of(three, tmp_path)
    _, bare = page_of(made.made_run(three.accounts.assign(account_manager=None)), tmp_path)
    for soup, shown in ((managed, True), (bare, False)):
        assert ["unmanaged" not in one["class"] for one in soup.select(".listing, #controls")] == [shown, shown]
    assert ".listing.unmanaged :is(th,td):nth-child(2)" in "".join(one.get_text() for one in bare.find_all("style"))


def test_where_no_work_is_recorded_nobody_takes_little_service(made, tmp_path) -> None:
    accounts = made.statement([{"customer_id": "A1", "list_revenue": 1000, "cogs": 500}])
    accounts["segment"] = "profitable_low_demand"
    _, soup = page_of(made.made_run(accounts), tmp_path)
    assert rows_of(soup)[0][2:7] == ["Profitable", "1.0\xa0k", "\N{EN DASH}", "\N{EN DASH}", "500"]


def test_its_one_script_is_allowed_by_its_hash_and_no_other_would_be(three, tmp_path) -> None:
    html, soup = page_of(three, tmp_path)
    [script] = soup.find_all("script")
    digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    files = {"tables/accounts.csv", "workbook.xlsx"}
    assert check_page(html, files=files, script=accounts_script()) == []
    assert any("<script>" in fault for fault in check_page(html, files=files))
    tampered = html.replace("</main>", "</main><script>1</script>", 1)
    assert any("<script>" in fault for fault in check_page(tampered, files=files, script=accounts_script()))


def test_without_its_script_nothing_is_hidden_but_the_controls(three, tmp_path) -> None:
    _, soup = page_of(three, tmp_path)
    assert [tag.get("id") for tag in soup.select("main [hidden]")] == ["controls"]


def test_above_2000_accounts_the_largest_stand_in_it_and_it_says_so(made, tmp_path) -> None:
    rows = [
        {"customer_id": f"C{n:05}", "name": "ü" * 300, "list_revenue": 10, "cogs": 10 + n, "cts_support": 1.0}
        for n in range(2300)
    ]
    accounts = made.statement(rows).assign(account_manager="A manager with a long name")
    html, soup = page_of(made.made_run(accounts), tmp_path, {f"C{n:05}": address(f"C{n:05}") for n in range(2300)})
    assert len(html.encode()) < 2_000_000
    assert len(rows_of(soup)) == 2000
    assert "the 2,000 with most money at stake of 2,300" in soup.select_one(".lead").get_text()
    assert "leads to no page" not in soup.select_one(".lead").get_text()
    assert "C00299" not in html  # loses 300, as the 2,001st does
    assert "C00300" in html


def test_where_nothing_at_stake_is_known_those_with_most_cases_come_first_and_it_says_so(made, tmp_path) -> None:
    accounts = made.statement([{"customer_id": key} for key in "ABC"])
    unknown = [name for name in accounts if accounts[name].dtype == "float64"]
    accounts[unknown] = float("nan")
    cases = conform(pd.DataFrame({"customer_id": ["A", "B", "C"], "cases": [2, 438, 57]}), "communication")
    _, soup = page_of(made.made_run(accounts, communication=cases), tmp_path)
    rows = rows_of(soup)
    assert [row[0] for row in rows] == ["B", "C", "A"]
    assert {row[8] for row in rows} == {"\N{EN DASH}"}, "what is at stake is not known, and is not nothing"
    assert soup.select_one(".lead").get_text().startswith("Those with most cases come first.")
    assert soup.select_one("#controls")["data-first"] == "Most cases"


def test_no_accounts_are_a_sentence(made, tmp_path) -> None:
    html, soup = page_of(made.made_run(made.statement([])), tmp_path)
    assert "There is no account in this window." in soup.get_text()
    assert check_page(html, files={"tables/accounts.csv", "workbook.xlsx"}, script=accounts_script()) == []


def test_no_two_accounts_share_a_file_and_every_name_is_safe() -> None:
    names = [file_name(key) for key in IDS]
    assert len({name.casefold() for name in names}) == len(IDS)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", name) for name in names)
    assert not {name.upper() for name in names} & {"CON", "PRN", "AUX", "NUL"}
    assert file_name("007") == "007"


def test_a_list_of_accounts_with_several_numbers_names_each_of_them_on_a_phone(made) -> None:
    """A brief list shows no headings on a phone: 438 and 94% beneath each other would be numbers of nothing."""
    accounts = made.statement([{"customer_id": key} for key in "ABC"])
    accounts[[name for name in accounts if accounts[name].dtype == "float64"]] = float("nan")
    cases = pd.DataFrame({"customer_id": list("ABC"), "cases": [2, 438, 57], "dates_kept_share": [1.0, 0.94, 0.5]})
    page = instead_of_the_map(made.made_run(accounts, communication=conform(cases, "communication")))
    assert "438" in page and "94%" in page and 'class="brief"' not in page
    few = made.made_run(made.statement([{"customer_id": "A", "list_revenue": 9.0, "cogs": 4.0, "cts_support": 1.0}]))
    assert 'class="brief"' not in one_by_one(few)
