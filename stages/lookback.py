"""Stage `lookback`: the trained models and the test windows -> reports/lookback.*."""

from seqcompare.core import paths
from seqcompare.core.files import load_weights, save, save_table
from seqcompare.core.params import load_params
from seqcompare.data.storage import load_series, load_split
from seqcompare.data.windows import cut_windows
from seqcompare.evaluation.lookback import examine_all, probes
from seqcompare.evaluation.lookback_summary import lookback_table, summarise_lookback
from seqcompare.evaluation.predictors import trained_predictors
from seqcompare.execution.executor import open_executor
from stages import run


def main() -> None:
    params, parts = load_params(), load_split()
    test = cut_windows(load_series().values, params.seq_len, parts.test)
    runs = {
        name: {seed: load_weights(paths.weights(name, seed)) for seed in params.seeds}
        for name in params.models
    }
    confidence = params.evaluation.confidence

    trained = trained_predictors(params.models, runs, parts.scale)
    looks = probes(trained, test, params.evaluation.seed)
    with open_executor("cpu", params.executor) as executor:
        reactions = examine_all(looks, executor)

    contexts = looks[0].contexts
    save_table(paths.LOOKBACK, lookback_table(reactions, contexts, confidence))
    found = summarise_lookback(reactions, contexts, confidence)
    save(paths.LOOKBACK.with_suffix(".json"), found.to_json())


if __name__ == "__main__":
    run(main)
