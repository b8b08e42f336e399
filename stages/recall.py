"""Stage `recall`: the adding task -> reports/recall.* and recall_seconds.*."""

from seqcompare import artifacts
from seqcompare.devices import choose_device
from seqcompare.params import load_params
from seqcompare.recall import (
    longest_lag_solved,
    recall_table,
    seconds_table,
    solve_all,
    tasks_for,
)
from seqcompare.runs import open_runner
from stages import run


def main() -> None:
    params = load_params()
    device = choose_device(params.device)
    tasks = tasks_for(params.models, params.reach, str(device))
    with open_runner(device.type, params.runner.workers, lambda _: None) as runner:
        recalls = solve_all(tasks, runner)

    recall, seconds = recall_table(tasks, recalls), seconds_table(tasks, recalls)
    artifacts.save_study("recall", recall, longest_lag_solved(recall))
    artifacts.save_study("recall_seconds", seconds, longest_lag_solved(seconds))


if __name__ == "__main__":
    run(main)
