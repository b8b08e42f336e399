"""Stage `evaluate`: data/ -> reports/metrics.json, comparison.json and the tables behind them."""

from seqcompare.core import paths
from seqcompare.core.files import save, save_json
from seqcompare.core.params import load_params
from seqcompare.evaluation.results import evaluate_trained
from seqcompare.execution.environment import environment, explain
from seqcompare.execution.git import committed_json, differs_from_commit
from stages import run


def main() -> None:
    params = load_params()
    results = evaluate_trained(
        params.models, params.seq_len, params.seeds, params.data, params.evaluation, params.executor
    )
    for path, content in results.items():
        save(path, content)
    now = environment(params.reproducibility)
    save_json(paths.EVALUATED_ON, now)
    if differs_from_commit(paths.METRICS):
        explain(now, committed_json(paths.EVALUATED_ON))


if __name__ == "__main__":
    run(main)
