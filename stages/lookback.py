"""Stage `lookback`: the trained models and the test windows -> reports/lookback.*."""

from seqcompare.core import paths
from seqcompare.core.files import save, save_table
from seqcompare.core.params import load_params
from seqcompare.data.storage import load_series, load_split
from seqcompare.evaluation.lookback import examine_all, probes
from seqcompare.evaluation.lookback_summary import lookback_table, summarise_lookback
from seqcompare.evaluation.results import load_trials
from seqcompare.execution.executor import open_local
from stages import run


def main() -> None:
    params = load_params()
    models, confidence = params.models, params.evaluation.confidence
    trials = load_trials(models, params.seq_len, params.seeds, load_series(), load_split())
    looks = probes(trials, params.seq_len, params.evaluation.seed)
    with open_local(params.executor) as processes:
        reactions = examine_all(looks, processes)
    contexts = looks[0].contexts
    save_table(paths.LOOKBACK, lookback_table(reactions, contexts, confidence))
    found = summarise_lookback(reactions, contexts, confidence)
    save(paths.LOOKBACK.with_suffix(".json"), found.to_json())


if __name__ == "__main__":
    run(main)
