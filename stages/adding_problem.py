"""Stage `adding_problem MODEL`: which lags it learns to bridge -> reports/adding_problem/."""

import sys
from contextlib import closing

from seqcompare.core import paths
from seqcompare.core.files import save_table
from seqcompare.core.params import load_params
from seqcompare.execution.devices import choose_device
from seqcompare.execution.executor import open_executor
from seqcompare.progress import WorkProgress, announce
from seqcompare.studies.adding_problem import trials
from stages import run


def main() -> None:
    params, model = load_params(), sys.argv[1]
    device = choose_device(params.device, params.reproducibility)
    tasks = trials.tasks_for(model, params.models[model], params.adding_problem, str(device))
    title = f"adding problem, {model}"
    with open_executor(device.type, params.executor, len(tasks)) as executor:
        longest = trials.longest_seconds(tasks, executor)
        work = {lag: 1 + round(1000 * seconds) for lag, seconds in longest.items()}
        total = sum(work[task.lag] for task in tasks)
        announce(title, len(tasks), total / 1000 / executor.workers)
        with closing(WorkProgress(title, "trial", len(tasks), total)) as progress:
            results = trials.solve_all(
                tasks, executor, lambda task: progress(f"lag {task.lag}", work[task.lag])
            )
    save_table(paths.of_model(paths.ADDING_PROBLEM, model), trials.results_table(tasks, results))
    seconds = trials.seconds_table(tasks, results)
    save_table(paths.of_model(paths.ADDING_PROBLEM_SECONDS, model), seconds)


if __name__ == "__main__":
    run(main)
