"""Noisy sines, params and trials that tests of evaluation share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from conftest import small_params

from seqcompare import models
from seqcompare.core import paths
from seqcompare.core.params import Params, merged
from seqcompare.core.tables import save_weights
from seqcompare.core.types import Floats, Predictor
from seqcompare.data.series import Series, make_series, series_from
from seqcompare.data.windows import Fold, Scale, Windows, cut_windows, make_folds
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.trials import HeldOutTrial, TestedTrial
from seqcompare.training.trials import plan_trials

NOISE = 0.1
N_POINTS, N_TEST = 1000, 180
STEP = 50 / (N_POINTS - 1)  # radians a value
SEQ_LEN = 5


def series_of(params: Params) -> tuple[dict[str, Series], dict[str, list[Fold]]]:
    """Series and folds by name."""
    series = series_from(make_series(params.data, params.seeds)[0])
    return series, {name: make_folds(each.values, params) for name, each in series.items()}


def sine(seed: int, size: int = N_POINTS, filled: Sequence[int] = ()) -> Series:
    """The built-in series, of which some positions are filled."""
    (series,) = series_of(small_params(data={"size": size}, seeds=[seed]))[0].values()
    return Series(series.name, series.times, series.values, np.isin(np.arange(size), filled))


def split(seed: int, seq_len: int) -> tuple[Windows, Windows]:
    """Training and test part."""
    values, first = sine(seed).values, N_POINTS - N_TEST
    training = cut_windows(values, seq_len, range(seq_len, first))
    return training, cut_windows(values, seq_len, range(first, N_POINTS))


@dataclass(frozen=True, eq=False)
class Stub(TrainedPredictor):
    """In place of a network: quick, and as deterministic."""

    predict: Predictor

    def __call__(self, windows: Floats) -> Floats:
        return self.predict(windows)


def last_value(windows: Floats) -> Floats:
    return windows[:, -1]


def held_out(
    series: Series, params: Params, networks: Sequence[Predictor] = (last_value,), seed: int = 0
) -> HeldOutTrial:
    """networks: of each tested epoch, the same in all folds."""
    folds, weights = make_folds(series.values, params), {"w": np.zeros(7, np.float32)}
    stubs = [Stub("lstm", {}, SEQ_LEN, weights, Scale(0, 1), predict) for predict in networks]
    return HeldOutTrial(series, seed, folds, {"lstm": [stubs] * len(folds)})


def params_of(**changes: Any) -> Params:
    defaults = {
        "seq_len": SEQ_LEN, "data": {"size": 160}, "split": {"test": 60},
        "evaluation": {"horizon": 2, "confidence": 0.9},
    }  # fmt: skip
    return small_params(**merged(defaults, changes))


def save_random_weights(
    params: Params, epochs: int = 1
) -> tuple[dict[str, Series], dict[str, list[Fold]]]:
    """As `train` saves them, without training. Returns series and folds."""
    series, folds = series_of(params)
    for model, settings in params.models.items():
        for position, task in enumerate(plan_trials(model, params, series, folds, "cpu")):
            networks = [models.build(model, settings, params.seq_len) for _ in range(epochs)]
            states = [network.state_dict() for network in networks]
            stacked = {key: np.stack([s[key].numpy() for s in states]) for key in states[0]}
            save_weights(paths.weights(model, position), stacked, task.trained_with())
    return series, folds


ERRORS = {"lstm": 0.3, "transformer": 0.4, "persistence": 1.0, "ar": 0.2, "oracle": 0.1}


def predicted_trials(
    errors: Mapping[str, float] = ERRORS, trials: int = 6, one_series: bool = False,
    epochs: int = 1, seed: int = 0, targets: int = 120,
) -> list[TestedTrial]:  # fmt: skip
    """Trials whose predictions err by so much, independently."""
    rng, tested = np.random.default_rng(seed), []
    for trial in range(trials):
        truth = np.sin(np.arange(targets)) if one_series else rng.standard_normal(targets)
        predictions = {}
        for name, error in errors.items():
            shape = (epochs if name in ("lstm", "transformer") else 1, targets)
            predictions[name] = truth + error * rng.standard_normal(shape)
        tested.append(TestedTrial(
            series="0" if one_series else str(trial), seed=trial, targets=np.arange(targets),
            fold=np.zeros(targets, int), truth=truth, predictions=predictions, naive_step=1.0,
            train_mse={name: np.full(len(p), 0.01) for name, p in predictions.items()},
        ))  # fmt: skip
    return tested


def row(table: pd.DataFrame, **where: Any) -> pd.Series:
    """The one row with these values."""
    (position,) = np.flatnonzero((table[list(where)] == pd.Series(where)).all(axis=1))
    return table.iloc[position]
