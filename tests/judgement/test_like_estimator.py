"""The model of like accounts on an analyst's own frames."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from analysis.statistics.rates import like_rates
from analysis.topics.service.judgement.like_estimator import LikeAccounts


@parametrize_with_checks([LikeAccounts()])
def test_it_is_an_estimator_of_scikit_learn(estimator, check) -> None:
    check(estimator)


def planted(rows: int = 800) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Counts at e^(0.5 + 0.8 size) a year, of accounts that were there half a year to two."""
    drawn = np.random.default_rng(7)
    size, years = drawn.normal(size=rows), drawn.uniform(0.5, 2, rows)
    return pd.DataFrame({"size": size}), pd.Series(drawn.poisson(years * np.exp(0.5 + 0.8 * size))), pd.Series(years)


def test_it_finds_a_planted_line_also_where_a_few_get_ten_times_as_much() -> None:
    X, y, years = planted()
    y[:20] = y[:20] * 10 + 10
    found = LikeAccounts().fit(X, y, years)
    assert found.coef_ == pytest.approx([0.8], abs=0.06)
    assert found.intercept_ == pytest.approx(0.5, abs=0.1)
    assert found.feature_names_in_.tolist() == ["size"]
    assert found.chance(X, y, years)[:20].max() < 0.01


def test_chances_are_even_where_nobody_stands_apart() -> None:
    X, y, years = planted()
    found = LikeAccounts().fit(X, y, years)
    assert (found.chance(X, y, years) < 0.5).mean() == pytest.approx(0.5, abs=0.06)
    nine_of_ten = found.quantile(X, 0.9, years)
    assert (y < np.floor(nine_of_ten)).mean() <= 0.9 <= (y <= nine_of_ten).mean()


def test_it_says_of_a_stranger_what_the_judgement_says_of_one() -> None:
    """An account that is no measure for others is held against their line, in the judgement as here."""
    X, y, years = planted(60)
    values = ((X - X[:-1].mean()) / X[:-1].std(ddof=0)).to_numpy()
    usual = np.r_[np.ones(59, dtype=bool), False]
    judged = like_rates(values, y.to_numpy(dtype=float), years.to_numpy(), usual, 1.0, regular=False)
    found = LikeAccounts().fit(X[:-1], y[:-1], years[:-1])
    assert found.predict(X, years)[-1] == pytest.approx(judged.middle[-1])


def test_it_stands_in_a_pipeline_on_any_scale() -> None:
    X, y, _ = planted(100)
    alone = LikeAccounts().fit(X * 1000 + 5, y)
    piped = make_pipeline(StandardScaler().set_output(transform="pandas"), LikeAccounts()).fit(X, y)
    assert piped.predict(X) == pytest.approx(alone.predict(X * 1000 + 5))


def test_a_count_below_nothing_is_no_count() -> None:
    with pytest.raises(ValueError, match="below 0"):
        LikeAccounts().fit([[1.0], [2.0]], [1.0, -1.0])
