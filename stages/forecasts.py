"""Many steps ahead, for stage `evaluate`: data/ -> reports/horizon.csv, forecast.csv and .json."""

from seqcompare import artifacts
from seqcompare.baselines import fit_baselines
from seqcompare.forecasting import forecast_metrics, forecast_table, horizon_table, study_forecasts
from seqcompare.params import Params
from seqcompare.predictors import trained_predictors
from seqcompare.runs import open_runner
from seqcompare.windows import cut_windows


def results(params: Params) -> artifacts.Results:
    series, split = artifacts.load_series(), artifacts.load_split()
    runs = {name: artifacts.load_runs(name, params.seeds) for name in params.models}
    training = cut_windows(series.values, params.seq_len, split.train)

    trained = trained_predictors(params.models, runs, split.scale)
    baselines = {name: [each] for name, each in fit_baselines(training, params.data).items()}
    held_out = series.values, split.train.stop, params.seq_len
    with open_runner("cpu", params.runner.workers) as runner:
        studies = study_forecasts(trained | baselines, *held_out, params.evaluation, runner.map)
    return {
        artifacts.FORECAST_METRICS: forecast_metrics(studies),
        artifacts.HORIZON: horizon_table(studies),
        artifacts.FORECAST: forecast_table(series.times, studies),
    }
