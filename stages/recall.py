"""Stage `recall`: the adding task -> reports/recall.* and recall_seconds.*."""

from seqcompare import artifacts
from seqcompare.cluster import open_engine
from seqcompare.devices import choose_device
from seqcompare.params import load_params
from seqcompare.recall import (
    longest_lag_solved,
    recall_table,
    seconds_table,
    solve_all,
    tasks_for,
)
from stages import run


def main() -> None:
    params = load_params()
    device = choose_device(params.device, params.reproducibility)
    tasks = tasks_for(params.models, params.reach, str(device))
    with open_engine(device.type, params.runner) as engine:
        recalls = solve_all(tasks, engine)

    recall, seconds = recall_table(tasks, recalls), seconds_table(tasks, recalls)
    artifacts.save_study("recall", recall, longest_lag_solved(recall))
    artifacts.save_study("recall_seconds", seconds, longest_lag_solved(seconds))


if __name__ == "__main__":
    run(main)
