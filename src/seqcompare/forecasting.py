"""Beyond one step: a predictor that eats its own predictions, and intervals around them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from seqcompare.arrays import Floats, Predictor
from seqcompare.errors import InputError


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


def forecast_beyond(
    predict: Predictor,
    series: Floats,
    first_target: int,
    seq_len: int,
    horizon: int,
    confidence: float,
) -> IntervalForecast:
    """Forecast what follows the series, with intervals whose coverage has been measured.

    series: [time], of which the predictor was fitted before first_target only. The first half of
    series[first_target:] calibrates, the second half checks; no target is in both.
    Raises InputError when either half is too short.
    """
    middle = first_target + (series.size - first_target) // 2
    calibration = rolling_origins(series[:middle], first_target, seq_len, horizon)
    check = rolling_origins(series, middle, seq_len, horizon)
    radius = conformal_radius(
        roll_out(predict, calibration.history, horizon) - calibration.truth, confidence
    )
    misses = np.abs(roll_out(predict, check.history, horizon) - check.truth)
    return IntervalForecast(
        centre=roll_out(predict, series[None, -seq_len:], horizon)[0],
        radius=radius,
        coverage=np.mean(misses <= radius, axis=0),
        calibrated=len(calibration.truth),
        checked=len(check.truth),
    )
