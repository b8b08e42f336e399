"""Stage `reach`: the trained models and the test windows -> reports/reach.*."""

from seqcompare import artifacts
from seqcompare.cluster import open_engine
from seqcompare.params import load_params
from seqcompare.predictors import trained_predictors
from seqcompare.reach import examine_all, probes, reach_table, summary
from seqcompare.windows import cut_windows
from stages import run


def main() -> None:
    params, split = load_params(), artifacts.load_split()
    test = cut_windows(artifacts.load_series().values, params.seq_len, split.test)
    runs = {name: artifacts.load_runs(name, params.seeds) for name in params.models}
    confidence = params.evaluation.confidence

    trained = trained_predictors(params.models, runs, split.scale)
    looks = probes(trained, test, params.reach.seeds[0])
    with open_engine("cpu", params.runner) as engine:
        reactions = examine_all(looks, engine)

    table = reach_table(reactions, looks[0].contexts, confidence)
    artifacts.save_study("reach", table, summary(reactions, looks[0].contexts, confidence))


if __name__ == "__main__":
    run(main)
