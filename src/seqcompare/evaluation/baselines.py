"""Predictors without training by gradient: what any network has to beat, and the limit none can.

A predictor turns windows [batch, seq_len] into predictions [batch], both in the series' unit.
"""

import math
from dataclasses import dataclass

import numpy as np

from seqcompare.core.errors import InputError
from seqcompare.core.params import Data
from seqcompare.core.types import Floats, Predictor
from seqcompare.data.windows import Windows

TAU = 2 * math.pi
COARSEST_GRID = 256  # phases; enough for a posterior as wide as the circle
FINEST_GRID = 16384  # phases; bounds the memory where there is almost no noise
GRID_POINTS_PER_STD = 2  # the trapezoid rule on a Gaussian is then exact to 1e-12
RIDGE_GRID = np.logspace(-8, 1, 46)  # in units of the largest squared singular value


def persistence(windows: Floats) -> Floats:
    """The next value equals the last one: the best predictor of a random walk.

    windows: [batch, seq_len]. Returns [batch].
    """
    last: Floats = windows[:, -1]
    return last


@dataclass(frozen=True)
class SeasonalNaive:
    """The next value equals the one a period before it (Hyndman & Athanasopoulos 2021, sec. 5.2).

    period: samples, at least 1. Raises InputError for less, and for windows shorter than a period.
    """

    period: int

    def __post_init__(self) -> None:
        if self.period < 1:
            raise InputError(f"period is {self.period}: a season lasts at least 1 sample")

    def __call__(self, windows: Floats) -> Floats:
        """windows: [batch, seq_len]. Returns [batch]."""
        seq_len = windows.shape[1]
        if self.period > seq_len:
            raise InputError(
                f"period is {self.period}, but a window holds {seq_len} values: "
                f"raise seq_len to {self.period} or leave out the seasonal baseline"
            )
        one_period_ago: Floats = windows[:, seq_len - self.period]
        return one_period_ago


@dataclass(frozen=True, eq=False)
class LinearPredictor:
    """intercept + windows @ coefficients.

    coefficients: [seq_len], oldest value first. ridge: the penalty on their squared length,
    0 for plain least squares.
    """

    coefficients: Floats
    intercept: float
    ridge: float

    def __call__(self, windows: Floats) -> Floats:
        """windows: [batch, seq_len]. Returns [batch]."""
        predictions: Floats = self.intercept + windows @ self.coefficients
        return predictions


def fit_ar(inputs: Floats, targets: Floats) -> LinearPredictor:
    """AR(seq_len) with an intercept, by least squares on the training windows.

    inputs: [window, seq_len], targets: [window]. With fewer windows than coefficients
    (seq_len + 1) least squares has no unique answer: ridge regression (Hoerl & Kennard 1970)
    takes its place, its penalty chosen by generalised cross-validation.
    Raises InputError when there are fewer than 2 windows.
    """
    n_windows, seq_len = inputs.shape
    if n_windows < 2:
        raise InputError(
            f"an autoregression needs at least 2 training windows, not {n_windows}: "
            "lower seq_len or lengthen the series"
        )
    mean_input, mean_target = inputs.mean(axis=0), float(targets.mean())
    u, s, vt = np.linalg.svd(inputs - mean_input, full_matrices=False)
    rank = int(np.sum(s > s[0] * max(inputs.shape) * np.finfo(np.float64).eps))
    u, s, vt = u[:, :rank], s[:rank], vt[:rank]
    projected = u.T @ (targets - mean_target)  # [rank]
    ridge = _ridge_by_gcv(s, projected) if n_windows < seq_len + 1 else 0.0
    coefficients = vt.T @ (projected * s / (s**2 + ridge))  # [seq_len]
    return LinearPredictor(coefficients, mean_target - float(mean_input @ coefficients), ridge)


def _ridge_by_gcv(s: Floats, projected: Floats) -> float:
    """The penalty that minimises residual sum of squares / (residual degrees of freedom)^2.

    Golub, Heath & Wahba 1979, eq. 1.4, where the windows' span holds every target.
    s, projected: [rank]. Returns a penalty above 0.
    """
    if s.size == 0:  # every window is the same: any penalty leaves the mean as prediction
        return 1.0
    penalties = RIDGE_GRID * s[0] ** 2
    kept = penalties[:, None] / (s**2 + penalties[:, None])  # [penalty, rank]
    gcv = np.sum((kept * projected) ** 2, axis=1) / np.sum(kept, axis=1) ** 2  # [penalty]
    return float(penalties[np.argmin(gcv)])


@dataclass(frozen=True)
class Oracle:
    """The Bayes-optimal one-step predictor of a noisy sine of unknown phase.

    It knows the series' law, amplitude * sin(step * t + phase) + noise * N(0, 1), and lacks only
    the phase, uniform at first. The posterior mean of the next clean value has the least expected
    squared error of all functions of the window (e.g. Bishop 2006, sec. 1.5.5), so no predictor
    that sees the window alone can do better on average.

    step: radians per sample. noise, amplitude: in the series' unit. Noise too small for the grid
    (a posterior narrower than FINEST_GRID resolves, 0 included) counts as the least noise that the
    grid resolves. Without any noise that leaves a mean squared error of 1e-11 * amplitude^2 for
    windows of 20 values (1e-8 for 2) instead of 0.
    Raises InputError for a negative noise or an amplitude that is not positive.
    """

    step: float
    noise: float
    amplitude: float = 1.0

    def __post_init__(self) -> None:
        if self.noise < 0:
            raise InputError(f"noise is {self.noise}: a standard deviation is 0 or more")
        if self.amplitude <= 0:
            raise InputError(f"amplitude is {self.amplitude}: the oracle needs a sine above 0")

    def __call__(self, windows: Floats) -> Floats:
        """windows: [batch, seq_len]. Returns [batch]."""
        lags = np.arange(windows.shape[1], 0, -1)  # [seq_len]: samples from each value to the next
        # No posterior is narrower than noise / signal radians: the Fisher information of the
        # phase is at most (signal / noise)^2. The grid puts several points into that width.
        signal = self.amplitude * math.sqrt(windows.shape[1])
        noise = max(self.noise, GRID_POINTS_PER_STD * signal * TAU / FINEST_GRID)
        points = max(COARSEST_GRID, math.ceil(GRID_POINTS_PER_STD * signal * TAU / noise))
        phases = np.arange(points) * (TAU / points)  # [phase]: of the value to predict
        clean = self.amplitude * np.sin(phases[:, None] - self.step * lags)  # [phase, seq_len]
        log_likelihood = (windows @ clean.T - np.sum(clean**2, axis=1) / 2) / noise**2
        log_likelihood -= log_likelihood.max(axis=1, keepdims=True)  # [batch, phase]
        posterior = np.exp(log_likelihood)
        posterior /= posterior.sum(axis=1, keepdims=True)
        predictions: Floats = posterior @ (self.amplitude * np.sin(phases))  # [batch]
        return predictions


def fit_baselines(training: Windows, data: Data) -> dict[str, Predictor]:
    """Every baseline that this series allows, by its name in metrics.json."""
    baselines: dict[str, Predictor] = {
        "persistence": persistence,
        "ar": fit_ar(training.inputs, training.targets),
    }
    if data.period is not None:
        baselines["seasonal"] = SeasonalNaive(data.period)
    if data.source == "sine":
        baselines["oracle"] = Oracle(data.x_max / (data.size - 1), data.noise)
    return baselines
