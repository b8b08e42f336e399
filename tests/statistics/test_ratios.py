"""Ratios of errors: formulas against scipy, and by simulation what a verdict may rest on."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from simulated import Models, share

from seqcompare.core.errors import InputError
from seqcompare.core.types import Floats
from seqcompare.statistics.estimates import Estimate
from seqcompare.statistics.ratios import (
    outcome,
    ratio_on_one_series,
    ratio_over_series,
    trials_needed,
)
from seqcompare.statistics.tests import corrected

ERRORS = arrays(np.float64, 6, elements=st.floats(0.01, 100))
LOSSES = arrays(np.float64, (4, 60), elements=st.floats(0.5, 1.5))
UNEQUAL = Models(shared=(0.3, 0.9), of_trial=0.2, dependence=0.8)
DESIGNS = {"several series": (ratio_over_series, ERRORS), "one": (ratio_on_one_series, LOSSES)}


def test_over_series_the_ratio_is_students_t_on_logarithms(rng: np.random.Generator) -> None:
    first, second = rng.lognormal(size=(2, 7))
    expected = stats.ttest_1samp(np.log(first / second), 0)
    ends = np.exp(expected.confidence_interval(0.9))
    found = ratio_over_series(first, second, 0.9)
    assert astuple(found) == pytest.approx((stats.gmean(first / second), *ends, expected.pvalue))


@pytest.mark.parametrize("seeds", [1, 3])
def test_several_seeds_of_a_series_count_as_its_mean_log_ratio(
    seeds: int, rng: np.random.Generator
) -> None:
    first, second = rng.lognormal(size=(2, 7, seeds))  # [series, seed]
    of_series = np.exp(np.mean(np.log(first / second), axis=1))
    found = ratio_over_series(first, second, 0.9)
    expected = ratio_over_series(of_series, np.ones(7), 0.9)
    assert astuple(found) == pytest.approx(astuple(expected))


def plain_margin(first: Floats, second: Floats, r: float, confidence: float) -> float:
    """Of the mean of first - r * second, one wave at a time."""
    difference = first - r * second
    trials, n = difference.shape
    means, squares = difference.mean(axis=0), []
    for k in range(1, round(n ** (2 / 3) / 6) + 1):
        wave = sum(means[t] * math.cos(math.pi * k * (t + 0.5) / n) for t in range(n))
        squares.append(2 / n * wave**2)
    of_test_part = np.mean(squares) / n * stats.t.ppf((1 + confidence) / 2, len(squares)) ** 2
    if trials == 1:
        return math.sqrt(of_test_part)
    error = stats.sem(difference.mean(axis=1))
    of_trials = error * stats.t.ppf((1 + confidence) / 2, trials - 1)
    return math.sqrt(of_test_part + of_trials**2)


@pytest.mark.parametrize("trials", [1, 3])
def test_the_interval_ends_where_the_difference_equals_its_margin_and_p_is_that_of_one(
    trials: int, rng: np.random.Generator
) -> None:
    first, second = UNEQUAL.losses(rng, trials)
    found = ratio_on_one_series(first, second, 0.8)
    assert found.p is not None
    for r, confidence in ((found.low, 0.8), (found.high, 0.8), (1.0, 1 - found.p)):
        assert r is not None
        distance = abs(first.mean() - r * second.mean())
        assert distance == pytest.approx(plain_margin(first, second, r, confidence))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (np.full((5, 39), 0.5), np.ones((5, 39)), 0.5),  # a short test part
        (np.eye(60)[:1] + 1e-9, np.ones((1, 60)), 1 / 60),  # an error in a single target
    ],
)
def test_where_an_interval_would_have_no_end_there_is_none(
    first: Floats, second: Floats, expected: float
) -> None:
    found = ratio_on_one_series(first, second, 0.95)
    assert found == Estimate(pytest.approx(expected))


@pytest.mark.parametrize("design", DESIGNS)
@given(data=st.data(), pairs=st.integers(1, 10))
def test_the_interval_excludes_one_exactly_where_the_p_value_is_below_the_level(
    design: str, data: st.DataObject, pairs: int
) -> None:
    ratio, errors = DESIGNS[design]
    first, second = data.draw(errors), data.draw(errors)
    found = ratio(first, second, 0.95, pairs)
    assume(found.p is not None and abs(found.p - 0.05) > 1e-9)
    assume(not np.array_equal(first, second))
    assert found.p is not None
    assert found.holds(1) == (found.p > 0.05)


@pytest.mark.parametrize("design", DESIGNS)
@given(data=st.data())
def test_swapping_two_models_inverts_their_ratio(design: str, data: st.DataObject) -> None:
    ratio, errors = DESIGNS[design]
    first, second = data.draw(errors), data.draw(errors)
    forward, backward = ratio(first, second, 0.9), ratio(second, first, 0.9)
    assert (forward.low is None) == (backward.low is None)
    if forward.low and forward.high and backward.low and backward.high:
        # Where losses never vary, rounding alone is under the root.
        assert forward.low == pytest.approx(1 / backward.high, rel=1e-6)
        assert forward.high == pytest.approx(1 / backward.low, rel=1e-6)
        assert forward.p == pytest.approx(backward.p)


@pytest.mark.parametrize("design", [ratio_over_series, ratio_on_one_series])
@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_ratio_needs_paired_errors_above_zero(design, bad: float) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=f"errors above 0, but one is {bad:g}"):
        design(np.ones((2, 50)), np.full((2, 50), bad), 0.95)
    with pytest.raises(ValueError, match="a ratio needs paired"):
        design(np.ones((3, 50)), np.ones((1, 50)), 0.95)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.70, 0.90, "better"), (1.10, 1.30, "better"),
        (0.90, 1.01, "undecided"), (0.97, 1.06, "undecided"), (None, None, "undecided"),
        (0.97, 1.04, "equivalent"), (1.01, 1.04, "equivalent"),  # differ by less than matters
        (0.951, 1.0, "undecided"), (0.953, 1.05, "equivalent"),  # 1 / 1.05 is 0.952
    ],
)  # fmt: skip
def test_the_outcome_follows_from_the_interval(
    low: float | None, high: float | None, expected: str
) -> None:
    assert outcome(Estimate(1.0, low, high), 0.05) == expected


@pytest.mark.parametrize(
    ("ratio", "log_sd", "needed"),
    [
        (math.exp(-0.5), 1.0, 34),  # as G*Power says for a paired t test with dz = 0.5
        (0.5, 0.0, 2),
        (0.5, None, None),  # one series, or one trial
        (1.0, 0.1, None),
        (1.0001, 1.0, None),  # millions
    ],
)
def test_so_many_trials_find_a_difference(
    ratio: float, log_sd: float | None, needed: int | None
) -> None:
    assert trials_needed(Estimate(ratio), log_sd, 0.95) == needed


def test_several_pairs_take_as_many_trials_as_one_at_their_corrected_level() -> None:
    among_three = trials_needed(Estimate(0.9), 0.2, 0.95, pairs=3)
    assert among_three == trials_needed(Estimate(0.9), 0.2, corrected(0.95, 3))
    assert among_three != trials_needed(Estimate(0.9), 0.2, 0.95)


# Coverage and false positives, by simulation. Shares are held to two of their standard errors.

SPREAD = 0.15  # standard deviation over series of ln(MSE / MSE)


def errors_over_series(
    rng: np.random.Generator, shape: tuple[int, ...], true_ratio: float, spread: float = SPREAD
) -> tuple[Floats, Floats]:
    """Both errors of a trial share the luck of its series, 10 %; the ratio varies by `spread`.

    shape: [series] or [series, seed]; half of the variance is then between series.
    """
    luck = np.exp(0.1 * rng.standard_normal(shape))
    logs = spread * rng.standard_normal(shape)
    if len(shape) == 2:
        logs = (logs + spread * rng.standard_normal((shape[0], 1))) / math.sqrt(2)
    return luck * true_ratio * np.exp(logs), luck


@pytest.mark.parametrize("true_ratio", [1.0, 0.8])
@pytest.mark.parametrize(
    ("shape", "runs"), [((5,), 4000), ((10,), 4000), ((20, 3), 4000), ((100, 2), 2000)]
)
def test_over_series_the_interval_covers_the_true_ratio(
    shape: tuple[int, ...], runs: int, true_ratio: float, rng: np.random.Generator
) -> None:
    errors = (errors_over_series(rng, shape, true_ratio) for _ in range(runs))
    found = [ratio_over_series(*each, 0.95) for each in errors]
    covered, error = share([each.holds(true_ratio) for each in found], 0.95)
    assert abs(covered - 0.95) < 2 * error


@pytest.mark.parametrize(("true_ratio", "series", "most"), [(0.8, 10, 1.0), (0.9, None, 0.85)])
def test_so_many_series_find_a_difference_as_often_as_promised_and_never_call_it_equivalent(
    true_ratio: float, series: int | None, most: float, rng: np.random.Generator
) -> None:
    needed = series or trials_needed(Estimate(true_ratio), SPREAD, 0.95)
    assert needed is not None
    errors = (errors_over_series(rng, (needed,), true_ratio) for _ in range(3000))
    found = [ratio_over_series(*each, 0.95) for each in errors]
    power, error = share([each.high is not None and each.high < 1 for each in found], 0.8)
    assert 0.8 - 2 * error < power < most  # the last trial is a whole one
    if series:
        assert "equivalent" not in [outcome(each, 0.05) for each in found]


# Two models on one series. One trial says nothing of how others differ.
KINDS = {
    "equal": Models(shared=(0.4, 0.4), of_trial=0.05, dependence=0.8),
    "equal, white": Models(shared=(0.4, 0.4), of_trial=0.05, dependence=0.0),
    "equal, of trial": Models(shared=(0.4, 0.4), of_trial=0.3, dependence=0.9),
    "equal, trials differ": Models(shared=(0.4, 0.4), of_trial=0.05, dependence=0.8, spread=0.15),
    "unequal": Models(shared=(0.3, 0.5), of_trial=0.2, dependence=0.8),
    "unequal, trials differ": Models(shared=(0.3, 0.5), of_trial=0.2, dependence=0.8, spread=0.15),
    "lasting misfit": Models(shared=(0.2, 1.0), of_trial=0.2, dependence=0.9),
}
RUNS = {1: 4000, 2: 4000, 5: 1500, 20: 4000, 100: 1000}
FAST = ("equal", 5)


@pytest.mark.parametrize(
    ("kind", "trials"),
    [
        pytest.param(kind, n, marks=() if (kind, n) == FAST else pytest.mark.slow)
        for kind, models in KINDS.items()
        for n in RUNS
        if (n > 1 or models.spread == 0) and (kind != "lasting misfit" or n == 20)
    ],
)
def test_on_one_series_the_interval_covers_the_true_ratio_whatever_the_number_of_seeds(
    kind: str, trials: int, rng: np.random.Generator
) -> None:
    """It is the ratio over test parts, which no number of seeds on one part tells."""
    models, nominal = KINDS[kind], 0.9 if kind == "lasting misfit" else 0.95
    losses = (models.losses(rng, trials) for _ in range(RUNS[trials]))
    found = [ratio_on_one_series(*each, 0.95) for each in losses]
    holds = [each.low is None or each.holds(models.true_ratio) for each in found]
    covered, error = share(holds, nominal)
    assert covered > nominal - 2 * error
