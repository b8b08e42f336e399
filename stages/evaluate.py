"""Stage `evaluate`: data/ -> reports/metrics.json, forecast.json and the tables behind them."""

from seqcompare import artifacts
from seqcompare.environment import environment, explain
from seqcompare.params import load_params
from stages import follows, run


def main() -> None:
    params = load_params()
    artifacts.remove_other_runs(params.models)
    now = environment(params.reproducibility)
    artifacts.save_results(follows.results(params) | {artifacts.EVALUATED_ON: now})
    if artifacts.differs_from_commit(artifacts.METRICS):
        explain(now, artifacts.committed_environment())


if __name__ == "__main__":
    run(main)
