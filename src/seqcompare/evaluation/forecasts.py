"""Forecasts beyond one step, and intervals around them.

A predictor that only knows the next value eats its own predictions to go on.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seqcompare.core.errors import InputError
from seqcompare.core.params import Evaluation
from seqcompare.core.types import Floats, Predictor


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
    Returns [horizon]: the ceil((n + 1) * confidence)-th smallest absolute error of n (Vovk,
    Gammerman & Shafer 2005; Lei et al. 2018, algorithm 2). For exchangeable errors coverage is then
    between confidence and confidence + 1 / (n + 1). Overlapping forecasts are only nearly
    exchangeable, so measure it. Raises InputError when n is too small for a finite interval.
    """
    n = errors.shape[0]
    rank = math.ceil((n + 1) * confidence - 1e-9)  # 1e-9: 0.95 * 20 must not become 20
    if rank > n:
        needed = math.ceil(confidence / (1 - confidence) - 1e-9)
        raise InputError(
            f"a {confidence:.0%} interval needs at least {needed} calibration origins, not {n}: "
            "lower evaluation.horizon or evaluation.confidence, or hold out more"
        )
    radius: Floats = np.partition(np.abs(errors), rank - 1, axis=0)[rank - 1]
    return radius


@dataclass(frozen=True, eq=False)
class IntervalForecast:
    """The future, h = 1..horizon steps beyond the end of the series.

    centre, radius: [horizon], in the series' unit; the interval is centre -+ radius.
    coverage: [horizon], the share of `checked` held-out origins whose truth lay inside.
    """

    centre: Floats
    radius: Floats
    coverage: Floats
    calibrated: int
    checked: int


@dataclass(frozen=True, eq=False)
class Forecasts:
    """How one predictor of one trial fares beyond one step.

    mse: [horizon], mean over origins; beyond: what comes after the series.
    """

    mse: Floats
    beyond: IntervalForecast


def evaluate_forecasts(
    predictor: Predictor, series: Floats, first_target: int, seq_len: int, settings: Evaluation
) -> Forecasts:
    """From every origin whose targets were held out, and beyond the end.

    series: [time], of which values from index first_target on were not trained on. Their first
    half calibrates the intervals, the second half checks them; no target is in both.
    Raises InputError when too little was held out.
    """
    horizon = settings.horizon
    origins = rolling_origins(series, first_target, seq_len, horizon)
    histories = np.concatenate([origins.history, series[None, -seq_len:]])
    made = forecast(predictor, histories, horizon)  # [origins + 1, horizon], the last beyond
    errors = made[:-1] - origins.truth
    half = (series.size - first_target) // 2
    calibration, check = errors[: max(0, half - horizon + 1)], errors[half:]
    radius = conformal_radius(calibration, settings.confidence)
    return Forecasts(
        error_by_horizon(origins.truth, made[:-1]),
        IntervalForecast(
            centre=made[-1],
            radius=radius,
            coverage=np.mean(np.abs(check) <= radius, axis=0),
            calibrated=len(calibration),
            checked=len(check),
        ),
    )


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
    trials: Sequence[Mapping[str, Forecasts]],
) -> dict[str, dict[str, float]]:
    """Per predictor, means over trials: MSE over all steps ahead and at the last, and intervals."""

    def means(forecasts: Sequence[Forecasts]) -> dict[str, float]:
        return {
            "mse_all_steps": float(np.mean([each.mse.mean() for each in forecasts])),
            "mse_last_step": float(np.mean([each.mse[-1] for each in forecasts])),
            "interval_width": float(np.mean([2 * each.beyond.radius for each in forecasts])),
            "interval_coverage": float(np.mean([each.beyond.coverage for each in forecasts])),
        }

    return {name: means([each[name] for each in trials]) for name in trials[0]}
