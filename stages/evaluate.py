"""Stage `evaluate`: data/ -> reports/, all but figures and page."""

import sys

from seqcompare.core import paths
from seqcompare.core.params import load_params
from seqcompare.core.tables import save_json
from seqcompare.data.series import load_series
from seqcompare.data.windows import load_folds
from seqcompare.evaluation.evaluate import evaluate, save_results
from seqcompare.evaluation.trials import load_trials
from seqcompare.execution.git import committed, committed_json
from seqcompare.execution.provenance import difference, environment
from seqcompare.execution.workers import open_local
from stages import run


def main() -> None:
    params, series, folds = load_params(), load_series(), load_folds()
    trials = load_trials(params, series, folds)
    with open_local(params.executor, len(trials)) as workers:
        results = evaluate(params, trials, workers.map)
    save_results(results)
    now = environment(params.reproducibility)
    save_json(paths.EVALUATED_ON, now)
    before = committed_json(paths.EVALUATED_ON)
    if before and committed(paths.METRICS) not in (None, paths.METRICS.read_bytes()):
        for reason in filter(None, [difference(now, before)]):
            print(f"note: {reason}", file=sys.stderr)


if __name__ == "__main__":
    run(main)
