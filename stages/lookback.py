"""Stage `lookback`: the trained models and the test windows -> reports/lookback.*."""

from seqcompare.core import paths
from seqcompare.core.files import save, save_table
from seqcompare.core.params import load_params
from seqcompare.data.storage import load_series, load_split
from seqcompare.evaluation.lookback import contexts_of, examine_all
from seqcompare.evaluation.lookback_summary import lookback_table, summarise_lookback
from seqcompare.evaluation.results import load_trials
from seqcompare.execution.executor import open_local
from stages import run


def main() -> None:
    params = load_params()
    settings, contexts = params.evaluation, contexts_of(params.seq_len)
    trials = load_trials(params.models, params.seq_len, params.seeds, load_series(), load_split())
    with open_local(params.executor, len(trials)) as processes:
        reactions = examine_all(trials, params.seq_len, params.data, settings, processes.map)
    save_table(paths.LOOKBACK, lookback_table(reactions, contexts, settings.confidence))
    found = summarise_lookback(reactions, contexts, settings.confidence)
    save(paths.LOOKBACK.with_suffix(".json"), found.to_json())


if __name__ == "__main__":
    run(main)
