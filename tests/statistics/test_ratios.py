"""Ratios of errors: formulas against scipy, and by simulation what a verdict may rest on."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from simulated import Models, linear_losses, share_and_error

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.statistics.estimates import Interval
from seqcompare.statistics.ratios import (
    RatioEstimate,
    corrected,
    outcome,
    ratio_on_one_series,
    ratio_over_draws,
    trials_needed,
)

ERRORS = arrays(np.float64, 6, elements=st.floats(0.01, 100))
LOSSES = arrays(np.float64, (4, 60), elements=st.floats(0.5, 1.5))
UNEQUAL = Models(shared=(0.3, 0.9), own=0.2, dependence=0.8)


def ratio(low: float, high: float) -> RatioEstimate:
    return RatioEstimate(math.sqrt(low * high), Interval(low, high), None, 0.1)


# Over draws


def test_the_ratio_over_draws_is_students_t_on_logarithms(rng: np.random.Generator) -> None:
    first, second = rng.lognormal(size=(2, 7))
    expected = stats.ttest_1samp(np.log(first / second), 0)
    found = ratio_over_draws(first, second, 0.9)
    assert found.interval is not None
    assert found.value == pytest.approx(stats.gmean(first / second))
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        tuple(np.exp(expected.confidence_interval(0.9)))
    )
    assert found.log_sd == pytest.approx(np.std(np.log(first / second), ddof=1))


def test_one_draw_has_a_ratio_and_no_interval() -> None:
    found = ratio_over_draws(np.array([1.0]), np.array([2.0]), 0.95)
    assert found == RatioEstimate(0.5, None, None, None)


def test_an_interval_too_wide_for_a_number_is_none() -> None:
    first = np.array([1e-9, 1e9])
    assert ratio_over_draws(first, np.ones(2), 0.95, pairs=100).interval is None


@given(first=ERRORS, second=ERRORS)
def test_swapping_two_models_inverts_their_ratio_over_draws(first: Floats, second: Floats) -> None:
    forward = ratio_over_draws(first, second, 0.95)
    backward = ratio_over_draws(second, first, 0.95)
    assert forward.interval is not None
    assert backward.interval is not None
    assert forward.interval.low == pytest.approx(1 / backward.interval.high)
    assert forward.p_value == pytest.approx(backward.p_value)


def test_the_same_errors_have_a_ratio_of_one_for_certain() -> None:
    errors = np.array([1.0, 3.0])
    assert ratio_over_draws(errors, errors, 0.95) == RatioEstimate(1.0, Interval(1.0, 1.0), 1.0, 0)


def test_a_different_number_of_draws_cannot_be_paired() -> None:
    with pytest.raises(InputError, match="not 3 and 2: train both models with the same list"):
        ratio_over_draws(np.ones(3), np.ones(2), 0.95)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_ratio_needs_errors_above_zero(bad: float) -> None:
    with pytest.raises(InputError, match=f"figures above 0, but one is {bad:g}"):
        ratio_over_draws(np.array([1.0, bad]), np.ones(2), 0.95)


# Several pairs


@given(first=ERRORS, second=ERRORS, pairs=st.integers(1, 10))
def test_over_draws_the_corrected_interval_excludes_one_where_the_corrected_p_value_says_so(
    first: Floats, second: Floats, pairs: int
) -> None:
    found = ratio_over_draws(first, second, 0.95, pairs)
    assert found.interval is not None
    assert found.p_value is not None
    assume(abs(found.p_value - 0.05) > 1e-9)
    assert found.interval.holds(1) == (found.p_value > 0.05)


@given(first=LOSSES, second=LOSSES, pairs=st.integers(1, 10))
def test_on_one_series_the_corrected_interval_excludes_one_where_the_corrected_p_value_says_so(
    first: Floats, second: Floats, pairs: int
) -> None:
    found = ratio_on_one_series(first, second, 0.95, pairs)
    assume(found.interval is not None)
    assert found.interval is not None
    assert found.p_value is not None
    assume(abs(found.p_value - 0.05) > 1e-9)
    assume(not np.array_equal(first, second))
    assert found.interval.holds(1) == (found.p_value > 0.05)


def test_ten_pairs_at_95_percent_are_one_pair_at_99_and_a_half() -> None:
    assert corrected(0.95, 10) == pytest.approx(0.995)


# On one series


def plain_margin(first: Floats, second: Floats, r: float, confidence: float) -> float:
    """Of the mean of first - r * second, one wave and one trial at a time."""
    difference = first - r * second
    trials, n = difference.shape
    waves = round(n ** (2 / 3) / 6)
    squares = [
        (2 / n)
        * sum(difference[:, t].mean() * math.cos(math.pi * k * (t + 0.5) / n) for t in range(n))
        ** 2
        for k in range(1, waves + 1)
    ]
    of_test_part = np.mean(squares) / n * stats.t.ppf((1 + confidence) / 2, waves) ** 2
    of_trials = (
        stats.sem([row.mean() for row in difference])
        * stats.t.ppf((1 + confidence) / 2, trials - 1)
        if trials > 1
        else 0.0
    )
    return math.sqrt(of_test_part + of_trials**2)


@pytest.mark.parametrize("trials", [1, 3])
def test_at_the_ends_of_its_interval_a_ratio_is_just_told_from_zero(
    trials: int, rng: np.random.Generator
) -> None:
    first, second = UNEQUAL.losses(rng, trials)
    interval = ratio_on_one_series(first, second, 0.8).interval
    assert interval is not None
    for r in (interval.low, interval.high):
        distance = abs(first.mean() - r * second.mean())
        assert distance == pytest.approx(plain_margin(first, second, r, 0.8))


@pytest.mark.parametrize("trials", [1, 3])
def test_the_p_value_is_that_at_whose_confidence_the_interval_ends_at_one(
    trials: int, rng: np.random.Generator
) -> None:
    first, second = UNEQUAL.losses(rng, trials)
    p_value = ratio_on_one_series(first, second, 0.8).p_value
    assert p_value is not None
    assert abs(first.mean() - second.mean()) == pytest.approx(
        plain_margin(first, second, 1.0, 1 - p_value)
    )


@given(first=LOSSES, second=LOSSES)
def test_swapping_two_models_inverts_their_ratio_on_one_series(
    first: Floats, second: Floats
) -> None:
    forward = ratio_on_one_series(first, second, 0.9).interval
    backward = ratio_on_one_series(second, first, 0.9).interval
    assert (forward is None) == (backward is None)
    if forward is not None and backward is not None:
        # Where losses never vary, rounding alone is under the root.
        assert forward.low == pytest.approx(1 / backward.high, rel=1e-6)
        assert forward.high == pytest.approx(1 / backward.low, rel=1e-6)


@given(first=LOSSES, second=LOSSES, unit=st.floats(1e-6, 1e6))
def test_the_ratio_on_one_series_does_not_depend_on_the_unit(
    first: Floats, second: Floats, unit: float
) -> None:
    plain = ratio_on_one_series(first, second, 0.9).interval
    scaled = ratio_on_one_series(unit * first, unit * second, 0.9).interval
    assume(plain is not None)
    assert plain is not None
    assert scaled is not None
    assert (plain.low, plain.high) == pytest.approx((scaled.low, scaled.high), rel=1e-6)


def test_a_baseline_without_seeds_is_the_same_in_every_trial(rng: np.random.Generator) -> None:
    first, second = UNEQUAL.losses(rng, 4)
    repeated = np.repeat(second[:1], 4, axis=0)
    assert ratio_on_one_series(first, second[:1], 0.9) == ratio_on_one_series(first, repeated, 0.9)
    assert ratio_on_one_series(second[:1], first, 0.9) == ratio_on_one_series(repeated, first, 0.9)


def test_repeating_a_trial_without_change_narrows_nothing(rng: np.random.Generator) -> None:
    first, second = UNEQUAL.losses(rng, 1)
    once = ratio_on_one_series(first, second, 0.9).interval
    often = ratio_on_one_series(np.repeat(first, 50, 0), np.repeat(second, 50, 0), 0.9).interval
    assert once is not None
    assert often is not None
    assert (once.low, once.high) == pytest.approx((often.low, often.high))


def test_a_model_beside_itself_has_a_ratio_of_one_for_certain(rng: np.random.Generator) -> None:
    losses, _ = UNEQUAL.losses(rng, 4)
    found = ratio_on_one_series(losses, losses, 0.95)
    assert found == RatioEstimate(1.0, Interval(1.0, 1.0), 1.0, None)


def test_a_short_test_part_has_no_interval_on_one_series() -> None:
    found = ratio_on_one_series(np.full((5, 39), 0.5), np.ones((5, 39)), 0.95)
    assert found == RatioEstimate(0.5, None, None, None)


def test_an_error_in_a_single_target_has_no_interval() -> None:
    found = ratio_on_one_series(np.eye(60)[:1] + 1e-9, np.ones((1, 60)), 0.95)
    assert found.interval is None
    assert found.p_value is None


def test_two_models_with_different_numbers_of_seeds_are_no_pairs() -> None:
    with pytest.raises(InputError, match="on both sides, or one, not 3 and 2: train both"):
        ratio_on_one_series(np.ones((3, 50)), np.ones((2, 50)), 0.95)


def test_losses_of_different_targets_are_no_ratio_on_one_series() -> None:
    with pytest.raises(InputError, match="same test targets on both sides, not 50 and 49"):
        ratio_on_one_series(np.ones((3, 50)), np.ones((3, 49)), 0.95)


def test_a_loss_of_zero_throughout_is_no_ratio_on_one_series() -> None:
    with pytest.raises(InputError, match="figures above 0, but one is 0"):
        ratio_on_one_series(np.ones((1, 50)), np.zeros((1, 50)), 0.95)


# What is said


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [
        (ratio(0.70, 0.90), "better"),
        (ratio(1.10, 1.30), "better"),
        (ratio(0.90, 1.01), "undecided"),
        (ratio(0.97, 1.06), "undecided"),
        (ratio(0.97, 1.04), "equivalent"),
        (ratio(1.01, 1.04), "equivalent"),  # they differ, by less than matters
        (ratio(0.951, 1.0), "undecided"),  # 1 / 1.05 is 0.952
        (ratio(0.953, 1.05), "equivalent"),
        (RatioEstimate(0.5, None, None, None), "undecided"),
    ],
)
def test_the_outcome_follows_from_the_interval(estimate: RatioEstimate, expected: str) -> None:
    assert outcome(estimate, 0.05) == expected


@given(low=st.floats(0.5, 2), width=st.floats(1, 2))
def test_the_outcome_is_the_same_with_the_models_swapped(low: float, width: float) -> None:
    high = low * width
    assume(
        all(
            abs(abs(math.log(end)) - limit) > 1e-9
            for end in (low, high)
            for limit in (0, math.log(1.05))
        )
    )
    assert outcome(ratio(low, high), 0.05) == outcome(ratio(1 / high, 1 / low), 0.05)


# How many trials


def test_a_difference_of_half_a_standard_deviation_takes_34_pairs() -> None:
    """As G*Power says for a paired t test: dz = 0.5, level 5 %, power 80 %."""
    assert trials_needed(RatioEstimate(math.exp(-0.5), None, None, 1.0), 0.95) == 34


def test_a_lower_level_for_several_pairs_takes_more_trials() -> None:
    estimate = RatioEstimate(0.9, None, None, 0.2)
    alone, among_three = trials_needed(estimate, 0.95), trials_needed(estimate, 0.95, pairs=3)
    assert alone is not None
    assert among_three is not None
    assert among_three > alone
    assert among_three == trials_needed(estimate, corrected(0.95, 3))


@given(first=ERRORS, second=ERRORS)
def test_an_undecided_comparison_needs_more_trials_than_it_has(
    first: Floats, second: Floats
) -> None:
    found = ratio_over_draws(first, second, 0.95)
    assume(outcome(found, 0.05) == "undecided")
    needed = trials_needed(found, 0.95)
    assert needed is None or needed > first.size


@given(size=st.floats(0.005, 3), log_sd=st.floats(0.01, 1))
def test_one_trial_less_than_needed_has_too_little_power(size: float, log_sd: float) -> None:
    needed = trials_needed(RatioEstimate(math.exp(size), None, None, log_sd), 0.95)
    assume(needed is not None and needed > 2)
    assert needed is not None

    def power(n: int) -> float:
        return stats.nct.sf(stats.t.ppf(0.975, n - 1), n - 1, size / log_sd * math.sqrt(n))

    assert power(needed - 1) < 0.8 + 1e-6
    assert power(needed) > 0.8 - 1e-6


@pytest.mark.parametrize(
    "estimate",
    [
        RatioEstimate(0.5, None, None, None),  # one series, or one trial
        RatioEstimate(1.0, None, None, 0.1),
        RatioEstimate(1.0001, None, None, 1.0),  # millions
    ],
)
def test_where_trials_cannot_help_no_number_is_given(estimate: RatioEstimate) -> None:
    assert trials_needed(estimate, 0.95) is None


def test_a_ratio_that_never_varies_takes_two_trials() -> None:
    assert trials_needed(RatioEstimate(0.5, None, None, 0.0), 0.95) == 2


# Do they keep their word? Simulations. Shares are held to two of their standard errors.

SPREAD = 0.15  # standard deviation over draws of ln(MSE / MSE)


def errors_over_draws(
    rng: np.random.Generator, trials: int, true_ratio: float, spread: float
) -> tuple[Floats, Floats]:
    """Both errors of a trial share the luck of its draw, 10 %; the ratio varies by `spread`."""
    luck = np.exp(0.1 * rng.standard_normal(trials))
    return luck * true_ratio * np.exp(spread * rng.standard_normal(trials)), luck


@pytest.mark.slow
@pytest.mark.parametrize("trials", [5, 10])
@pytest.mark.parametrize("true_ratio", [1.0, 0.8])
def test_over_draws_the_interval_covers_the_true_ratio(
    trials: int, true_ratio: float, rng: np.random.Generator
) -> None:
    hits = np.empty(10000)
    for i in range(hits.size):
        interval = ratio_over_draws(
            *errors_over_draws(rng, trials, true_ratio, SPREAD), 0.95
        ).interval
        hits[i] = interval is not None and interval.holds(true_ratio)
    share, error = share_and_error(hits, 0.95, f"{trials} draws, ratio {true_ratio}: covered")
    assert abs(share - 0.95) < 2 * error


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.05, SPREAD])
def test_over_ten_draws_a_difference_of_twenty_percent_is_found_and_never_called_equivalent(
    spread: float, rng: np.random.Generator
) -> None:
    said = []
    for _ in range(4000):
        found = ratio_over_draws(*errors_over_draws(rng, 10, 0.8, spread), 0.95)
        said.append((outcome(found, 0.05), found.value < 1))
    hits = np.array([verdict == ("better", True) for verdict in said])
    share, _ = share_and_error(hits, 0.8, f"10 draws, 20 % lower, log sd {spread}: found")
    assert share >= 0.8
    assert ("equivalent", True) not in said


@pytest.mark.slow
def test_the_trials_said_to_be_needed_find_the_difference_as_often_as_promised(
    rng: np.random.Generator,
) -> None:
    needed = trials_needed(RatioEstimate(0.9, None, None, SPREAD), 0.95)
    assert needed is not None
    hits = np.empty(5000)
    for i in range(hits.size):
        found = ratio_over_draws(*errors_over_draws(rng, needed, 0.9, SPREAD), 0.95).interval
        hits[i] = found is not None and found.high < 1
    share, error = share_and_error(hits, 0.8, f"{needed} draws, 10 % lower: found")
    assert 0.8 - 2 * error < share < 0.85  # the last trial is a whole one


@pytest.mark.slow
def test_two_copies_of_one_model_are_equivalent(rng: np.random.Generator) -> None:
    """Over draws with first weights of their own, and on one series with noise of rounding."""
    for _ in range(1000):
        over_draws = ratio_over_draws(*errors_over_draws(rng, 10, 1.0, 0.01), 0.95)
        assert outcome(over_draws, 0.05) == "equivalent"
        losses, _ = UNEQUAL.losses(rng, 5)
        copy = losses * (1 + 1e-3 * rng.standard_normal(losses.shape))
        assert outcome(ratio_on_one_series(losses, copy, 0.95), 0.05) == "equivalent"


# Two models that are equal on average over test parts. One trial says nothing of how others differ.
EQUAL = {
    "shared": Models(shared=(0.4, 0.4), own=0.05, dependence=0.8),
    "shared, white": Models(shared=(0.4, 0.4), own=0.05, dependence=0.0),
    "shared and own": Models(shared=(0.4, 0.4), own=0.3, dependence=0.9),
    "trials differ": Models(shared=(0.4, 0.4), own=0.05, dependence=0.8, spread=0.15),
}
RUNS = {1: 4000, 2: 4000, 5: 4000, 20: 4000, 100: 1000}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "trials"),
    [(kind, n) for kind, models in EQUAL.items() for n in RUNS if n > 1 or models.spread == 0],
)
def test_on_one_series_no_number_of_seeds_tells_apart_what_is_equal_over_test_parts(
    kind: str, trials: int, rng: np.random.Generator
) -> None:
    hits = np.empty(RUNS[trials])
    for i in range(hits.size):
        interval = ratio_on_one_series(*EQUAL[kind].losses(rng, trials), 0.95).interval
        hits[i] = interval is not None and not interval.holds(1)
    share, error = share_and_error(hits, 0.05, f"equal models, {kind}, {trials} seeds: told apart")
    assert share < 0.05 + 2 * error


@pytest.mark.slow
@pytest.mark.parametrize(("trials", "expected"), [(5, 0.8), (20, 0.9)])
def test_seeds_alone_would_tell_apart_what_is_equal_over_test_parts(
    trials: int, expected: float, rng: np.random.Generator
) -> None:
    """So that the test above can fail."""
    hits = np.empty(1000)
    for i in range(hits.size):
        first, second = EQUAL["shared"].losses(rng, trials)
        interval = ratio_over_draws(first.mean(axis=1), second.mean(axis=1), 0.95).interval
        hits[i] = interval is not None and not interval.holds(1)
    share, _ = share_and_error(hits, 0.05, f"equal models, {trials} seeds alone: told apart")
    assert share > expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spread", "trials"), [(0.0, 1), *((spread, n) for spread in (0.0, 0.15) for n in (5, 20, 100))]
)
def test_on_one_series_the_interval_covers_the_true_ratio(
    trials: int, spread: float, rng: np.random.Generator
) -> None:
    models = Models(shared=(0.3, 0.5), own=0.2, dependence=0.8, spread=spread)
    hits = np.empty(RUNS[trials])
    for i in range(hits.size):
        interval = ratio_on_one_series(*models.losses(rng, trials), 0.95).interval
        hits[i] = interval is None or interval.holds(models.true_ratio)
    share, error = share_and_error(hits, 0.95, f"{trials} seeds, spread {spread}: covered")
    assert share > 0.95 - 2 * error


@pytest.mark.slow
def test_where_a_lasting_misfit_outweighs_the_noise_nine_intervals_in_ten_still_cover(
    rng: np.random.Generator,
) -> None:
    """The limit of the method that its docstring states: few independent targets, skewed losses."""
    models = Models(shared=(0.2, 1.0), own=0.2, dependence=0.9)
    hits = np.empty(4000)
    for i in range(hits.size):
        interval = ratio_on_one_series(*models.losses(rng, 20), 0.95).interval
        hits[i] = interval is None or interval.holds(models.true_ratio)
    share, error = share_and_error(hits, 0.9, "lasting misfit, 20 seeds: covered")
    assert share > 0.9 - 2 * error


@pytest.mark.slow
def test_on_one_series_the_interval_covers_the_true_ratio_of_two_linear_predictors() -> None:
    hits = np.empty(4000)
    for seed in range(hits.size):
        (ar, ar_expected), (naive, naive_expected) = linear_losses(seed).values()
        interval = ratio_on_one_series(ar[None], naive[None], 0.95).interval
        hits[seed] = interval is not None and interval.holds(ar_expected / naive_expected)
    share, error = share_and_error(hits, 0.95, "linear model and persistence: covered")
    assert share > 0.95 - 2 * error
