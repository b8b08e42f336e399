"""Forecasts beyond one step, and intervals around them.

A predictor that only knows the next value eats its own predictions to go on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seqcompare.core.arrays import Floats, Predictor
from seqcompare.core.calibration import conformal_rank, fewest_errors
from seqcompare.core.errors import InputError
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.data.windows import evenly_spaced
from seqcompare.statistics.estimates import write_estimate
from seqcompare.statistics.shares import wilson

BLOCKS = 10  # of origins, each checked by intervals that the others calibrated


@runtime_checkable
class Forecaster(Protocol):
    """A predictor that knows a better way beyond one step than rolling out."""

    def forecast(self, history: Floats, horizon: int) -> Floats:
        """history: [origins, seq_len]. Returns [origins, horizon]."""
        ...


@dataclass(frozen=True, eq=False)
class Origins:
    """Points to forecast from.

    history: [origins, seq_len], what is seen; truth: [origins, horizon], what is to come.
    """

    history: Floats
    truth: Floats


def rolling_origins(series: Floats, first_target: int, seq_len: int, horizon: int) -> Origins:
    """Every origin whose `horizon` targets lie in series[first_target:].

    series: [time]; first_target: an index of it. Histories reach back before first_target.
    Returns views. Raises InputError when the series is too short on either side.
    """
    if first_target < seq_len:
        raise InputError(
            f"seq_len is {seq_len}, but only {first_target} values come before the first target"
        )
    if series.size - first_target < horizon:
        raise InputError(
            f"evaluation.horizon is {horizon}, but only {series.size - first_target} values are "
            f"left to forecast: lower it to {series.size - first_target} or hold out more"
        )
    spans = sliding_window_view(series, seq_len + horizon)[first_target - seq_len :]
    return Origins(history=spans[:, :seq_len], truth=spans[:, seq_len:])


def forecast(predictor: Predictor | Forecaster, history: Floats, horizon: int) -> Floats:
    """The next `horizon` values in the predictor's own way, or rolled out where it has none.

    history: [origins, seq_len]. Returns [origins, horizon].
    """
    if isinstance(predictor, Forecaster):
        return predictor.forecast(history, horizon)
    return roll_out(predictor, history, horizon)


def roll_out(predict: Predictor, history: Floats, horizon: int) -> Floats:
    """Free-running forecasts: each prediction is appended to the history and seen by the next.

    history: [origins, seq_len]. Returns [origins, horizon]; its first column is the one-step
    prediction.
    """
    n_origins, seq_len = history.shape
    path = np.concatenate([history, np.empty((n_origins, horizon))], axis=1)
    for step in range(horizon):
        path[:, seq_len + step] = predict(path[:, step : step + seq_len])
    return path[:, seq_len:]


def error_by_horizon(truth: Floats, forecasts: Floats) -> Floats:
    """Mean squared error at 1, 2, ... steps ahead.

    truth: [origins, horizon]; forecasts: [..., origins, horizon], e.g. one leading row a seed.
    Returns [horizon].
    """
    squared = (forecasts - truth) ** 2
    by_horizon: Floats = squared.mean(axis=tuple(range(squared.ndim - 1)))
    return by_horizon


def conformal_radius(errors: Floats, confidence: float) -> Floats:
    """Half the width of the split-conformal interval at each step ahead.

    errors: [origins, horizon], forecast - truth on data that the predictor was not fitted on.
    Returns [horizon]: the `conformal_rank`-th smallest of n absolute errors. For exchangeable ones
    coverage is then between confidence and confidence + 1 / (n + 1). Those of overlapping forecasts
    are only nearly exchangeable, so measure it. Raises InputError when n is too small for a finite
    interval.
    """
    n = errors.shape[0]
    rank = conformal_rank(n, confidence)
    if rank > n:
        raise InputError(
            f"a {confidence:.0%} interval needs at least {fewest_errors(confidence)} calibration "
            f"origins, not {n}: lower evaluation.horizon or evaluation.confidence, or hold out more"
        )
    radius: Floats = np.partition(np.abs(errors), rank - 1, axis=0)[rank - 1]
    return radius


@dataclass(frozen=True, eq=False)
class IntervalForecast:
    """The future, h = 1..horizon steps beyond the end of the series.

    centre, radius: [horizon], in the series' unit; the interval is centre -+ radius, calibrated on
    all held-out origins.
    """

    centre: Floats
    radius: Floats


@dataclass(frozen=True, eq=False)
class IntervalCheck:
    """Intervals at held-out origins, each by a calibration that knew nothing of its truth.

    coverage, width, score: [horizon], means over origins: the share of truths inside, in the
    series' unit the width and the interval score. apart: so many of the forecasts have no value
    in common.
    """

    coverage: Floats
    width: Floats
    score: Floats
    origins: int
    apart: int


@dataclass(frozen=True, eq=False)
class Forecasts:
    """How one predictor of one trial fares beyond one step.

    mse: [horizon], mean over origins; beyond: what comes after the series.
    """

    mse: Floats
    beyond: IntervalForecast
    check: IntervalCheck


def evaluate_forecasts(
    predictor: Predictor, series: Floats, first_target: int, seq_len: int, settings: Evaluation
) -> Forecasts:
    """From origins whose targets were held out, evenly spaced, and beyond the end.

    series: [time], of which values from index first_target on were not trained on.
    Raises InputError when too little was held out.
    """
    horizon, confidence = settings.horizon, settings.confidence
    every = rolling_origins(series, first_target, seq_len, horizon)
    starts = evenly_spaced(len(every.truth), settings.origins)
    truth = every.truth[starts]
    histories = np.concatenate([every.history[starts], series[None, -seq_len:]])
    made = forecast(predictor, histories, horizon)  # [origins + 1, horizon], the last beyond
    errors = made[:-1] - truth
    apart = (series.size - first_target) // horizon
    return Forecasts(
        mse=error_by_horizon(truth, made[:-1]),
        beyond=IntervalForecast(made[-1], conformal_radius(errors, confidence)),
        check=check_intervals(errors, starts, min(apart, len(starts)), confidence),
    )


def check_intervals(
    errors: Floats, starts: NDArray[np.int64], apart: int, confidence: float
) -> IntervalCheck:
    """Intervals calibrated on other origins, block by block (h-block cross-validation).

    Burman, Chow & Nolan 1994: a block is checked by the origins none of whose targets is one of the
    block's. So nearly all of what was held out calibrates, a whole period where it spans one, and
    all of it checks. errors: [origins, horizon]; starts: [origins], ascending, in steps of time.
    Raises InputError when too few origins are left to calibrate on.
    """
    horizon = errors.shape[1]
    radius = np.empty_like(errors)
    for block in np.array_split(np.arange(len(starts)), min(BLOCKS, len(starts))):
        first, last = starts[block[0]], starts[block[-1]]
        others = (starts <= first - horizon) | (starts >= last + horizon)
        radius[block] = conformal_radius(errors[others], confidence)
    return IntervalCheck(
        coverage=np.mean(np.abs(errors) <= radius, axis=0),
        width=2 * radius.mean(axis=0),
        score=interval_score(errors, radius, confidence).mean(axis=0),
        origins=len(starts),
        apart=apart,
    )


def interval_score(errors: Floats, radius: Floats, confidence: float) -> Floats:
    """The width, and 2 / (1 - confidence) times how far the truth lies outside: low is good.

    Gneiting & Raftery 2007, eq. 43: in expectation least for the true quantiles.
    errors, radius: one shape, which is returned.
    """
    outside = np.maximum(0, np.abs(errors) - radius)
    return 2 * radius + 2 / (1 - confidence) * outside


def horizon_table(trials: Sequence[Mapping[str, Forecasts]]) -> dict[str, NDArray[Any]]:
    """Columns horizon (steps ahead) and the MSE of each predictor, mean over trials: [horizon]."""
    means = {name: np.mean([each[name].mse for each in trials], axis=0) for name in trials[0]}
    return {"horizon": np.arange(1, len(next(iter(means.values()))) + 1)} | means


def forecast_table(times: Floats, forecasts: Mapping[str, Forecasts]) -> dict[str, Floats]:
    """Columns time and, for each predictor, its forecast and the ends of its interval: [horizon].

    times: [time] of the series, which goes on in its usual step; forecasts: of one trial.
    """
    steps = len(next(iter(forecasts.values())).mse)
    table = {"time": times[-1] + np.median(np.diff(times)) * np.arange(1, steps + 1)}
    for name, made in forecasts.items():
        table[name] = made.beyond.centre
        table[f"{name}_low"] = made.beyond.centre - made.beyond.radius
        table[f"{name}_high"] = made.beyond.centre + made.beyond.radius
    return table


def forecast_metrics(
    trials: Sequence[Mapping[str, Forecasts]], draws_vary: bool, confidence: float
) -> dict[str, dict[str, float | None]]:
    """Per predictor, means over trials: MSE over all steps ahead and at the last, and intervals.

    Forecasts that overlap hit and miss together, and so do trials that share a series: the interval
    of the coverage counts the forecasts that have no value in common (Wilson's with an effective
    sample size, as in Korn & Graubard 1998). draws_vary: is each trial's series its own?
    """

    def means(forecasts: Sequence[Forecasts]) -> dict[str, float | None]:
        checks = [each.check for each in forecasts]
        apart = checks[0].apart * (len(checks) if draws_vary else 1)
        coverage = float(np.mean([check.coverage for check in checks]))
        return {
            "mse_all_steps": float(np.mean([each.mse.mean() for each in forecasts])),
            "mse_last_step": float(np.mean([each.mse[-1] for each in forecasts])),
            "interval_level": confidence,
            **write_estimate("interval_coverage", wilson(coverage * apart, apart, confidence)),
            "interval_width": float(np.mean([check.width for check in checks])),
            "interval_score": float(np.mean([check.score for check in checks])),
            "origins": checks[0].origins,
            "forecasts_apart": apart,
        }

    return {name: means([each[name] for each in trials]) for name in trials[0]}
