"""Stage `evaluate`: data/ -> reports/metrics.json, predictions.csv and learning_curves.csv."""

from seqcompare import artifacts
from seqcompare.baselines import fit_baselines
from seqcompare.complexity import prediction_macs
from seqcompare.evaluation import (
    learning_curves,
    predictions_by_seed,
    predictions_table,
    score,
    with_facts,
)
from seqcompare.params import load_params
from seqcompare.predictors import predict_each, predict_seeds, trained_predictors
from seqcompare.windows import cut_windows
from stages import run


def main() -> None:
    params = load_params()
    series, split = artifacts.load_series(), artifacts.load_split()
    training = cut_windows(series.values, params.seq_len, split.train)
    test = cut_windows(series.values, params.seq_len, split.test)
    artifacts.remove_other_runs(params.models)
    runs = {name: artifacts.load_runs(name, params.seeds) for name in params.models}
    histories = {name: artifacts.load_history(name) for name in params.models}

    trained = trained_predictors(params.models, runs, split.scale)
    models = predict_seeds(trained, test.inputs)
    baselines = predict_each(fit_baselines(training, params.data), test.inputs)

    seen = series.values[: split.train.stop]
    scores = score(test.targets, models, baselines, seen, params.evaluation)
    macs = prediction_macs(params.models, params.seq_len)
    artifacts.save_metrics(with_facts(scores, histories, runs, macs))
    times = series.times[split.test.start : split.test.stop]
    artifacts.save_predictions(predictions_table(times, test.targets, models, baselines))
    artifacts.save_predictions_by_seed(predictions_by_seed(times, params.seeds, models))
    artifacts.save_learning_curves(learning_curves(histories))


if __name__ == "__main__":
    run(main)
