"""Predictors without training by gradient: what any network has to beat, and the limit none can.

A predictor turns windows [batch, seq_len] into predictions [batch], both in the series' unit.
"""

import math
from dataclasses import dataclass

import numpy as np

from seqcompare.core.arrays import Floats, Predictor
from seqcompare.core.errors import InputError
from seqcompare.core.sections.data import Data
from seqcompare.data.windows import Centre, Windows

TAU = 2 * math.pi
COARSEST_GRID = 256  # phases; enough for a posterior as wide as the circle
FINEST_GRID = 16384  # phases; bounds the memory where there is almost no noise
BATCH = 512  # windows whose posteriors are held at once
GRID_POINTS_PER_STD = 2  # the trapezoid rule on a Gaussian is then exact to 1e-12
EPSILON = float(np.finfo(np.float64).eps)
# Penalties in units of the largest squared singular value; the first is 0 but for rounding.
RIDGE_GRID = np.append(1e-16, np.logspace(-8, 1, 46))
LEAST_FREEDOM = 0.1  # of the residual, as a share of the windows: with less it is small by chance


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

    coefficients: [seq_len], oldest value first. ridge: the penalty on their squared length.
    """

    coefficients: Floats
    intercept: float
    ridge: float

    def __call__(self, windows: Floats) -> Floats:
        """windows: [batch, seq_len]. Returns [batch]."""
        predictions: Floats = self.intercept + windows @ self.coefficients
        return predictions


def fit_ar(inputs: Floats, targets: Floats, centre: Centre = "none") -> LinearPredictor:
    """AR(seq_len) with an intercept, by ridge regression (Hoerl & Kennard 1970).

    inputs: [window, seq_len], targets: [window]. Generalised cross-validation chooses the penalty,
    down to one that leaves least squares as they are: with hundreds of coefficients for hundreds
    of windows these fit the noise. It works for fewer windows than coefficients too.
    centre: `last` fits windows and targets less each window's last value, which is linear as well:
    the coefficients then sum to 1, so that a level of any height is kept.
    Raises InputError when there are fewer than 2 windows.
    """
    n_windows = len(inputs)
    if n_windows < 2:
        raise InputError(
            f"an autoregression needs at least 2 training windows, not {n_windows}: "
            "lower seq_len or lengthen the series"
        )
    if centre == "last":
        last = inputs[:, -1]
        beyond = fit_ar(inputs - last[:, None], targets - last)
        coefficients = beyond.coefficients.copy()
        coefficients[-1] = 1 - coefficients[:-1].sum()
        return LinearPredictor(coefficients, beyond.intercept, beyond.ridge)
    mean_input, mean_target = inputs.mean(axis=0), float(targets.mean())
    centred = targets - mean_target  # [window]
    u, s, vt = np.linalg.svd(inputs - mean_input, full_matrices=False)
    rounding = max(inputs.shape) * EPSILON * np.linalg.norm(inputs)  # also that of the mean
    rank = int(np.sum(s > rounding))
    u, s, vt = u[:, :rank], s[:rank], vt[:rank]
    projected = u.T @ centred  # [rank]
    unreached = float(np.sum((centred - u @ projected) ** 2)) if rank < n_windows - 1 else 0.0
    ridge = _ridge_by_gcv(s, projected, unreached, n_windows)
    coefficients = vt.T @ (projected * s / (s**2 + ridge))  # [seq_len]
    return LinearPredictor(coefficients, mean_target - float(mean_input @ coefficients), ridge)


def _ridge_by_gcv(s: Floats, projected: Floats, unreached: float, n_windows: int) -> float:
    """The penalty that minimises residual sum of squares / (residual degrees of freedom)^2.

    Golub, Heath & Wahba 1979, eq. 1.4: leave-one-out cross-validation with every window's leverage
    replaced by their mean. The intercept, which has no penalty, takes one degree of freedom.
    Penalties that leave hardly any do not count: with one degree, least squares now and then pass
    almost through every target and would be chosen for it (Wahba & Wang 1995).

    s: singular values of the centred windows, projected: the targets along them, [rank];
    unreached: sum of squares of the targets outside the windows' span. Returns a penalty above 0.
    """
    if s.size == 0:  # every window is the same: any penalty leaves the mean as prediction
        return 1.0
    penalties = RIDGE_GRID * s[0] ** 2
    kept = penalties[:, None] / (s**2 + penalties[:, None])  # [penalty, rank]: of the residual
    squares = unreached + np.sum((kept * projected) ** 2, axis=1)  # [penalty]
    freedom = n_windows - 1 - s.size + np.sum(kept, axis=1)  # n - 1 - sum(s^2 / (s^2 + penalty))
    gcv = np.where(freedom < LEAST_FREEDOM * (n_windows - 1), np.inf, squares / freedom**2)
    return float(penalties[np.argmin(gcv)])


@dataclass(frozen=True)
class Oracle:
    """The Bayes-optimal predictor of a noisy sine of unknown phase.

    It knows the series' law, amplitude * sin(step * t + phase) + noise * N(0, 1), and lacks only
    the phase, uniform at first. The posterior mean of a later clean value has the least expected
    squared error of all functions of the window (e.g. Bishop 2006, sec. 1.5.5), so no predictor
    that sees the window alone can do better on average, at any number of steps ahead.

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
        return self.forecast(windows, 1)[:, 0]

    def forecast(self, history: Floats, horizon: int) -> Floats:
        """The posterior means of the next `horizon` clean values, each from the history itself.

        Rolled out over its own predictions the oracle would take them for observations, and no
        longer be the best. history: [origins, seq_len]. Returns [origins, horizon].
        """
        batches = np.split(history, range(BATCH, len(history), BATCH))
        return np.concatenate([self._forecast(batch, horizon) for batch in batches])

    def _forecast(self, history: Floats, horizon: int) -> Floats:
        phases, _, _, posterior = self._posterior(history)
        sine = posterior @ (self.amplitude * np.sin(phases))  # [origins]
        cosine = posterior @ (self.amplitude * np.cos(phases))
        turn = self.step * np.arange(horizon)  # radians beyond the first value to predict
        means: Floats = np.outer(sine, np.cos(turn)) + np.outer(cosine, np.sin(turn))
        return means

    def simulate(self, history: Floats, steps: int, rng: np.random.Generator) -> Floats:
        """A draw of the next values, noise included, given the history: [origins, steps]."""
        phases, _, _, posterior = self._posterior(history)
        cumulated = np.cumsum(posterior, axis=1)  # [origins, phase]
        level = rng.random((len(history), 1)) * cumulated[:, -1:]
        drawn = phases[np.argmax(cumulated > level, axis=1)]  # [origins]
        clean: Floats = self.amplitude * np.sin(drawn[:, None] + self.step * np.arange(steps))
        return clean + self.noise * rng.standard_normal(clean.shape)

    def gradient(self, windows: Floats) -> Floats:
        """d prediction / d value, which has no unit: [batch, seq_len].

        The posterior is proportional to exp(window @ clean / noise^2 - ...), so that the derivative
        of its mean is a covariance: that of the predicted and the value's own clean value, given
        the window, divided by noise^2.
        """
        phases, clean, noise, posterior = self._posterior(windows)
        predicted = self.amplitude * np.sin(phases)  # [phase]
        both = (posterior * predicted) @ clean  # [batch, seq_len]
        covariance: Floats = both - (posterior @ predicted)[:, None] * (posterior @ clean)
        return covariance / noise**2

    def _posterior(self, windows: Floats) -> tuple[Floats, Floats, float, Floats]:
        """What a window says about the phase of the value after it.

        Returns phases [phase], the clean window of each [phase, seq_len], the noise that the grid
        resolves, and probabilities [batch, phase].
        """
        lags = np.arange(windows.shape[1], 0, -1)  # [seq_len]: samples from each value to the next
        # No posterior is narrower than noise / signal radians: the Fisher information of the
        # phase is at most (signal / noise)^2. The grid puts several points into that width.
        signal = self.amplitude * math.sqrt(windows.shape[1])
        noise = max(self.noise, GRID_POINTS_PER_STD * signal * TAU / FINEST_GRID)
        points = max(COARSEST_GRID, math.ceil(GRID_POINTS_PER_STD * signal * TAU / noise))
        phases = np.arange(points) * (TAU / points)
        clean = self.amplitude * np.sin(phases[:, None] - self.step * lags)  # [phase, seq_len]
        log_likelihood = (windows @ clean.T - np.sum(clean**2, axis=1) / 2) / noise**2
        log_likelihood -= log_likelihood.max(axis=1, keepdims=True)  # [batch, phase]
        posterior = np.exp(log_likelihood)
        posterior /= posterior.sum(axis=1, keepdims=True)
        return phases, clean, noise, posterior


def sine_oracle(data: Data) -> Oracle:
    return Oracle(data.x_max / (data.size - 1), data.noise)


def fit_baselines(training: Windows, data: Data) -> dict[str, Predictor]:
    """Every baseline that this series allows, by its name in metrics.json."""
    baselines: dict[str, Predictor] = {
        "persistence": persistence,
        "ar": fit_ar(training.inputs, training.targets, data.centre),
    }
    if data.period is not None:
        baselines["seasonal"] = SeasonalNaive(data.period)
    if data.source == "sine":
        baselines["oracle"] = sine_oracle(data)
    return baselines
