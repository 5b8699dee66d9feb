"""An analyst's first day: ten questions, each answered in three cells at most, by what really runs."""

import ast
import re
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from analysis import Portfolio
from tests.conftest import ROOT, SAMPLE

PAGE = (ROOT / "docs" / "first-day.md").read_text(encoding="utf-8")
QUESTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
IDS = [question.split(".")[0] for question in QUESTIONS]


def cells(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


@cache
def space_of(run: Path) -> dict[str, object]:
    """What the first cell of the day leaves, of this run."""
    (first,) = cells(PAGE.partition("\n## ")[0])
    space: dict[str, object] = {}
    exec(first.replace('"reports/latest"', repr(str(run))), space)  # noqa: S102
    return space


@cache
def answered(question: str, run: Path) -> tuple[dict[str, object], list[object]]:
    """Run a question's cells and return what they leave, and what each shows."""
    space, showed = dict(space_of(run)), []
    for cell in cells(question.replace('"data/sample"', repr(str(SAMPLE)))):
        body = ast.parse(cell).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), "cell", "exec"), space)  # noqa: S102
        showed.append(eval(compile(ast.Expression(last.value), "cell", "eval"), space) if last else None)  # noqa: S307
    return space, showed


def test_there_are_ten_questions_of_three_cells_at_most() -> None:
    assert len(QUESTIONS) == 10
    assert all(question.splitlines()[0].endswith("?") for question in QUESTIONS)
    assert all(1 <= len(cells(question)) <= 3 for question in QUESTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS, ids=IDS)
def test_every_answer_shows_something(question: str, sample_run: Path) -> None:
    _, showed = answered(question, sample_run)
    frames = [frame for frame in showed if hasattr(frame, "to_html")]
    assert frames
    assert all("<table" in frame.to_html() for frame in frames)
    assert len(plt.get_fignums()) == len([cell for cell in cells(question) if "ax = " in cell])
    plt.close("all")


def test_the_answers_are_true(sample_run: Path) -> None:
    """The segments sum to the portfolio; whoever falls below the new line lies between it and the old."""
    p = Portfolio(tables=sample_run)
    why = answered(QUESTIONS[3], sample_run)[0]["why"]
    assert set(why["customer_id"]) == {p.accounts.sort_values("net_margin")["customer_id"].iloc[0]}
    four = answered(QUESTIONS[6], sample_run)[1][0].data
    assert four["accounts"].sum() == p.accounts["segment"].notna().sum()
    assert four["net_margin"].sum() == pytest.approx(p.accounts.dropna(subset=["segment"])["net_margin"].sum())
    moved = answered(QUESTIONS[9], sample_run)[1][1].data
    fell = moved[moved["before"].str.startswith("Profitable") & moved["after"].str.startswith("Loss-making")]
    margins = p.accounts.set_index("customer_id").loc[fell["customer_id"], "running_margin"]
    assert len(margins)
    assert margins.between(0, 500).all()
    plt.close("all")
