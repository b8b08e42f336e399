"""Stage `evaluate`: data/ -> reports/metrics.json, forecast.json and the tables behind them."""

from seqcompare.core import paths
from seqcompare.core.files import save, save_json
from seqcompare.core.params import load_params
from seqcompare.evaluation.results import evaluate
from seqcompare.execution.environment import environment, explain
from seqcompare.execution.git import committed_json, differs_from_commit
from stages import run


def main() -> None:
    params = load_params()
    now = environment(params.reproducibility)
    for path, content in evaluate(params).items():
        save(path, content)
    save_json(paths.EVALUATED_ON, now)
    if differs_from_commit(paths.METRICS):
        explain(now, committed_json(paths.EVALUATED_ON))


if __name__ == "__main__":
    run(main)
