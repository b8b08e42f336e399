"""Multi-step forecasts, their errors and intervals. Filled values (not measured) count nowhere."""

from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seqcompare.core.errors import InputError
from seqcompare.core.params import Evaluation, fewest_errors
from seqcompare.core.types import Floats, Predictor
from seqcompare.data.series import Series
from seqcompare.data.windows import evenly_spaced

BLOCKS = 10  # of origins; each is checked by intervals that the others calibrate


class Origins(NamedTuple):
    """Points to forecast from."""

    history: Floats  # [origins, seq_len]
    truth: Floats  # [origins, horizon], NaN where filled


def rolling_origins(series: Series, first_target: int, seq_len: int, horizon: int) -> Origins:
    """Every origin whose `horizon` targets lie at positions from first_target on."""
    truth = np.where(series.filled, np.nan, series.values)[first_target:]
    past = series.values[first_target - seq_len : series.values.size - horizon]
    return Origins(sliding_window_view(past, seq_len), sliding_window_view(truth, horizon))


def roll_out(predict: Predictor, history: Floats, horizon: int) -> Floats:
    """Each prediction is appended to the history and seen by the next.

    history: [origins, seq_len]. Returns [origins, horizon].
    """
    origins, seq_len = history.shape
    path = np.concatenate([history, np.empty((origins, horizon))], axis=1)
    for step in range(horizon):
        path[:, seq_len + step] = predict(path[:, step : step + seq_len])
    return path[:, seq_len:]


def evaluate_forecasts(
    predictor: Predictor, series: Series, first_target: int, seq_len: int, settings: Evaluation
) -> pd.DataFrame:
    """Forecasts from evenly spaced held-out origins, and beyond the end of the series.

    By the predictor's own method `forecast` if it has one, else rolled out. first_target: position
    from which on no value was trained on or chose an epoch. Returns a row a step ahead: step, from
    1; mean, after the end, and radius, half the width of its interval; mse, coverage and width over
    held-out origins; origins and independent: how many, and how many without a common value.
    """
    horizon, confidence = settings.horizon, settings.confidence
    every = rolling_origins(series, first_target, seq_len, horizon)
    starts = evenly_spaced(len(every.truth), settings.origins)
    histories = np.concatenate([every.history[starts], series.values[None, -seq_len:]])
    forecast = getattr(predictor, "forecast", partial(roll_out, predictor))
    made: Floats = forecast(histories, horizon)  # [origins + 1, horizon], the last beyond
    errors = made[:-1] - every.truth[starts]
    try:
        radii = checked_radii(errors, starts, confidence)
    except InputError as error:
        raise InputError(
            f"params.yaml: evaluation.horizon is {horizon} and series {series.name} has "
            f"{series.filled[first_target:].sum()} filled values among those held out: {error}"
        ) from None
    covered = np.sum(np.abs(errors) <= radii, axis=0)  # NaN, where filled, is not
    return pd.DataFrame({
        "step": np.arange(1, horizon + 1), "mean": made[-1],
        "radius": conformal_radius(errors, confidence), "mse": np.nanmean(errors**2, axis=0),
        "coverage": covered / np.isfinite(errors).sum(axis=0), "width": 2 * radii.mean(axis=0),
        "origins": len(starts),
        "independent": min((series.values.size - first_target) // horizon, len(starts)),
    })  # fmt: skip


def conformal_radius(errors: Floats, confidence: float) -> Floats:
    """Half the width of the split-conformal interval at each step ahead: [horizon].

    errors: [origins, horizon], forecast - truth on held-out data, NaN where there is no truth. Of n
    errors it is the ceil((n + 1) * confidence)-th smallest absolute one (Vovk, Gammerman & Shafer
    2005; Lei et al. 2018, algorithm 2): exchangeable ones are covered with a probability between
    confidence and confidence + 1 / (n + 1). Raises InputError below `fewest_errors`.
    """
    n = np.isfinite(errors).sum(axis=0)  # [horizon]
    needed = fewest_errors(confidence)
    if n.min() < needed:
        raise InputError(
            f"an interval of {confidence:.0%} needs at least {needed} held-out forecasts, but "
            f"there are {n.min()}: lower the horizon or the confidence, or hold out more"
        )
    rank = np.ceil((n + 1) * confidence - 1e-9).astype(int)  # 0.95 * 20 is 19 but for rounding
    ordered = np.sort(np.abs(errors), axis=0)  # NaN last
    radius: Floats = np.take_along_axis(ordered, rank[None] - 1, axis=0)[0]
    return radius


def checked_radii(errors: Floats, starts: NDArray[np.int64], confidence: float) -> Floats:
    """For each origin the radius by other origins, block by block: [origins, horizon].

    h-block cross-validation (Burman, Chow & Nolan 1994): a block's intervals are calibrated by the
    origins that have no target in common with it. starts: [origins], positions in time, ascending.
    """
    radii, horizon = np.empty_like(errors), errors.shape[1]
    for block in np.array_split(np.arange(len(starts)), min(BLOCKS, len(starts))):
        first, last = starts[block[0]], starts[block[-1]]
        apart = (starts <= first - horizon) | (starts >= last + horizon)
        radii[block] = conformal_radius(errors[apart], confidence)
    return radii
