"""What follows from the weights: `evaluate` saves it, `make verify` makes it again and compares."""

from seqcompare import artifacts, evaluation
from seqcompare.baselines import fit_baselines
from seqcompare.complexity import prediction_macs
from seqcompare.forecasting import forecast_metrics, forecast_table, horizon_table, study_forecasts
from seqcompare.params import Params
from seqcompare.predictors import predict_each, predict_seeds, trained_predictors
from seqcompare.runs import open_runner
from seqcompare.windows import cut_windows


def results(params: Params) -> artifacts.Results:
    series, split = artifacts.load_series(), artifacts.load_split()
    training = cut_windows(series.values, params.seq_len, split.train)
    test = cut_windows(series.values, params.seq_len, split.test)
    runs = {name: artifacts.load_runs(name, params.seeds) for name in params.models}
    histories = {name: artifacts.load_history(name) for name in params.models}
    trained = trained_predictors(params.models, runs, split.scale)
    baselines = fit_baselines(training, params.data)

    models = predict_seeds(trained, test.inputs)
    others = predict_each(baselines, test.inputs)
    seen = series.values[: split.train.stop]
    scores = evaluation.score(test.targets, models, others, seen, params.evaluation)
    macs = prediction_macs(params.models, params.seq_len)
    times = series.times[split.test.start : split.test.stop]

    predictors = trained | {name: [each] for name, each in baselines.items()}
    held_out = series.values, split.train.stop, params.seq_len
    with open_runner("cpu", params.runner.workers) as runner:
        studies = study_forecasts(predictors, *held_out, params.evaluation, runner.map)

    return {
        artifacts.METRICS: evaluation.with_facts(scores, histories, runs, macs),
        artifacts.PREDICTIONS: evaluation.predictions_table(times, test.targets, models, others),
        artifacts.PREDICTIONS_BY_SEED: evaluation.predictions_by_seed(times, params.seeds, models),
        artifacts.LEARNING_CURVES: evaluation.learning_curves(histories),
        artifacts.FORECAST_METRICS: forecast_metrics(studies),
        artifacts.HORIZON: horizon_table(studies),
        artifacts.FORECAST: forecast_table(series.times, studies),
    }
