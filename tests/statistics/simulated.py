"""Simulations: how often something happens, and losses of models of which the truth is known."""

import math

import numpy as np
from numpy.typing import NDArray

from seqcompare.core.types import Floats

N_TARGETS = 180  # the default test part


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
    noise = rng.standard_normal(N_TARGETS)
    made = [
        noise
        - share * serial(rng, (1, N_TARGETS), dependence)
        - own * serial(rng, (trials, N_TARGETS), dependence)
        for share in common
    ]
    return made[0] ** 2, made[1] ** 2
