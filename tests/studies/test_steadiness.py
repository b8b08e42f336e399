"""How unevenly models err over time, from errors whose dispersion is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seqcompare.core.arrays import Floats
from seqcompare.statistics.estimates import Estimate
from seqcompare.statistics.ratios import ratio_over_draws
from seqcompare.studies.claims.steadiness import (
    FEWEST_TARGETS,
    PIECES,
    dispersion,
    dispersion_ratio,
    mean_dispersions,
)

SHORTEST = 2 * FEWEST_TARGETS  # test part, in which two pieces can be compared
UNEVEN = np.array([0.2, 0.3, 0.25])  # dispersions: [trial]
ERRORS = arrays(np.float64, (3, 60), elements=st.floats(0.1, 10))


def test_errors_that_are_always_the_same_have_no_dispersion() -> None:
    assert dispersion(np.full((2, 60), 0.5)).tolist() == [0, 0]


def test_models_that_never_err_are_as_steady_as_can_be() -> None:
    never = dispersion(np.zeros((2, 60)))
    assert never.tolist() == [0, 0]
    assert mean_dispersions({"lstm": never}) == {"lstm": 0}


def test_the_dispersion_is_that_of_the_means_of_pieces() -> None:
    levels = np.arange(1.0, PIECES + 1)
    errors = np.repeat(levels, 10)[None]
    assert dispersion(errors) == pytest.approx(levels.std(ddof=1) / levels.mean())


def test_what_happens_within_a_piece_does_not_matter() -> None:
    within = np.tile([0.5, 1.5], 60)[None]
    assert dispersion(within).tolist() == [0]


@given(errors=ERRORS, factor=st.floats(1e-3, 1e3))
def test_the_dispersion_does_not_depend_on_how_large_errors_are(
    errors: Floats, factor: float
) -> None:
    np.testing.assert_allclose(dispersion(factor * errors), dispersion(errors), atol=1e-9)


@given(errors=ERRORS)
def test_a_trial_s_dispersion_does_not_depend_on_other_trials(errors: Floats) -> None:
    alone = [dispersion(trial[None])[0] for trial in errors]
    np.testing.assert_allclose(dispersion(errors), alone, atol=1e-12)


@given(errors=ERRORS, more=st.floats(0.1, 100))
def test_adding_the_same_to_all_errors_makes_them_steadier(errors: Floats, more: float) -> None:
    assert np.all(dispersion(errors + more) <= dispersion(errors) + 1e-12)


def test_errors_that_grow_over_time_are_less_steady_than_those_that_do_not(
    rng: np.random.Generator,
) -> None:
    even = np.abs(rng.normal(size=(20, 240)))
    uneven = even * np.linspace(0.5, 1.5, 240)
    assert np.all(dispersion(uneven) > dispersion(even))
    found = dispersion_ratio(dispersion(uneven), dispersion(even), True, 0.95)
    assert found is not None
    assert found.interval is not None
    assert found.interval.low > 1


@pytest.mark.parametrize("targets", [1, FEWEST_TARGETS, SHORTEST - 1])
def test_a_test_part_that_is_too_short_for_two_pieces_decides_nothing(targets: int) -> None:
    found = dispersion(np.ones((2, targets)))
    assert np.isnan(found).all()
    assert mean_dispersions({"lstm": found}) == {"lstm": None}
    assert dispersion_ratio(found, found, True, 0.95) is None


def test_the_shortest_test_part_has_two_pieces() -> None:
    errors = np.repeat([1.0, 3.0], FEWEST_TARGETS)[None]
    assert dispersion(errors) == pytest.approx(np.std([1, 3], ddof=1) / 2)


def test_the_ratio_is_that_of_the_trials_and_turns_with_the_models() -> None:
    one = dispersion_ratio(UNEVEN, 2 * UNEVEN[::-1], True, 0.95)
    other = dispersion_ratio(2 * UNEVEN[::-1], UNEVEN, True, 0.95)
    assert one == ratio_over_draws(UNEVEN, 2 * UNEVEN[::-1], 0.95)
    assert one is not None
    assert other is not None
    assert one.value == pytest.approx(0.5)
    assert other.value == pytest.approx(2)


def test_on_one_series_there_is_a_ratio_but_no_interval() -> None:
    assert dispersion_ratio(UNEVEN, UNEVEN, False, 0.95) == Estimate(1, None, None)


def test_one_trial_has_no_interval() -> None:
    found = dispersion_ratio(UNEVEN[:1], 2 * UNEVEN[:1], True, 0.95)
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert found.interval is None


def test_a_dispersion_of_0_has_no_ratio() -> None:
    assert dispersion_ratio(np.array([0.0, 0.1]), np.array([0.1, 0.1]), True, 0.95) is None
    assert dispersion_ratio(np.array([0.1, 0.1]), np.array([0.0, 0.1]), True, 0.95) is None
