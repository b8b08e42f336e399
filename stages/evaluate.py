"""Stage `evaluate`: data/ -> reports/, all but figures and page."""

import sys

from seqcompare.core import paths
from seqcompare.core.params import Params, load_params
from seqcompare.core.tables import save_json
from seqcompare.data.series import load_series
from seqcompare.data.windows import load_folds
from seqcompare.evaluation.evaluate import Results, evaluate, save_results
from seqcompare.evaluation.trials import load_trials
from seqcompare.execution.git import committed, committed_json
from seqcompare.execution.provenance import difference, environment
from seqcompare.execution.workers import open_local
from stages import run


def results_of(params: Params) -> Results:
    """What the weights in data/ give. `make verify` compares it with the files."""
    trials = load_trials(params, load_series(), load_folds())
    with open_local(params.executor, len(trials)) as workers:
        return evaluate(params, trials, workers.map)


def main() -> None:
    params = load_params()
    save_results(results_of(params))
    now = environment(params.reproducibility)
    save_json(paths.EVALUATED_ON, now)
    before = committed_json(paths.EVALUATED_ON)
    if before and committed(paths.METRICS) not in (None, paths.METRICS.read_bytes()):
        for reason in filter(None, [difference(now, before)]):
            print(f"note: {reason}", file=sys.stderr)


if __name__ == "__main__":
    run(main)
