"""The page of all accounts in a browser: searched, sorted and filtered; complete and readable without script."""

from pathlib import Path

import pytest

from analysis import Portfolio
from analysis.publishing.account_pages import write_list
from tests.reports.axe import wrong_in

pytestmark = pytest.mark.browser
NAMES = "[...document.querySelectorAll('#accounts tbody tr')].filter(r => !r.hidden).map(r => r.cells[0].textContent)"


@pytest.fixture(scope="module")
def listed(sample_run: Path, tmp_path_factory) -> tuple[str, Portfolio]:
    run, folder = Portfolio(tables=sample_run), tmp_path_factory.mktemp("listed")
    run.accounts.loc[0, "name"] = "<img src=x onerror=alert(1)> Çelik"
    write_list(run, folder, {})
    return (folder / "accounts.html").as_uri(), run


@pytest.fixture
def page(browser, listed):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.logged = []
    page.on("console", lambda message: page.logged.append(message.text))
    page.on("pageerror", lambda error: page.logged.append(str(error)))
    page.goto(listed[0])
    yield page
    assert page.logged == []
    context.close()


def test_search_filter_and_sort_agree_with_the_table(page, listed) -> None:
    accounts = listed[1].accounts
    page.fill("#find", "celik")
    assert page.evaluate(NAMES) == ["<img src=x onerror=alert(1)> Çelik"]
    page.fill("#find", "")
    page.select_option("#by-flag", label="over-served")
    assert len(page.evaluate(NAMES)) == int(accounts["over_served"].fillna(False).sum())
    manager = str(accounts["account_manager"].dropna().iloc[0])
    page.select_option("#by-manager", label=manager)
    both = accounts["over_served"].fillna(False) & (accounts["account_manager"] == manager)
    assert len(page.evaluate(NAMES)) == int(both.sum())
    page.select_option("#by-flag", index=0)
    page.select_option("#by-manager", index=0)
    page.click("thead button:text-is('Net margin')")
    best = accounts.loc[accounts["net_margin"].idxmax()]  # another account has its name, too
    assert page.evaluate(NAMES)[0] == f"{best['name']} ({best['customer_id']})"
    assert page.get_attribute("thead th[aria-sort]", "aria-sort") == "descending"
    page.click("thead button:text-is('Net margin')")
    assert page.evaluate(NAMES)[0] == accounts.loc[accounts["net_margin"].idxmin(), "name"]


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("dark", 1280), ("light", 360)])
def test_everybody_can_read_it(browser, listed, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(listed[0])
    assert wrong_in(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_without_script_the_table_is_complete(browser, listed) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(listed[0])
    assert page.locator("#accounts tbody tr").count() == len(listed[1].accounts)
    assert not page.locator("#controls").is_visible()
    context.close()
