"""Stage `evaluate`: data/ -> reports/metrics.json, forecast.json and the tables behind them."""

from seqcompare import artifacts
from seqcompare.environment import environment, explain
from seqcompare.params import Params, load_params
from stages import forecasts, run, scores


def main() -> None:
    params = load_params()
    artifacts.remove_other_runs(params.models)
    now = environment(params.reproducibility)
    artifacts.save_results(results(params) | {artifacts.EVALUATED_ON: now})
    if artifacts.differs_from_commit(artifacts.METRICS):
        explain(now, artifacts.committed_environment())


def results(params: Params) -> artifacts.Results:
    """What follows from the weights. `make verify` repeats it."""
    return scores.results(params) | forecasts.results(params)


if __name__ == "__main__":
    run(main)
