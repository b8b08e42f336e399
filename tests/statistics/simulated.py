"""Simulations: how often something happens, and losses of models of which the truth is known."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from sine import N_POINTS, N_TEST, NOISE, noisy_sine, split

from seqcompare.core.arrays import Floats
from seqcompare.evaluation.baselines import fit_ar

CLEAN = np.sin(np.linspace(0, 50, N_POINTS))


def share_and_error(
    hits: Floats | NDArray[np.bool_], nominal: float, label: str
) -> tuple[float, float]:
    """How often, and the standard error of that if `nominal` is true."""
    share, error = float(np.mean(hits)), math.sqrt(nominal * (1 - nominal) / hits.size)
    print(f"\n{label}: {share:.4f} -+ {error:.4f}, nominal {nominal}")
    return share, error


@cache
def _mixing(dependence: float) -> Floats:
    """What turns independent normal values into serially dependent ones: [time, time]."""
    distance = np.abs(np.subtract.outer(np.arange(N_TEST), np.arange(N_TEST)))
    return np.linalg.cholesky(dependence**distance)


def serial(rng: np.random.Generator, rows: int, dependence: float) -> Floats:
    """Normal, variance 1, each value correlated with the one before it: [row, test]."""
    made: Floats = rng.standard_normal((rows, N_TEST)) @ _mixing(dependence).T
    return made


@dataclass(frozen=True)
class Models:
    """Two models on one series, the noise of the targets being 1.

    A prediction misses the clean series by what all trials of a model share, of standard deviation
    `shared` for first and second model, and by what is the trial's `own`; both correlated from one
    target to the next by `dependence`. A trial's losses are all larger or smaller by `spread`, a
    standard deviation of logarithms. In the default run shared is about 0.35, own 0.2 to 0.5,
    dependence 0.75 to 0.98 and spread 0.15.
    """

    shared: tuple[float, float]
    own: float
    dependence: float
    spread: float = 0.0

    @property
    def true_ratio(self) -> float:
        """Of the expected losses, over test parts and trials."""
        first, second = (1 + shared**2 + self.own**2 for shared in self.shared)
        return first / second

    def losses(self, rng: np.random.Generator, trials: int) -> tuple[Floats, Floats]:
        """[trial, test] each."""
        noise = rng.standard_normal(N_TEST)
        made = []
        for shared in self.shared:
            common = shared * serial(rng, 1, self.dependence)
            own = self.own * serial(rng, trials, self.dependence)
            luck = np.exp(self.spread * rng.standard_normal((trials, 1)))
            made.append(luck * (noise - common - own) ** 2)
        return made[0], made[1]


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
