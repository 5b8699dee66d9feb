"""Text from the data ends as text."""

import pytest

from analysis.reporting import tables
from analysis.reporting.markup import Html, element, name, text


def test_a_name_that_is_markup_is_shown_as_it_is() -> None:
    assert "<script>" not in name("<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in name("<script>alert(1)</script>")


def test_a_long_name_is_cut_and_the_rest_stays_out_of_the_page() -> None:
    written = name("x" * 5000)
    assert "…" in written
    assert len(written) < 500


def test_line_breaks_and_control_characters_do_not_reach_the_page() -> None:
    assert str(name("two\nlines\x00\x1b[31m")) == '<bdi class="name">two lines[31m</bdi>'


def test_right_to_left_text_keeps_its_direction_to_itself() -> None:
    assert name("\u202eقلب").startswith('<bdi class="name">')


@pytest.mark.parametrize("nothing", [None, float("nan"), "", "  \n "])
def test_a_missing_name_falls_back_on_the_id(nothing: object) -> None:
    assert str(name(nothing, "C007")) == '<bdi class="name">C007</bdi>'


def test_attributes_are_escaped() -> None:
    assert str(element("p", title='"><script>')) == '<p title="&quot;&gt;&lt;script&gt;"></p>'


def test_only_what_was_built_here_stays_markup() -> None:
    assert str(text([Html("<b>"), "<i>"])) == "<b>&lt;i&gt;"


def test_a_table_has_a_caption_and_scoped_headings(made) -> None:
    frame = made.portfolio(9)
    written = tables.table(frame, [tables.account(), tables.money("Net revenue", "net_revenue")], "Accounts")
    assert "<caption>Accounts</caption>" in written
    assert written.count('scope="col"') == 2
    assert written.count('scope="row"') == 9
    assert "<script>" not in written


def test_a_table_without_rows_says_so(made) -> None:
    assert tables.table(made.portfolio(9).iloc[:0], [], "Accounts", empty="There are none.") == (
        '<p class="note">There are none.</p>'
    )


def test_an_unknown_amount_is_a_dash_with_words() -> None:
    assert 'aria-label="not measured"' in str(tables.money("Margin", "m").show({"m": float("nan")}))
