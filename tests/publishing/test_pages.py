"""A page is one file that needs nothing else, and the check finds each fault."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.publishing.pages import POLICY, check_page, render_page

FIGURE = '<svg role="img" aria-label="A curve" viewBox="0 0 1 1"><path d="M0 0"/></svg>'
TABLE = '<table><caption>Accounts</caption><tr><th scope="col">Account</th></tr><tr><td>A</td></tr></table>'
GOOD = (
    f'<!DOCTYPE html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    "<title>Page</title></head><body><header>Top</header><main>"
    f'<h1>One</h1><h2 id="two">Two</h2>{FIGURE}{TABLE}<a href="#two">Two</a>'
    '<a href="https://example.org/">Elsewhere</a><bdi class="name">NaN</bdi></main><footer>End</footer></body></html>'
)


def html_cell(html: str) -> object:
    output = new_output("execute_result", {"text/html": html, "text/plain": "<Html>"}, execution_count=1)
    return new_code_cell("secret_source()", outputs=[output])


def executed() -> nbformat.NotebookNode:
    said = [("stderr", "a warning"), ("stdout", "a printed line")]
    noise = new_code_cell("print('x')", outputs=[new_output("stream", name=name, text=text) for name, text in said])
    return new_notebook(
        cells=[
            html_cell("<div><h1>31 accounts &amp; more</h1></div>"),
            html_cell(f'<section><h2 id="map" data-short="The map">A title</h2>{FIGURE}</section>'),
            new_markdown_cell("## A title\n\nProse at 5 $ and 6 $.\n\n## A title"),
            noise,
        ]
    )


def test_a_rendered_notebook_is_a_good_page() -> None:
    assert check_page(render_page(executed(), title="executive")) == []


def test_the_page_has_no_code_no_prompt_and_no_stream() -> None:
    page = render_page(executed(), title="executive")
    for hidden in ("secret_source", "a warning", "a printed line", "In [", "Out[", "<script", "text/plain"):
        assert hidden not in page


def test_the_tab_says_what_the_page_says() -> None:
    assert "<title>31 accounts &amp; more</title>" in render_page(executed(), title="executive")


def test_equal_headings_get_ids_of_their_own_and_a_line_in_the_contents() -> None:
    page = render_page(executed())
    assert '<li><a href="#map">The map</a></li>' in page
    assert '<a href="#a-title">A title</a>' in page
    assert '<a href="#a-title-2">A title</a>' in page


def test_a_picture_keeps_its_words() -> None:
    output = new_output("display_data", {"image/png": "iVBORw0KGgo="}, metadata={"image/png": {"alt": "A <b> picture"}})
    page = render_page(new_notebook(cells=[html_cell("<h1>One</h1>"), new_code_cell("", outputs=[output])]))
    assert 'alt="A &lt;b&gt; picture"' in page
    assert check_page(page) == []
    del output["metadata"]["image/png"]
    bare = render_page(new_notebook(cells=[html_cell("<h1>One</h1>"), new_code_cell("", outputs=[output])]))
    assert check_page(bare) == ["A figure (img) has no text that says what it shows."]


def test_a_good_page_passes() -> None:
    assert check_page(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("</main>", "<script>1</script></main>", "script"),
        ("</main>", '<iframe title="x"></iframe></main>', "iframe"),
        ("<h1>", '<h1 onclick="x()">', "handler onclick"),
        ('href="#two"', 'href="javascript:x()"', "links to code"),
        ("default-src", "style-src", "Content-Security-Policy"),
        (' lang="en"', "", "language"),
        ("<title>Page</title>", "", "no title"),
        ("<h1>One</h1>", "", "one h1"),
        ("<h2", "<h1>Again</h1><h2", "one h1"),
        ('<h2 id="two">Two</h2>', '<h3 id="two">Two</h3>', "h3 straight after an h1"),
        ("<h1>One", '<h1 id="two">One', "there 2 times"),
        ('href="#two"', 'href="#three"', "#three"),
        ('d="M0 0"', 'd="M0 0" clip-path="url(#gone)"', "'gone'"),
        (FIGURE, '<img src="https://example.org/x.png" alt="x">', "would fetch"),
        (FIGURE, '<link rel="stylesheet" href="https://example.org/x.css">', "would fetch"),
        ("</head>", "<style>@import 'x'</style></head>", "style would fetch"),
        (' aria-label="A curve"', "", "no text that says"),
        (FIGURE, '<img src="data:," alt="">', "no text that says"),
        ("<caption>Accounts</caption>", "", "no caption"),
        (' scope="col"', "", "without scope"),
        ("<td>A</td>", "<td>nan</td>", "'nan'"),
        ("<td>A</td>", "<td>EUR inf</td>", "'inf'"),
        ("<td>A</td>", "<td>None</td>", "'None'"),
        ("<td>A</td>", "<td>profitable_low_demand</td>", "code name profitable_low_demand"),
        ("<td>A</td>", "<td>surely_negative</td>", "code name surely_negative"),
        ("<td>A</td>", "<td>product_mix</td>", "code name product_mix"),
        ("<main>", "<div>", "<main> landmark"),
    ],
)  # fmt: skip
def test_each_planted_fault_is_found(old: str, new: str, finding: str) -> None:
    assert old in GOOD
    assert any(finding in words for words in check_page(GOOD.replace(old, new)))


def test_a_customer_may_be_called_nan() -> None:
    assert check_page(GOOD.replace("<td>A</td>", '<td><bdi class="name">None</bdi></td>')) == []
    assert check_page(GOOD.replace("<td>A</td>", "<td>None of them</td>")) == []


def test_a_page_over_its_budget_is_found() -> None:
    assert check_page(GOOD, budget=100) == [f"The page has {len(GOOD.encode()):,} bytes; 100 are allowed."]


def test_links_to_files_must_be_part_of_the_run() -> None:
    page = GOOD.replace("#two", "tables/accounts.csv")
    assert check_page(page, files={"tables/accounts.csv"}) == []
    assert check_page(page, files=set()) == ["A link leads to tables/accounts.csv, which is not part of the run."]
