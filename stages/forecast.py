"""Stage `forecast`: data/ -> reports/horizon.csv, forecast.csv and forecast.json."""

from seqcompare import artifacts
from seqcompare.baselines import fit_baselines
from seqcompare.forecasting import forecast_metrics, forecast_table, horizon_table, study_forecasts
from seqcompare.params import Params, load_params
from seqcompare.predictors import trained_predictors
from seqcompare.windows import cut_windows
from stages import run


def main() -> None:
    artifacts.save_results(results(load_params()))


def results(params: Params) -> artifacts.Results:
    """What follows from the weights. `make verify` repeats it."""
    series, split = artifacts.load_series(), artifacts.load_split()
    runs = {name: artifacts.load_runs(name, params.seeds) for name in params.models}
    training = cut_windows(series.values, params.seq_len, split.train)

    trained = trained_predictors(params.models, runs, split.scale)
    baselines = {name: [each] for name, each in fit_baselines(training, params.data).items()}
    studies = study_forecasts(
        trained | baselines, series.values, split.train.stop, params.seq_len, params.evaluation
    )
    return {
        artifacts.FORECAST_METRICS: forecast_metrics(studies),
        artifacts.HORIZON: horizon_table(studies),
        artifacts.FORECAST: forecast_table(series.times, studies),
    }


if __name__ == "__main__":
    run(main)
