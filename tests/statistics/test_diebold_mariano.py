"""Diebold & Mariano's test, against formulas by hand, and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats
from seqcompare.statistics.diebold_mariano import diebold_mariano
from simulated import share_and_error
from sine import N_TEST, NOISE

from seqcompare.core.errors import InputError


def test_diebold_mariano_at_one_step_is_the_t_test_of_the_loss_difference(
    rng: np.random.Generator,
) -> None:
    first, second = rng.exponential(size=(2, 40))
    expected = stats.ttest_1samp(first - second, 0)
    tested = diebold_mariano(first, second)
    assert (tested.statistic, tested.p_value) == pytest.approx(
        (expected.statistic, expected.pvalue)
    )


def test_diebold_mariano_at_three_steps_is_the_formula_by_hand(rng: np.random.Generator) -> None:
    first, second = rng.exponential(size=(2, 40))
    d, n, h = first - second, 40, 3
    gamma = [
        sum((d[t] - d.mean()) * (d[t - k] - d.mean()) for t in range(k, n)) / n for k in range(h)
    ]
    s1 = d.mean() / math.sqrt((gamma[0] + 2 * gamma[1] + 2 * gamma[2]) / n)
    corrected = math.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n) * s1
    assert diebold_mariano(first, second, h).statistic == pytest.approx(corrected)


def test_the_better_forecast_has_the_negative_statistic(rng: np.random.Generator) -> None:
    losses = rng.exponential(size=60)
    statistic = diebold_mariano(losses, losses + rng.exponential(size=60)).statistic
    assert statistic is not None
    assert statistic < 0


def test_a_variance_that_truncation_makes_negative_is_replaced() -> None:
    saw = np.tile([1.0, -1.0], 20) + np.linspace(0, 0.1, 40)
    statistic = diebold_mariano(saw, np.zeros(40), horizon=2).statistic
    assert statistic is not None
    assert math.isfinite(statistic)


def test_forecasts_with_the_same_losses_do_not_differ() -> None:
    assert diebold_mariano(np.arange(30.0), np.arange(30.0)).p_value == 1.0


def test_a_horizon_as_long_as_the_test_part_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="5 steps ahead needs more than 5"):
        diebold_mariano(np.ones(5), np.zeros(5), horizon=5)


@pytest.mark.slow
def test_diebold_mariano_keeps_its_level_at_the_size_of_the_test_part(
    rng: np.random.Generator,
) -> None:
    shared = NOISE * rng.standard_normal((5000, 1, N_TEST))
    losses = (shared + 0.02 * rng.standard_normal((5000, 2, N_TEST))) ** 2
    hits = np.array([diebold_mariano(a, b).p_value < 0.05 for a, b in losses], float)
    share, error = share_and_error(hits, 0.05, "Diebold-Mariano, equal forecasts")
    assert abs(share - 0.05) < 2 * error
