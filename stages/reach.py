"""Stage `reach`: data/ -> reports/reach.*, recall.csv and recall_seconds.*."""

from seqcompare import artifacts
from seqcompare.devices import choose_device
from seqcompare.params import load_params
from seqcompare.reach import examine_all, probes, reach_table, summary
from seqcompare.recall import (
    longest_lag_solved,
    recall_table,
    seconds_table,
    solve_all,
    tasks_for,
)
from seqcompare.runs import open_runner
from seqcompare.windows import cut_windows
from stages import run


def main() -> None:
    params, split = load_params(), artifacts.load_split()
    test = cut_windows(artifacts.load_series().values, params.seq_len, split.test)
    runs = {name: artifacts.load_runs(name, params.seeds) for name in params.models}
    confidence = params.evaluation.confidence

    looks = probes(params.models, runs, test, split.scale, params.reach.seeds[0])
    with open_runner("cpu", params.runner.workers, lambda _: None) as runner:
        reactions = examine_all(looks, runner)
    device = choose_device(params.device)
    tasks = tasks_for(params.models, params.reach, str(device))
    with open_runner(device.type, params.runner.workers, lambda _: None) as runner:
        recalls = solve_all(tasks, runner)

    recall, seconds = recall_table(tasks, recalls), seconds_table(tasks, recalls)
    trained = summary(reactions, looks[0].contexts, confidence)
    table = reach_table(reactions, looks[0].contexts, confidence)
    artifacts.save_reach(table, recall, {"trained": trained, "recall": longest_lag_solved(recall)})
    artifacts.save_recall_seconds(seconds, longest_lag_solved(seconds))


if __name__ == "__main__":
    run(main)
