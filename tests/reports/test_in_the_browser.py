"""Every page, opened as a file: no request, no error, readable by all, on a phone, in the dark and on paper."""

import re
from pathlib import Path

import pytest

from tests.reports.axe import wrong_in

pytestmark = pytest.mark.browser
PAGES = [
    ("sample_run", "index.html"),
    ("sample_run", "profitability.html"),
    ("sample_run", "segments.html"),
    ("sample_run", "service_demand.html"),
    ("sample_run", "over_served.html"),
    ("sample_run", "actions.html"),
    ("sample_run", "archetypes.html"),
    ("sample_run", "difficult.html"),
    ("sample_run", "perception.html"),
    ("sample_run", "value.html"),
    ("sample_run", "cuts.html"),
    ("sample_run", "method.html"),
    ("sample_run", "accounts/C00039.html"),
    ("sample_run", "accounts/007.html"),
    ("asked_for_folder", "account_managers.html"),
    ("asked_for_folder", "backtest.html"),
    ("made_run_folder", "index.html"),
    ("made_run_folder", "profitability.html"),
]
#: Always opened; the others are slow.
FIRST = [("sample_run", "index.html"), ("sample_run", "accounts/C00039.html"), ("made_run_folder", "index.html")]
SMALLEST = 11


def _page(source: str, page: str) -> object:
    marks = () if (source, page) in FIRST else pytest.mark.slow
    return pytest.param((source, page), marks=marks, id=f"{source}-{page}")


@pytest.fixture(scope="module", params=[_page(*page) for page in PAGES])
def address(request: pytest.FixtureRequest) -> str:
    """Give a page of the real run of the sample, or of the hand-made run with its hostile names."""
    source, page = request.param
    folder: Path = request.getfixturevalue(source)
    return (folder / page).as_uri()


@pytest.fixture(scope="module")
def opened(browser, address):
    """Open the page at a width and in a colour scheme, once; what it fetches and logs is written down."""
    pages = {}

    def _open(width: int = 1280, scheme: str = "light"):
        if (width, scheme) not in pages:
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page = pages[width, scheme] = context.new_page()
            page.fetched, page.logged = [], []
            page.on("request", lambda request: page.fetched.append(request.url))
            page.on("console", lambda message: page.logged.append(message.text))
            page.on("pageerror", lambda error: page.logged.append(str(error)))
            page.goto(address)
        return pages[width, scheme]

    yield _open
    for page in pages.values():
        page.context.close()


def test_it_fetches_nothing_and_logs_nothing(opened, address: str) -> None:
    page = opened()
    page.wait_for_timeout(200)
    assert [url for url in page.fetched if url != address and not url.startswith("data:")] == []
    assert page.logged == []


# Each drawing and each scheme once: colours are of the scheme, and what is shown is of the width.
@pytest.mark.parametrize(("scheme", "width"), [("dark", 1280), ("light", 360)])
def test_everybody_can_read_it(opened, scheme: str, width: int) -> None:
    assert wrong_in(opened(width, scheme)) == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_it_fits_its_width(opened, width: int) -> None:
    page = opened(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_no_text_of_a_figure_is_too_small(opened) -> None:
    sizes = opened(360).evaluate(
        """() => [...document.querySelectorAll('svg text')].filter(t => t.getClientRects().length).map(t => {
            const scale = t.ownerSVGElement.getBoundingClientRect().width / t.ownerSVGElement.viewBox.baseVal.width;
            return [t.textContent, parseFloat(getComputedStyle(t).fontSize) * scale];
        })"""
    )
    assert sizes
    assert [(text, size) for text, size in sizes if size < SMALLEST] == []


@pytest.mark.parametrize(("width", "shown"), [(360, "narrow"), (1280, "wide")])
def test_of_the_two_drawings_one_is_shown(opened, width: int, shown: str) -> None:
    figures = opened(width).evaluate(
        """() => [...document.querySelectorAll('figure.drawing')].map(f =>
            [...f.querySelectorAll('.wide, .narrow')].filter(d => d.getClientRects().length).map(d => d.className))"""
    )
    assert figures
    assert all(seen == [shown] for seen in figures)


def test_no_text_of_a_figure_is_cut_off(opened) -> None:
    for width in (360, 1280):
        cut = opened(width).evaluate(
            """() => [...document.querySelectorAll('svg text')].filter(t => t.getClientRects().length).filter(t => {
                const box = t.getBoundingClientRect();
                return box.left < -0.5 || box.right > document.documentElement.clientWidth + 0.5;
            }).map(t => t.textContent)"""
        )
        assert cut == []


def test_hostile_names_run_nothing(opened) -> None:
    page = opened()
    assert page.evaluate("document.scripts.length") == 0
    assert page.evaluate("document.querySelectorAll('[onload],[onerror],[onclick]').length") == 0


def test_the_keyboard_can_skip_to_the_report(opened) -> None:
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_prints_the_overview_and_an_account_on_two_sheets(opened, address: str, paper: str) -> None:
    printed = opened().pdf(format=paper)
    assert printed.startswith(b"%PDF")
    if address.endswith("index.html") or "/accounts/" in address:
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2


def test_no_table_is_wider_than_the_paper_not_even_those_that_a_screen_folds_away(opened, address: str) -> None:
    page = opened(1047 if address.endswith("accounts.html") else 688)  # A4 less margins: 10 mm, landscape, or 14 mm
    page.emulate_media(media="print")
    page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(media="screen")


def test_on_paper_no_name_is_broken_within_a_word_of_eleven_letters(opened) -> None:
    page = opened(688)
    page.emulate_media(media="print")
    page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
    broken = """() => [...document.querySelectorAll('tbody th bdi.name')].flatMap(name => {
        const text = name.firstChild
        return [...text.data.matchAll(/\\S+/g)].filter(word => word[0].length <= 11).filter(word => {
            const range = document.createRange()
            range.setStart(text, word.index)
            range.setEnd(text, word.index + word[0].length)
            return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1
        }).map(word => word[0])
    })"""
    assert page.evaluate(broken) == []
    page.emulate_media(media="screen")


def test_beside_a_range_the_teams_whose_step_it_is_have_room_on_a_phone(opened, address: str) -> None:
    page = opened(360)
    overlap = """() => [...document.querySelectorAll('.brief tr:has(.mark):has(.who)')].some(row => {
        row.querySelector('.who').textContent = 'Service, then account managers, then finance'
        const [one, other] = ['.mark + span', '.who'].map(part => row.querySelector(part).getBoundingClientRect())
        return one.right > other.left && one.left < other.right && one.bottom > other.top && one.top < other.bottom
    })"""
    assert not page.evaluate(overlap)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()


@pytest.mark.parametrize(("width", "most"), [(1280, 2 * 960), (360, 5 * 800)])
def test_the_overview_is_two_screens_high_and_five_on_a_phone(opened, address: str, width: int, most: int) -> None:
    if "sample" in address and address.endswith("index.html"):
        assert opened(width).evaluate("document.documentElement.scrollHeight") <= most
