"""Trained models to use: by name, each with all its trials, in the series' own unit.

They are read from where `dvc repro` or `dvc pull` put them, below the working directory:
params.yaml, data/series.csv, data/split.json and data/runs/. Nothing else is needed, not even DVC.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from seqcompare.core.arrays import Floats
from seqcompare.core.calibration import fewest_errors
from seqcompare.core.errors import InputError
from seqcompare.core.params import load_params
from seqcompare.data.storage import load_series, load_split
from seqcompare.data.windows import cut_folds, evenly_spaced
from seqcompare.evaluation import forecasts
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.results import load_trials
from seqcompare.execution.devices import make_deterministic

ORIGINS = 200  # held-out points, at most, whose forecasts an interval rests on: bounds the time


@dataclass(frozen=True, eq=False)
class Forecast:
    """The next values of a history, in the series' unit: each [steps].

    mean: over trials; low, high: the ends of its interval.
    """

    mean: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """One model, trained once by each trial.

    trials: seed -> predictor of windows [batch, seq_len], which returns [batch]. Where every trial
    has a noise draw of its own, each was trained on another series of the same kind.
    series: those that trained, [time]; held_out: position from which on no trial was trained.
    """

    name: str
    seq_len: int
    trials: Mapping[int, TrainedPredictor]
    series: Sequence[Floats]
    held_out: int

    def predict(self, windows: Floats) -> Floats:
        """The value after each window, mean over trials. windows: [batch, seq_len] -> [batch].

        Raises InputError for windows of another length, and for values that are not finite.
        """
        mean: Floats = self.predict_each(windows).mean(axis=0)
        return mean

    def predict_each(self, windows: Floats) -> Floats:
        """The same of every trial, in the order of `trials`: [trial, batch]."""
        windows = np.asarray(windows, dtype=np.float64)
        if windows.ndim != 2 or windows.shape[1] != self.seq_len or not np.isfinite(windows).all():
            raise InputError(
                f"windows have the shape {list(windows.shape)}: {self.name} takes finite values "
                f"in [batch, {self.seq_len}]"
            )
        return np.stack([predictor(windows) for predictor in self.trials.values()])

    def forecast(self, history: Floats, steps: int, confidence: float) -> Forecast:
        """The `steps` values after the history, each prediction seen by the next.

        history: [time], the newest value last, at least seq_len of them. The interval is that of
        the project's own forecasts (`conformal_radius`): by the errors of the same mean of trials
        from points of the held-out parts. It so holds for a history of the series that trained, or
        of its kind. Raises InputError for a history that is too short or not finite, for a
        confidence that is not within 0 and 1, and for more steps than the held-out parts allow.
        """
        history = np.asarray(history, dtype=np.float64)
        if history.ndim != 1 or history.size < self.seq_len or not np.isfinite(history).all():
            raise InputError(
                f"the history has {history.size} values: {self.name} needs at least "
                f"{self.seq_len} (seq_len), finite and in one row"
            )
        self._check(steps, confidence)
        centre = self._roll_out(history[None, -self.seq_len :], steps)[0]
        radius = forecasts.conformal_radius(self._errors(steps, confidence), confidence)
        return Forecast(centre, centre - radius, centre + radius)

    def _check(self, steps: int, confidence: float) -> None:
        if not 0 < confidence < 1:
            raise InputError(f"confidence is {confidence}: give a share between 0 and 1, like 0.95")
        left = self.series[0].size - self.held_out
        most = left + 1 - math.ceil(fewest_errors(confidence) / len(self.series))
        if not 1 <= steps <= most:
            raise InputError(
                f"steps is {steps}: the interval rests on {left} held-out values, which at a "
                f"confidence of {confidence:g} allow 1 to {max(most, 0)} steps"
            )

    def _errors(self, steps: int, confidence: float) -> Floats:
        """Forecast - truth from held-out points, evenly spaced: [origins, steps]."""
        most = max(ORIGINS, fewest_errors(confidence)) // len(self.series) + 1
        errors = []
        for values in self.series:
            origins = forecasts.rolling_origins(values, self.held_out, self.seq_len, steps)
            chosen = evenly_spaced(len(origins.truth), most)
            made = self._roll_out(origins.history[chosen], steps)
            errors.append(made - origins.truth[chosen])
        return np.concatenate(errors)

    def _roll_out(self, history: Floats, steps: int) -> Floats:
        """Mean over trials. history: [origins, seq_len]. Returns [origins, steps]."""
        each = [forecasts.roll_out(trial, history, steps) for trial in self.trials.values()]
        mean: Floats = np.mean(each, axis=0)
        return mean


def load_models(names: Collection[str] | None = None, fold: int = 0) -> dict[str, LoadedModel]:
    """Name -> model, for all of params.yaml or those named.

    fold: where split.folds is above 1, whose models; the first fold's have seen nothing of the test
    part. Torch then computes as in the pipeline, on one thread, so that predictions are the same
    bytes as its own. Raises InputError for names and folds that are not there, for weights that are
    missing, and where params.yaml is not what trained them.
    """
    params, draws, folds = load_params(), load_series(), load_split()
    if unknown := sorted(set(names or ()) - set(params.models)):
        known = ", ".join(params.models)
        raise InputError(f"{', '.join(unknown)} is no model of params.yaml: those are {known}")
    data = params.data
    now = cut_folds(draws.times.size, params.seq_len, params.split, data.scaling, data.centre)
    if now != folds:
        raise InputError(
            "params.yaml: seq_len, split, data.scale or data.centre is not what the models of "
            "data/runs were trained with: set it back, or run `dvc repro`"
        )
    if not 0 <= fold < len(folds.targets):
        raise InputError(f"fold is {fold}: those that were trained are 0 to {len(now.targets) - 1}")
    make_deterministic(torch.device("cpu"))
    models = {name: params.models[name] for name in names or params.models}
    trials = load_trials(models, params.seq_len, params.seeds, draws, folds)
    return {
        name: LoadedModel(
            name,
            params.seq_len,
            {trial.seed: trial.networks[name][fold] for trial in trials},
            list(draws.values.values()),
            folds.targets[fold][0].stop,
        )
        for name in models
    }
