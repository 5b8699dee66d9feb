"""The panels without a browser: a slider is moved, a button pressed, and what they show is read."""

import re
from pathlib import Path

import pytest

from analysis import Portfolio
from analysis.exploring import Explorer, panels
from tests.conftest import SAMPLE
from tests.pages import QUICK


@pytest.fixture(scope="module")
def sample() -> Portfolio:
    return Portfolio(SAMPLE, policy=QUICK)


def described(box: object, words: str) -> object:
    """Return the widget with the description, however deep it lies."""
    for child in getattr(box, "children", ()):
        if getattr(child, "description", "").startswith(words):
            return child
        if found := described(child, words):
            return found
    return None


def html_of(box: object) -> str:
    own = box.value if type(box).__name__ == "HTML" else ""
    return own + "".join(html_of(child) for child in getattr(box, "children", ()))


def pictures(box: object) -> list[bytes]:
    own = [box.value] if type(box).__name__ == "Image" else []
    return own + [one for child in getattr(box, "children", ()) for one in pictures(child)]


def test_a_slider_moves_counts_map_and_list(sample: Portfolio) -> None:
    x = Explorer(sample)
    box = panels.thresholds(x)
    before = pictures(box)
    assert "Nobody would move." in html_of(box)
    described(box, "Profitable from").value = 1_000.0
    assert x.choices == {"segments": {"profit_threshold": 1_000.0}}
    assert all(name in html_of(box) for name in x.moved["name"].head(5))
    assert len(x.moved) > 5
    assert pictures(box)[1] != before[1]
    described(box, "Over-service from").value = 0.6
    assert pictures(box)[0] != before[0]


def test_a_teams_cost_moves_who_loses_money_and_is_no_choice_to_save(sample: Portfolio) -> None:
    x = Explorer(sample)
    box = panels.thresholds(x)
    slider = described(box, "field_team: cost of a quarter")
    assert slider.value == sample.opened.costing.resources["field_team"].cost
    slider.value = 60_000.0
    more = 60_000 - sample.opened.costing.resources["field_team"].cost
    costs = [p.resources.set_index("resource")["supplied_cost"] for p in (x.q, sample)]
    assert (costs[0] - costs[1])["field_team"] == pytest.approx(4 * more)
    assert "resources.field_team.cost 40820.0 -&gt; 60000.0" in html_of(box)
    assert x.choices == {}
    form = panels.saving(x)
    described(form, "Save").click()
    assert "state it in costing.toml" in html_of(form)
    slider.value = sample.opened.costing.resources["field_team"].cost
    assert "Nobody would move." in html_of(box)


def test_an_account_is_found_and_shown_through(sample: Portfolio) -> None:
    box = panels.accounts(Explorer(sample))
    described(box, "Search").value = "ostrava timber"
    assert "Ostrava Timber Oy" in html_of(box)
    assert "What it gets" in html_of(box)
    described(box, "Search").value = "no such account"
    assert "No account has this" in html_of(box)


def test_a_steps_assumptions_change_its_value_and_range(sample: Portfolio) -> None:
    box = panels.assumptions(Explorer(sample))
    before, drawn = html_of(box), pictures(box)
    # Until a slider is moved it is what is assumed now, the record heard, and so is what that adds.
    adds, assumed = re.findall(r"would add (.*?) with .*; as assumed now (.*?)\. The best", before)[0]
    assert adds == assumed
    described(box, "How much goes").value = (0.08, 0.1)
    assert html_of(box) != before
    assert pictures(box) != drawn
    described(box, "Step").value = "trim_frequency"
    assert "Not done" not in html_of(box)


def test_saving_says_what_is_missing_and_then_what_was_written(write_dataset) -> None:
    data: Path = write_dataset(
        customers="customer_id,name\n007,Alder\n",
        transactions="transaction_id,customer_id,date,kind,net_amount,cogs\nT1,007,2026-10-05,sale,100,40\n",
    )
    x = Explorer(Portfolio(data, "2026-10-31"))
    assert all(pictures(panels.thresholds(x)))
    form = panels.saving(x)
    described(form, "Save").click()
    assert "Nothing was changed" in html_of(form)
    x.set("segments.profit_threshold", 100.0)
    described(form, "Save").click()
    assert "who changes" in html_of(form)
    described(form, "Who").value, described(form, "Why").value = "Ann", "<i>agreed</i>"
    described(form, "Save").click()
    assert "+profit_threshold = 100.0" in html_of(form)
    assert "<i>" not in html_of(form)
    assert "<i>agreed</i>" in (data / "policy.toml").read_text(encoding="utf-8")
