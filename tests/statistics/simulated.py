"""Simulations: how often something happens, and losses of models of which the truth is known."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from sine import N_POINTS, N_TEST, NOISE, noisy_sine, split

from seqcompare.core.types import Floats
from seqcompare.evaluation.baselines import fit_ar

CLEAN = np.sin(np.linspace(0, 50, N_POINTS))


def share_and_error(
    hits: Floats | NDArray[np.bool_], nominal: float, label: str
) -> tuple[float, float]:
    """How often, and the standard error of that if `nominal` is true."""
    share, error = float(np.mean(hits)), math.sqrt(nominal * (1 - nominal) / hits.size)
    print(f"\n{label}: {share:.4f} -+ {error:.4f}, nominal {nominal}")
    return share, error


def serial(rng: np.random.Generator, shape: tuple[int, ...], dependence: float) -> Floats:
    """Normal, variance 1, each value correlated with the one before it: [..., time]."""
    made = rng.standard_normal(shape)
    fresh = math.sqrt(1 - dependence**2)
    for t in range(1, shape[-1]):
        made[..., t] = dependence * made[..., t - 1] + fresh * made[..., t]
    return made


def squared_errors(
    rng: np.random.Generator,
    trials: int,
    common: tuple[float, float],
    own: float,
    dependence: float,
) -> tuple[Floats, Floats]:
    """Losses [trial, target] of two models on one series, the noise of the targets being 1.

    A prediction misses the clean series by what all trials of a model share, of standard deviation
    `common` for first and second model, and by what is the trial's own. The expected loss over test
    parts is 1 + common^2 + own^2. Real errors of the default run are 0.35 and 0.2 to 0.5, with a
    dependence of 0.75 to 0.98.
    """
    noise = rng.standard_normal(N_TEST)
    made = [
        noise
        - share * serial(rng, (1, N_TEST), dependence)
        - own * serial(rng, (trials, N_TEST), dependence)
        for share in common
    ]
    return made[0] ** 2, made[1] ** 2


def linear_losses(seed: int) -> dict[str, tuple[Floats, float]]:
    """Of two predictors: test losses [test] and their exact expectation over noise draws.

    A linear predictor's error is noise - noise in the window @ coefficients + error on the clean
    series, so its expected square is known for the coefficients at hand.
    """
    parts = split(noisy_sine(seed), 20)
    clean = sliding_window_view(CLEAN, 21)[-N_TEST:]
    fitted = fit_ar(parts.train_inputs, parts.train_targets)

    def of(coefficients: Floats, intercept: float) -> tuple[Floats, float]:
        bias = clean[:, :-1] @ coefficients + intercept - clean[:, -1]
        expected = NOISE**2 * (1 + float(coefficients @ coefficients)) + float(np.mean(bias**2))
        return (parts.test_inputs @ coefficients + intercept - parts.test_targets) ** 2, expected

    return {
        "ar": of(fitted.coefficients, fitted.intercept),
        "persistence": of(np.eye(20)[-1], 0.0),
    }
