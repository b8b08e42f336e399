"""Losses of models of which the truth is known, and how often something happened."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from seqcompare.core.types import Floats

TARGETS = 180


def share(hits: ArrayLike, nominal: float) -> tuple[float, float]:
    """How often, and the standard error of that if `nominal` is true."""
    values = np.asarray(hits, float)
    return float(values.mean()), math.sqrt(nominal * (1 - nominal) / values.size)


@cache
def _mixing(dependence: float) -> Floats:
    """Turns independent normal values into serially dependent ones: [time, time]."""
    distance = np.abs(np.subtract.outer(np.arange(TARGETS), np.arange(TARGETS)))
    return np.linalg.cholesky(dependence**distance)


def serial(rng: np.random.Generator, rows: int, dependence: float) -> Floats:
    """Normal, variance 1, each value correlated with the one before it: [row, target]."""
    values: Floats = rng.standard_normal((rows, TARGETS)) @ _mixing(dependence).T
    return values


@dataclass(frozen=True)
class Models:
    """Two models on one series, the noise of the targets being 1.

    A prediction misses the clean series by what all trials of a model share and by what is the
    trial's own. In the default run shared is about 0.35, of_trial 0.2 to 0.5, dependence 0.75 to
    0.98 and spread 0.15.
    """

    shared: tuple[float, float]  # standard deviation, of first and second model
    of_trial: float  # standard deviation
    dependence: float  # correlation of either from one target to the next
    spread: float = 0.0  # of a trial's losses: standard deviation of logarithms

    @property
    def true_ratio(self) -> float:
        """Of the expected losses, over test parts and trials."""
        first, second = (1 + shared**2 + self.of_trial**2 for shared in self.shared)
        return first / second

    def losses(self, rng: np.random.Generator, trials: int) -> tuple[Floats, Floats]:
        """[trial, target] each."""
        noise = rng.standard_normal(TARGETS)
        losses = []
        for shared in self.shared:
            common = shared * serial(rng, 1, self.dependence)
            misses = self.of_trial * serial(rng, trials, self.dependence)
            luck = np.exp(self.spread * rng.standard_normal((trials, 1)))
            losses.append(luck * (noise - common - misses) ** 2)
        return losses[0], losses[1]
