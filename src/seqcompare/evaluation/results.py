"""Results that follow from trained weights: saved by `evaluate`, made again by `make verify`."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from seqcompare.core import paths
from seqcompare.core.files import load_csv, load_weights
from seqcompare.core.params import Params
from seqcompare.data.storage import load_series, load_split
from seqcompare.data.windows import cut_windows
from seqcompare.evaluation import metrics
from seqcompare.evaluation.baselines import fit_baselines
from seqcompare.evaluation.forecasts import (
    forecast_metrics,
    forecast_table,
    horizon_table,
    study_forecasts,
)
from seqcompare.evaluation.predictors import predict_each, predict_seeds, trained_predictors
from seqcompare.execution.devices import prepare
from seqcompare.execution.processes import open_processes
from seqcompare.models import count_operations


def evaluate(params: Params) -> dict[Path, Mapping[str, Any]]:
    """A CSV's columns or a JSON's content, by its file."""
    prepare_cpu = partial(prepare, torch.device("cpu"))
    prepare_cpu()
    series, parts = load_series(), load_split()
    training = cut_windows(series.values, params.seq_len, parts.train)
    test = cut_windows(series.values, params.seq_len, parts.test)
    runs = {
        name: {seed: load_weights(paths.weights(name, seed)) for seed in params.seeds}
        for name in params.models
    }
    histories = {name: load_csv(paths.history(name)) for name in params.models}
    trained = trained_predictors(params.models, runs, parts.scale)
    baselines = fit_baselines(training, params.data)

    models = predict_seeds(trained, test.inputs)
    others = predict_each(baselines, test.inputs)
    seen = series.values[: parts.train.stop]
    scores = metrics.score(test.targets, models, others, seen, params.evaluation)
    counts = {name: count_operations(name, kind) for name, kind in params.models.items()}
    macs = {name: int(each.predict.at(params.seq_len)) for name, each in counts.items() if each}
    times = series.times[parts.test.start : parts.test.stop]

    predictors = trained | {name: [each] for name, each in baselines.items()}
    held_out = series.values, parts.train.stop, params.seq_len
    with open_processes("cpu", params.executor.workers, initializer=prepare_cpu) as processes:
        forecasts = study_forecasts(predictors, *held_out, params.evaluation, processes.map)

    return {
        paths.METRICS: metrics.with_facts(scores, histories, runs, macs),
        paths.PREDICTIONS: metrics.predictions_table(times, test.targets, models, others),
        paths.PREDICTIONS_BY_SEED: metrics.predictions_by_seed(times, params.seeds, models),
        paths.LEARNING_CURVES: metrics.learning_curves(histories),
        paths.FORECAST_METRICS: forecast_metrics(forecasts),
        paths.HORIZON: horizon_table(forecasts),
        paths.FORECAST: forecast_table(series.times, forecasts),
    }
