"""Errors on the test part, for stage `evaluate`: data/ -> reports/metrics.json and three tables."""

from seqcompare import artifacts, evaluation
from seqcompare.baselines import fit_baselines
from seqcompare.complexity import prediction_macs
from seqcompare.params import Params
from seqcompare.predictors import predict_each, predict_seeds, trained_predictors
from seqcompare.windows import cut_windows


def results(params: Params) -> artifacts.Results:
    series, split = artifacts.load_series(), artifacts.load_split()
    training = cut_windows(series.values, params.seq_len, split.train)
    test = cut_windows(series.values, params.seq_len, split.test)
    runs = {name: artifacts.load_runs(name, params.seeds) for name in params.models}
    histories = {name: artifacts.load_history(name) for name in params.models}
    trained = trained_predictors(params.models, runs, split.scale)
    models = predict_seeds(trained, test.inputs)
    baselines = predict_each(fit_baselines(training, params.data), test.inputs)
    seen = series.values[: split.train.stop]
    scored = evaluation.score(test.targets, models, baselines, seen, params.evaluation)
    macs = prediction_macs(params.models, params.seq_len)
    times = series.times[split.test.start : split.test.stop]
    return {
        artifacts.METRICS: evaluation.with_facts(scored, histories, runs, macs),
        artifacts.PREDICTIONS: evaluation.predictions_table(times, test.targets, models, baselines),
        artifacts.PREDICTIONS_BY_SEED: evaluation.predictions_by_seed(times, params.seeds, models),
        artifacts.LEARNING_CURVES: evaluation.learning_curves(histories),
    }
