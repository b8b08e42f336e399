"""Stage `adding_problem MODEL`: lags that it bridges -> reports/studies/adding_problem/."""

import sys

from seqcompare.core import paths
from seqcompare.core.params import load_params
from seqcompare.core.study_params import load_studies
from seqcompare.core.tables import save_table
from seqcompare.execution.devices import choose_device
from seqcompare.execution.workers import open_workers
from seqcompare.progress import Progress
from seqcompare.studies.adding_problem import solve_all, tasks_for
from stages import run


def main() -> None:
    params, studies, model = load_params(), load_studies(), sys.argv[1]
    device = choose_device(params.device, params.reproducibility)
    tasks = tasks_for(model, params.models[model], studies.adding_problem, str(device))
    work = sum(task.work for task in tasks)
    with (
        Progress(f"adding problem, {model}", "trial", len(tasks), work) as progress,
        open_workers(params.executor, device.type, len(tasks)) as workers,
    ):
        trials = solve_all(tasks, workers.submit, progress)
    save_table(paths.of_model(paths.ADDING_PROBLEM, model), trials, digits=None)


if __name__ == "__main__":
    run(main)
