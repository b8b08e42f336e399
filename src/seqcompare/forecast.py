"""Trained models to use: `load_models()` predicts and forecasts in the series' own unit.

It reads what `dvc repro` or `dvc pull` put into a project: params.yaml and data/. Torch computes as
in the pipeline while a model works, on one thread; then its settings are as they were.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from seqcompare.core import paths
from seqcompare.core.errors import InputError, shown
from seqcompare.core.params import Params, load_params
from seqcompare.core.types import AR, Floats, Predictor
from seqcompare.data.csv import LARGEST
from seqcompare.data.series import Series, load_series
from seqcompare.data.times import future_times
from seqcompare.data.windows import cut_windows, evenly_spaced, load_folds, make_folds
from seqcompare.evaluation.baselines import fit_baselines
from seqcompare.evaluation.forecasts import conformal_radius, roll_out, rolling_origins
from seqcompare.evaluation.trials import HeldOutTrial, load_trials
from seqcompare.execution.devices import make_deterministic

LINEAR = "linear"  # a model beside those of params.yaml: the linear model, fitted when it is loaded
ORIGINS = 200  # held-out points, about, whose forecasts an interval rests on: bounds the time
Trial = tuple[str, int]  # series, seed


@dataclass(frozen=True, eq=False, repr=False)
class LoadedModel:
    """One model, trained once by each trial.

    trials: a predictor each, windows [batch, seq_len] -> [batch]. series: those that trained, by
    name; held_out: position in each from which on no value trained or chose an epoch.
    """

    name: str
    params: Params
    trials: Mapping[Trial, Predictor]
    series: Mapping[str, Series]
    held_out: Mapping[str, int]

    def __repr__(self) -> str:
        return f"LoadedModel({self.name}, seq_len {self.params.seq_len}, {len(self.trials)} trials)"

    def predict(self, windows: Any, series: str | None = None) -> Floats:
        """The value after each window, mean over trials. windows: [batch, seq_len] -> [batch].

        series: whose trials predict; needed where params.yaml has data.id. Raises InputError for
        windows of another length, and for values that are no finite numbers.
        """
        mean: Floats = self.predict_each(windows, series).mean(axis=0)
        return mean

    def predict_each(self, windows: Any, series: str | None = None) -> Floats:
        """The same by every trial, in the order of `trials`: [trial, batch]."""
        values = _numbers(windows, "windows")
        if values.ndim != 2 or values.shape[1] != self.params.seq_len:
            raise InputError(
                f"windows have the shape {list(values.shape)}: {self.name} takes "
                f"[batch, {self.params.seq_len}] (seq_len)"
            )
        with _torch_as_in_the_pipeline():
            return _finite(np.stack([trial(values) for trial in self._of(series).values()]))

    def forecast(
        self,
        history: Any,
        steps: int | None = None,
        confidence: float | None = None,
        series: str | None = None,
    ) -> pd.DataFrame:
        """The values after a history, each prediction seen by the next: mean over trials.

        history: [time], the newest last, at least seq_len values: an array; a pandas Series, whose
        index holds the times; or a DataFrame with the columns of params.yaml. steps, confidence:
        evaluation.horizon and evaluation.confidence where not given.
        Returns time (step where no times are known), mean, low, high: [steps] rows, for each series
        of a DataFrame with data.id. Intervals are conformal, by the errors of the same mean from
        points of the held-out parts: they hold for the series that trained and for its kind.
        Raises InputError for what cannot be forecast.
        """
        column = self.params.data.id
        if isinstance(history, pd.DataFrame) and column is not None and series is None:
            groups = _column(history, column).astype(str)
            tables = {
                name: self.forecast(rows, steps, confidence, str(name))
                for name, rows in history.groupby(groups, sort=False)
            }
            return pd.concat(tables, names=[column]).reset_index(level=0).reset_index(drop=True)
        values, times = _values_and_times(history, self.params)
        if values.ndim != 1 or values.size < self.params.seq_len:
            raise InputError(
                f"the history has the shape {list(values.shape)}: {self.name} needs at least "
                f"{self.params.seq_len} values (seq_len) in one row"
            )
        steps = self.params.evaluation.horizon if steps is None else steps
        confidence = self.params.evaluation.confidence if confidence is None else confidence
        self._check(steps, confidence)
        with _torch_as_in_the_pipeline():
            mean = self._roll_out(values[None, -self.params.seq_len :], steps, series)[0]
            radius = self._radius(steps, confidence, series)
        following = None if times is None else _following(times, steps)
        first = {"step": range(1, steps + 1)} if following is None else {"time": following}
        return pd.DataFrame({**first, "mean": mean, "low": mean - radius, "high": mean + radius})

    def _of(self, series: str | None) -> dict[Trial, Predictor]:
        """The trials that are asked: of one series where each is another kind of its own."""
        if self.params.data.id is None:
            return dict(self.trials)
        if series not in self.series:
            known = ", ".join([*self.series][:10])
            raise InputError(f"series is {shown(series)}: give one that was trained, like {known}")
        return {trial: predict for trial, predict in self.trials.items() if trial[0] == series}

    def _check(self, steps: int, confidence: float) -> None:
        if not 0 < confidence < 1:
            raise InputError(f"confidence is {confidence}: give a share between 0 and 1, like 0.95")
        left = min(self.series[name].values.size - at for name, at in self.held_out.items())
        if not 1 <= steps <= left or steps != int(steps):
            raise InputError(
                f"steps is {steps}: intervals rest on {left} held-out values: use 1 to {left}"
            )

    def _roll_out(self, history: Floats, steps: int, series: str | None) -> Floats:
        """history: [origins, seq_len]. Returns [origins, steps]."""
        each = [roll_out(trial, history, steps) for trial in self._of(series).values()]
        return _finite(np.mean(each, axis=0))

    def _radius(self, steps: int, confidence: float, series: str | None) -> Floats:
        """Half the width of the intervals: [steps]."""
        names = dict.fromkeys(name for name, _ in self._of(series))
        errors = []
        for name in names:
            origins = rolling_origins(
                self.series[name], self.held_out[name], self.params.seq_len, steps
            )
            chosen = evenly_spaced(len(origins.truth), max(20, ORIGINS // len(names)))
            means = self._roll_out(origins.history[chosen], steps, series)
            errors.append(means - origins.truth[chosen])
        return conformal_radius(np.concatenate(errors), confidence)


def load_models(
    names: Collection[str] | str | None = None, fold: int = 0, root: str | Path = "."
) -> dict[str, LoadedModel]:
    """Name -> model: all of params.yaml and `linear`, the linear model, or those named.

    fold: where split.folds is above 1, whose models; the first fold's have seen nothing of the test
    part. root: the project's folder. Raises InputError for names and folds that are not there, for
    weights that are missing, and where params.yaml is not what trained them.
    """
    with chdir(root):
        params, series, folds = load_params(), load_series(), load_folds()
        if {name: make_folds(each.values, params) for name, each in series.items()} != folds:
            raise InputError(
                "params.yaml: split, data.scale or data.centre is not what the models in "
                f"{paths.WEIGHTS} were trained with: set it back, or run `dvc repro`"
            )
        trials = load_trials(params, series, folds)
    names = [names] if isinstance(names, str) else list(names or [*params.models, LINEAR])
    for name in names:
        if name not in (*params.models, LINEAR):
            known = ", ".join([*params.models, LINEAR])
            raise InputError(f"unknown model {shown(name)}: choose among {known}")
    if not 0 <= fold < params.split.folds:
        raise InputError(f"fold is {fold}: use 0 to {params.split.folds - 1}")
    held_out = {
        name: (parts[fold].train if params.validation_calibrates else parts[fold].validation).stop
        for name, parts in folds.items()
    }
    return {
        name: LoadedModel(name, params, _predictors(name, trials, fold, params), series, held_out)
        for name in names
    }


def _predictors(
    name: str, trials: list[HeldOutTrial], fold: int, params: Params
) -> dict[Trial, Predictor]:
    """Of each trial: its last tested epoch, or the linear model of its training part."""
    predictors: dict[Trial, Predictor] = {}
    for trial in trials:
        if name == LINEAR:
            training = cut_windows(trial.series.values, params.seq_len, trial.folds[fold].train)
            predictor = fit_baselines(training, params.data)[AR]
        else:
            predictor = trial.networks[name][fold][-1]
        predictors[trial.series.name, trial.seed] = predictor
    return predictors


def _numbers(values: Any, what: str) -> Floats:
    """Raises InputError unless all are finite real numbers."""
    masked = isinstance(values, np.ma.MaskedArray)
    array = np.asarray(values)
    if masked or array.dtype.kind not in "iuf":
        kind = "a masked array" if masked else f"of the type {array.dtype}"
        raise InputError(f"{what}: found {kind}, but needed are plain numbers without gaps")
    if bad := int((~np.isfinite(array)).sum()):
        raise InputError(
            f"{what}: {bad} of {array.size} values are NaN or infinite: fill them first"
        )
    if array.size and (largest := array.flat[np.abs(array).argmax()]) and abs(largest) > LARGEST:
        raise InputError(f"{what}: found {largest:g}: use values within ±{LARGEST:g}")
    return array.astype(np.float64)


def _finite(predictions: Floats) -> Floats:
    if not np.isfinite(predictions).all():
        raise InputError("predictions overflow: the values are too far from those that trained")
    return predictions


def _values_and_times(history: Any, params: Params) -> tuple[Floats, pd.Index | None]:
    """[time] each; no times where the history has none."""
    times = history.index if isinstance(history, pd.Series | pd.DataFrame) else None
    if isinstance(history, pd.DataFrame):
        if params.data.time is not None:
            times = pd.Index(_column(history, params.data.time))
        elif not isinstance(times, pd.DatetimeIndex):
            times = None
        history = _column(history, params.data.value)
    if isinstance(times, pd.PeriodIndex):
        times = times.to_timestamp()
    if times is not None and not (times.is_monotonic_increasing and times.is_unique):
        raise InputError("history: its times do not ascend: sort it by time, each time once")
    return _numbers(history, "history"), times


def _column(history: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name not in history.columns:
        columns = ", ".join(map(str, history.columns))
        raise InputError(f"history: has no column {shown(name)} (params.yaml): it has {columns}")
    return history[name]


def _following(times: pd.Index, steps: int) -> Any:
    """The next times, of the kind of those given; None where steps are uneven."""
    if not isinstance(times, pd.DatetimeIndex):
        return future_times(times.to_numpy(float if times.dtype.kind in "iuf" else object), steps)
    texts = future_times(times.astype(str).to_numpy(object), steps)
    following = None if texts is None else pd.DatetimeIndex(pd.to_datetime(texts))
    return following.tz_convert(times.tz) if following is not None and times.tz else following


@contextmanager
def _torch_as_in_the_pipeline() -> Iterator[None]:
    """One thread and no denormal numbers, so that predictions are the pipeline's bytes."""
    threads = torch.get_num_threads()
    denormals = bool(torch.tensor([5e-324], dtype=torch.float64).mul(1) != 0)
    make_deterministic(torch.device("cpu"))
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(not denormals)
