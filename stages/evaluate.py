"""Stage `evaluate`: data/ -> reports/metrics.json, predictions*.csv, learning_curves.csv."""

from seqcompare import artifacts, evaluation
from seqcompare.baselines import fit_baselines
from seqcompare.complexity import prediction_macs
from seqcompare.environment import environment, explain
from seqcompare.params import Params, load_params
from seqcompare.predictors import predict_each, predict_seeds, trained_predictors
from seqcompare.windows import cut_windows
from stages import run


def main() -> None:
    params = load_params()
    artifacts.remove_other_runs(params.models)
    now = environment(params.reproducibility)
    artifacts.save_results(results(params) | {artifacts.EVALUATED_ON: now})
    if artifacts.differs_from_commit(artifacts.METRICS):
        explain(now, artifacts.committed_environment())


def results(params: Params) -> artifacts.Results:
    """What follows from the weights. `make verify` repeats it."""
    series, split = artifacts.load_series(), artifacts.load_split()
    training = cut_windows(series.values, params.seq_len, split.train)
    test = cut_windows(series.values, params.seq_len, split.test)
    runs = {name: artifacts.load_runs(name, params.seeds) for name in params.models}
    histories = {name: artifacts.load_history(name) for name in params.models}
    trained = trained_predictors(params.models, runs, split.scale)
    models = predict_seeds(trained, test.inputs)
    baselines = predict_each(fit_baselines(training, params.data), test.inputs)
    seen = series.values[: split.train.stop]
    scores = evaluation.score(test.targets, models, baselines, seen, params.evaluation)
    macs = prediction_macs(params.models, params.seq_len)
    times = series.times[split.test.start : split.test.stop]
    return {
        artifacts.METRICS: evaluation.with_facts(scores, histories, runs, macs),
        artifacts.PREDICTIONS: evaluation.predictions_table(times, test.targets, models, baselines),
        artifacts.PREDICTIONS_BY_SEED: evaluation.predictions_by_seed(times, params.seeds, models),
        artifacts.LEARNING_CURVES: evaluation.learning_curves(histories),
    }


if __name__ == "__main__":
    run(main)
