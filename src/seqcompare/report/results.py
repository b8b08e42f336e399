"""Results of one run of the pipeline as tables, for page and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from seqcompare.core import paths
from seqcompare.core.params import Params, flattened
from seqcompare.core.tables import damaged, load_json, load_table
from seqcompare.core.types import BASELINES
from seqcompare.core.yaml import load_yaml
from seqcompare.statistics.ratios import outcome, ratio_over_series

TRIAL = ["series", "seed"]  # columns that identify a trial
RATIO = "first / second"  # a column beside predictors, none of which has such a name
NAMES = ("first", "second", "family", "outcome")  # columns of pairs that hold words
SCORES = ("mse", "low", "high", "mae", "mase", "skill", "previous_mse", "variance_share",
          "parameters", "macs", "forecast_mse", "coverage", "origins")  # fmt: skip
PAIRS = ("ratio", "low", "high", "confidence", "p", "trials_needed")
# What a map depends on of params.yaml. Executor, device and report change no number.
OF_DATA = ("data.", "split.", "seeds")
OF_METHOD = ("evaluation.confidence", "evaluation.equivalence", "models.", "seq_len", "training.")


@dataclass(frozen=True, eq=False)
class Map:
    """A published map: which model is better in each setting, at each point of a grid."""

    # As in params.yaml, before settings and grid change it; a section `map` holds these.
    params: Mapping[str, Any]
    scores: pd.DataFrame  # setting, the grid's keys, predictor, mse, low, high, parameters, chosen
    pairs: pd.DataFrame  # setting, the grid's keys, then the columns of pairs.csv
    # setting, the grid's keys, series, seed, predictor, mse; empty where it was published without
    trials: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def keys(self) -> list[str]:
        """The grid's keys, the first of which is the map's x axis."""
        return list(self.scores.columns[1 : list(self.scores.columns).index("predictor")])

    def differences(self, params: Params) -> dict[str, Any]:
        """What it was made with, key by key, where these params say otherwise.

        The grid's keys vary over the map and are left out.
        """
        there, here = flattened(self.params), flattened(params.model_dump(mode="json"))
        keys = [key for key in there | here if key.startswith(OF_DATA + OF_METHOD)]
        differ = [key for key in keys if there.get(key) != here.get(key)]
        return {key: there.get(key) for key in differ if key not in self.keys}


@dataclass(frozen=True, eq=False)
class Results:
    """Everything that page and figures show. Models keep the order of params.yaml."""

    params: Params
    scores: pd.DataFrame  # index predictor; SCORES and others
    pairs: pd.DataFrame  # NAMES (families: models, linear, oracle) and PAIRS
    errors: pd.DataFrame  # series, seed, epoch, predictor, mse, mae, train_mse
    predictions: pd.DataFrame  # series, seed, fold, time, truth, a column a predictor
    horizon: pd.DataFrame  # step, predictor, mse, coverage, width
    forecast: pd.DataFrame  # time, predictor, mean, low, high
    training: pd.DataFrame  # model, series, seed, fold, epoch, train_mse, eval_mse, validation_mse
    seconds: pd.DataFrame  # model, series, seed, fold, epoch, seconds
    timing: Mapping[str, float]  # model -> seconds per epoch
    split: pd.DataFrame  # series, fold, train_start, validation_start, test_start, test_end, scale
    environments: Mapping[str, Mapping[str, Any]]  # model -> what it was trained with
    maps: Mapping[str, Map] = field(default_factory=dict)  # first what differs least from params

    @property
    def models(self) -> list[str]:
        return list(self.params.models)

    @property
    def baselines(self) -> list[str]:
        """Predictors that are not trained by gradient, the best possible one first."""
        return [name for name in BASELINES if name in self.scores.index]

    @property
    def device(self) -> str:
        """That the first model was trained on, like CPU or CUDA."""
        return str(self.environments[self.models[0]].get("device", "cpu")).upper()

    @property
    def one_series(self) -> bool:
        """Do all trials predict the same series, so that intervals are about this series alone?"""
        return bool(self.errors["series"].nunique() == 1)

    @cached_property
    def by_series(self) -> pd.DataFrame:
        """See `series_table`."""
        return series_table(self.errors, self.models, self.params.data.source)

    @cached_property
    def by_epoch(self) -> pd.DataFrame:
        """MSE of the first model / of the second after each tested epoch that both have.

        Index epoch; ratio, low, high (its interval over series), outcome (as in pairs).
        """
        settings, pair, rows = self.params.evaluation, self.models[:2], []
        tested = self.errors.dropna(subset="epoch").astype({"epoch": int})  # not of baselines
        mse = tested.pivot_table("mse", ["epoch", *TRIAL], "predictor")
        groups = mse.reindex(columns=pair).dropna().groupby(level="epoch")
        for epoch, both in groups if len(pair) > 1 else ():
            series = both.index.get_level_values("series").nunique()
            errors = [both[model].to_numpy().reshape(series, -1) for model in pair]
            ratio = ratio_over_series(errors[0], errors[1], settings.confidence)
            found: str = outcome(ratio, settings.equivalence)
            better = pair[ratio.value > 1] if found == "better" else found
            rows.append((epoch, ratio.value, ratio.low, ratio.high, better))
        columns = ["epoch", "ratio", "low", "high", "outcome"]
        return pd.DataFrame(rows, columns=columns).set_index("epoch")

    @property
    def trials(self) -> int:
        return len(self.errors[TRIAL].drop_duplicates())

    @cached_property
    def first_trial(self) -> pd.DataFrame:
        """The rows of `predictions` of the first trial."""
        first = self.predictions[TRIAL].iloc[0]
        rows = (self.predictions[TRIAL] == first).all(axis=1)
        return self.predictions[rows].reset_index(drop=True)

    @property
    def targets(self) -> int:
        return len(self.first_trial)

    def column(self, key: Literal["time", "value"]) -> str:
        """The CSV's name of this column; empty where there is none."""
        data = self.params.data
        return (data.model_dump()[key] or "") if data.source == "csv" else ""

    @property
    def tested_epochs(self) -> int:
        """The most epochs of a trial whose errors are averaged."""
        recipes = [self.params.training.of(model) for model in self.models]
        return max(
            min(each.tested_epochs, each.epochs) if each.keep == "last" else 1 for each in recipes
        )


