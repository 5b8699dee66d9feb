"""What the README and the other pages tell a newcomer to do works, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.data.contract import INPUTS
from analysis.data.skeleton import write_skeleton
from analysis.portfolio import Portfolio
from analysis.topics.overview.columns import JUDGEMENTS
from tests.conftest import ROOT
from tests.pages import QUICK, all_words, slip

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _block(name: str) -> str:
    """Return the README's block of code that a line beginning with `name` introduces."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text[text.index(f"\n`{name}`, ") :].split("```", 2)[1].partition("\n")[2]


def test_the_dataset_of_the_readme_gives_what_a_pencil_gives(tmp_path: Path) -> None:
    list(write_skeleton(tmp_path))
    for name in ("customers.csv", "transactions.csv", "service_events.csv", "costing.toml"):
        (tmp_path / name).write_text(_block(name), encoding="utf-8")
    p = Portfolio(tmp_path)
    assert p.opened.checked.problems == []
    assert p.as_of.isoformat() == "2026-09-30"
    alder, birch = p.accounts.set_index("customer_id").loc[["007", "008"]].to_dict("records")
    # A minute costs 40,000 / 50,000 = 0.80. Alder: 12,000 - 600 - 1,000 - 6,400 of goods, and 35 minutes.
    assert (alder["net_revenue"], alder["cost_to_serve"], alder["net_margin"]) == (10_400, 28, 3_972)
    # Birch: 800 - 500 of goods, 15 + 10 minutes after hours, and 90 minutes of a complaint that we caused.
    assert (birch["net_revenue"], birch["cost_to_serve"], birch["net_margin"]) == (800, 92, 208)
    assert birch["failure_cost"] == 72


def test_the_override_of_the_readme_is_shown_beside_what_was_computed(tmp_path: Path) -> None:
    list(write_skeleton(tmp_path))
    for name in ("customers.csv", "transactions.csv", "service_events.csv", "costing.toml"):
        (tmp_path / name).write_text(_block(name), encoding="utf-8")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text[text.index("**A verdict that you know better.**") :].split("```csv\n", 1)[1].split("```", 1)[0]
    (tmp_path / "overrides.csv").write_text(block, encoding="utf-8")
    p = Portfolio(tmp_path, policy=QUICK)
    (row,) = p.overridden.to_dict("records")
    assert (row["customer_id"], row["judgement"], row["by"]) == ("007", "over_served", "Ann")
    mine = p.judged.set_index("customer_id").loc["007"]
    assert (bool(mine["over_served"]), mine["net_revenue"]) == (False, 10_400)
    # The rows behind a number, as the README has them: 10,400 of net amounts, and 35 minutes at 0.80.
    one = p.account("007")
    assert (one.lines["net"].sum(), round(one.work["cost"].sum(), 9)) == (10_400, 28)


def test_the_contract_names_every_judgement_that_a_person_can_replace() -> None:
    said = INPUTS["overrides"]["judgement"].doc
    assert set(re.findall(r"`(\w+)`", said)) == {*JUDGEMENTS}


@pytest.mark.slow
def test_without_a_record_of_the_work_the_readme_has_every_page_and_tells_no_cost_of_serving(tmp_path: Path) -> None:
    list(write_skeleton(tmp_path))
    for name in ("customers.csv", "transactions.csv"):
        (tmp_path / name).write_text(_block(name), encoding="utf-8")
    for name in ("service_events.csv", "costing.toml"):
        (tmp_path / name).unlink()
    p = Portfolio(tmp_path, policy=QUICK)
    # The last line is of 25 September, and no month is covered to its end.
    assert p.as_of.isoformat() == "2026-09-25"
    found = all_words(p)
    # Alder: 12,000 - 600 - 1,000 - 6,400 of goods. Birch: 800 - 500.
    assert p.accounts.set_index("customer_id").net_margin.to_dict() == {"007": 4_000, "008": 300}
    assert (
        "EUR 4.3 k since 3 September 2026 before the work of serving them, which is not recorded"
        in found["profitability"]
    )
    for page, text in found.items():
        assert not slip(text), page
        assert "after cost to serve" not in text, page
    assert "Cost to serve and capacity: the dataset has no service_events" in found["method"]


@pytest.mark.slow
def test_without_sales_the_readme_has_every_page_and_tells_no_margin(tmp_path: Path) -> None:
    list(write_skeleton(tmp_path))
    for name in ("customers.csv", "service_events.csv", "costing.toml"):
        (tmp_path / name).write_text(_block(name), encoding="utf-8")
    (tmp_path / "transactions.csv").unlink()
    p = Portfolio(tmp_path, policy=QUICK)
    found = all_words(p)
    assert p.accounts.net_margin.isna().all()
    assert p.accounts.set_index("customer_id").cost_to_serve.to_dict() == {"007": 28, "008": 92}
    for page, text in found.items():
        assert not slip(text), page
        assert "no sales in this window" not in text, page
    assert "The margin of 2 accounts is not known" in found["executive"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []
