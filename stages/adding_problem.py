"""Stage `adding_problem MODEL`: which lags it learns to bridge -> reports/adding_problem/."""

import sys

from seqcompare.core import paths
from seqcompare.core.files import save_table
from seqcompare.core.params import load_params
from seqcompare.execution.devices import choose_device
from seqcompare.execution.executor import open_executor
from seqcompare.studies.adding_problem.trials import (
    results_table,
    seconds_table,
    solve_all,
    tasks_for,
)
from stages import run


def main() -> None:
    params, model = load_params(), sys.argv[1]
    device = choose_device(params.device, params.reproducibility)
    tasks = tasks_for(model, params.models[model], params.adding_problem, str(device))
    with open_executor(device.type, params.executor) as executor:
        results = solve_all(tasks, executor)
    save_table(paths.of_model(paths.ADDING_PROBLEM, model), results_table(tasks, results))
    save_table(paths.of_model(paths.ADDING_PROBLEM_SECONDS, model), seconds_table(tasks, results))


if __name__ == "__main__":
    run(main)