def series_table(errors: pd.DataFrame, models: list[str], source: str) -> pd.DataFrame:
    """A row a series, that with the lowest RATIO first. Empty for one series, one model, a sine.

    errors: series, seed, predictor, mse; a row a trial, or one for each of its tested epochs.
    source: of data in params.yaml. Columns: each predictor, its test MSE as mean over seeds and
    tested epochs; RATIO, MSE of the first of the models / of the second, geometric mean over seeds.
    """
    if source != "csv" or len(models) == 1 or errors["series"].nunique() == 1:
        return pd.DataFrame()
    trials = errors.pivot_table("mse", TRIAL, "predictor", sort=False)
    trials = trials[[*models, *trials.columns.difference(models)]]
    trials[RATIO] = np.log(trials[models[0]] / trials[models[1]])
    table = trials.groupby("series", sort=False).mean()
    table[RATIO] = np.exp(table[RATIO])
    return table.sort_values(RATIO, kind="stable")


def load_results(params: Params) -> Results:
    """Read all tables. Raises InputError, one line, for a file that is missing or damaged."""
    models, series, named = list(params.models), ("series",), ("predictor",)
    scores = load_table(paths.SCORES, *SCORES, text=named).set_index("predictor")
    if missing := set(models) - set(scores.index):
        raise damaged(paths.SCORES, ValueError(f"no row {', '.join(sorted(missing))}"))
    maps = load_maps(paths.MAPS)
    nearest = sorted(maps, key=lambda name: len(maps[name].differences(params)))
    return Results(
        params=params,
        scores=scores,
        pairs=load_table(paths.PAIRS, *PAIRS, text=NAMES),
        errors=load_table(paths.ERRORS, "epoch", "mse", text=(*series, *named)),
        predictions=load_table(paths.PREDICTIONS, "time", "truth", *scores.index, text=series),
        horizon=load_table(paths.HORIZON, "step", "mse", text=named),
        forecast=load_table(paths.FORECAST, "time", "mean", "low", "high", text=named),
        training=_of_models(paths.TRAINING, models, "epoch", "eval_mse"),
        seconds=_of_models(paths.EPOCH_SECONDS, models, "seconds"),
        timing={model: _seconds_per_epoch(model) for model in models},
        split=load_table(paths.SPLIT, "fold", "train_start", "validation_start", text=series),
        environments={m: load_json(paths.of_model(paths.ENVIRONMENT, m, "json")) for m in models},
        maps={name: maps[name] for name in nearest},
    )


def load_maps(folder: Path) -> dict[str, Map]:
    """Every map of a folder by its name. Raises InputError for a damaged file."""
    folders = [file.parent for file in sorted(folder.glob("*/pairs.csv"))]
    return {
        each.name: Map(
            load_yaml(each / "params.yaml"),
            load_table(each / "scores.csv", "mse", text=("setting", "predictor")),
            load_table(each / "pairs.csv", *PAIRS, text=("setting", *NAMES)),
            _trials_of_map(each / "trials.csv"),
        )
        for each in folders
    }


def _trials_of_map(file: Path) -> pd.DataFrame:
    """`make studies` publishes a map without this file."""
    named = ("setting", "series", "predictor")
    return load_table(file, "seed", "mse", text=named) if file.exists() else pd.DataFrame()


def _of_models(folder: Path, models: list[str], *needed: str) -> pd.DataFrame:
    """One table of all models' files, with the column model first."""
    tables = [load_table(paths.of_model(folder, m), *needed, text=("series",)) for m in models]
    return pd.concat(tables, keys=models, names=["model", None]).reset_index("model")


def _seconds_per_epoch(model: str) -> float:
    file = paths.of_model(paths.TIMING, model, "json")
    seconds = load_json(file).get("seconds_per_epoch")
    if not isinstance(seconds, int | float):
        raise damaged(file, ValueError(f"seconds_per_epoch is {seconds!r}"))
    return float(seconds)
