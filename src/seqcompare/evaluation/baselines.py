"""Baselines: predictors without training by gradient, and the oracle that none can beat on average.

A predictor turns windows [batch, seq_len] into predictions [batch], in the unit of the series.
"""

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from seqcompare.core.params import Data
from seqcompare.core.types import AR, ORACLE, PERSISTENCE, SEASONAL, Floats, Predictor
from seqcompare.data.windows import Windows

TAU = 2 * math.pi
COARSEST_GRID = 256  # phases; enough for a posterior as wide as the circle
FINEST_GRID = 16384  # phases; bounds the memory where there is almost no noise
POINTS_PER_STD = 2  # of the posterior: the trapezoid rule on a Gaussian is then exact to 1e-12
BATCH = 512  # windows whose posteriors are held at once
EPSILON = float(np.finfo(np.float64).eps)
# Penalties in units of the largest squared singular value; the first is 0 but for rounding.
RIDGE_GRID = np.append(1e-16, np.logspace(-8, 1, 46))
LEAST_FREEDOM = 0.1  # residual degrees of freedom, as a share of the windows


def fit_baselines(training: Windows, data: Data) -> dict[str, Predictor]:
    """Every baseline that this series allows, by its name."""
    baselines: dict[str, Predictor] = {
        PERSISTENCE: partial(seasonal_naive, period=1),
        AR: fit_ar(training.inputs, training.targets, data.centre),
    }
    if data.period is not None:
        baselines[SEASONAL] = partial(seasonal_naive, period=data.period)
    if data.source == "sine":
        baselines[ORACLE] = Oracle(data.x_max / (data.size - 1), data.noise)
    return baselines


def seasonal_naive(windows: Floats, period: int) -> Floats:
    """The value one period before (Hyndman & Athanasopoulos 2021, sec. 5.2); of 1: persistence."""
    return windows[:, -period]


@dataclass(frozen=True, eq=False)
class LinearPredictor:
    coefficients: Floats  # [seq_len], oldest value first
    intercept: float
    ridge: float  # the penalty on the coefficients' squared length

    def __call__(self, windows: Floats) -> Floats:
        return np.asarray(self.intercept + windows @ self.coefficients)


def fit_ar(
    inputs: Floats, targets: Floats, centre: Literal["none", "last"] = "none"
) -> LinearPredictor:
    """AR(seq_len) with an intercept, by ridge regression (Hoerl & Kennard 1970).

    inputs: [window, seq_len], targets: [window]; there may be fewer windows than coefficients.
    Generalised cross-validation chooses the penalty. centre: `last` fits windows and targets less
    each window's last value: the coefficients then sum to 1, so that any level is kept.
    """
    if centre == "last":
        last = inputs[:, -1]
        steps = fit_ar(inputs - last[:, None], targets - last)
        before = steps.coefficients[:-1]
        return replace(steps, coefficients=np.append(before, 1 - before.sum()))
    mean_input, mean_target = inputs.mean(axis=0), float(targets.mean())
    centred = targets - mean_target  # [window]
    u, s, vt = np.linalg.svd(inputs - mean_input, full_matrices=False)
    rounding = max(inputs.shape) * EPSILON * np.linalg.norm(inputs)  # also that of the mean
    rank = int(np.sum(s > rounding))
    u, s, vt = u[:, :rank], s[:rank], vt[:rank]
    projected = u.T @ centred  # [rank]
    left = float(np.sum((centred - u @ projected) ** 2)) if rank < len(inputs) - 1 else 0.0
    ridge = _ridge_by_gcv(s, projected, left, len(inputs))
    coefficients = vt.T @ (projected * s / (s**2 + ridge))  # [seq_len]
    return LinearPredictor(coefficients, mean_target - float(mean_input @ coefficients), ridge)


def _ridge_by_gcv(s: Floats, projected: Floats, left: float, n_windows: int) -> float:
    """The penalty with the least residual sum of squares / (residual degrees of freedom)^2.

    Golub, Heath & Wahba 1979, eq. 1.4. Penalties that leave hardly any freedom do not count: their
    residual is small by chance (Wahba & Wang 1995). s: singular values of the centred windows;
    projected: targets along them, [rank]; left: sum of squares of the targets outside their span.
    """
    if s.size == 0:  # all windows are the same: any penalty predicts the mean
        return 1.0
    penalties = RIDGE_GRID * s[0] ** 2
    kept = penalties[:, None] / (s**2 + penalties[:, None])  # [penalty, rank]: of the residual
    squares = left + np.sum((kept * projected) ** 2, axis=1)  # [penalty]
    freedom = n_windows - 1 - s.size + np.sum(kept, axis=1)
    gcv = np.where(freedom < LEAST_FREEDOM * (n_windows - 1), np.inf, squares / freedom**2)
    return float(penalties[np.argmin(gcv)])


@dataclass(frozen=True)
class Oracle:
    """The Bayes-optimal predictor of sin(step * t + phase) + noise * N(0, 1) of unknown phase.

    The posterior mean of a later clean value, given the window and a uniform prior of the phase,
    has the least expected squared error of all functions of the window (Bishop 2006, sec. 1.5.5).
    Noise too small for the grid counts as the least that the grid resolves.
    """

    step: float  # radians per value
    noise: float  # standard deviation

    def __call__(self, windows: Floats) -> Floats:
        return self.forecast(windows, 1)[:, 0]

    def forecast(self, history: Floats, horizon: int) -> Floats:
        """The posterior means of the next clean values: [origins, horizon].

        history: [origins, seq_len]. Not rolled out: predictions are no observations.
        """
        seq_len = history.shape[1]
        signal = math.sqrt(seq_len)  # no posterior is narrower than noise / signal radians (Fisher)
        noise = max(self.noise, POINTS_PER_STD * signal * TAU / FINEST_GRID)
        points = max(COARSEST_GRID, math.ceil(POINTS_PER_STD * signal * TAU / noise))
        phases = np.arange(points) * (TAU / points)  # [phase], of the value after each window
        lags = np.arange(seq_len, 0, -1)  # from each value to the next
        clean = np.sin(phases[:, None] - self.step * lags)  # [phase, seq_len]
        turn = self.step * np.arange(horizon)  # radians beyond the first value to predict
        means = np.empty((len(history), horizon))
        for start in range(0, len(history), BATCH):
            batch = history[start : start + BATCH]
            likelihood = (batch @ clean.T - np.sum(clean**2, axis=1) / 2) / noise**2  # logarithm
            posterior = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
            posterior /= posterior.sum(axis=1, keepdims=True)  # [batch, phase]
            sine, cosine = posterior @ np.sin(phases), posterior @ np.cos(phases)  # [batch] each
            ahead = np.outer(sine, np.cos(turn)) + np.outer(cosine, np.sin(turn))
            means[start : start + BATCH] = ahead
        return means
