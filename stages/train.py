"""Stage `train MODEL`: series and split -> weights, errors by epoch, seconds and environment."""

import sys
from collections.abc import Callable
from functools import partial

from seqcompare.core import paths
from seqcompare.core.params import load_params
from seqcompare.core.tables import save_json
from seqcompare.data.series import load_series
from seqcompare.data.windows import load_folds
from seqcompare.execution.devices import choose_device, device_name
from seqcompare.execution.provenance import environment, trial_code
from seqcompare.execution.workers import open_workers
from seqcompare.progress import TrainingProgress
from seqcompare.training import trials
from stages import run


def main() -> Callable[[], None]:
    params, model = load_params(), sys.argv[1]
    device = choose_device(params.device, params.reproducibility)
    trained_on = environment(params.reproducibility, device) | {"code": trial_code(model)}
    tasks = trials.plan_trials(model, params, load_series(), load_folds(), str(device))
    epochs = sum(task.recipe.epochs for task in tasks)
    with (
        TrainingProgress(model, epochs, partial(trials.save_timing, model)) as progress,
        open_workers(params.executor, device.type, len(tasks), progress.on_event) as workers,
    ):
        trained = trials.train_all(tasks, workers, paths.CHECKPOINTS)
        trained_on["trials_side_by_side"] = min(workers.count, len(tasks))
    trials.check_converged(trained, model, params.training)
    trials.save_trained(model, tasks, trained)
    trials.save_timing(model, {"seconds_per_epoch": trials.seconds_per_epoch(trained)})
    trained_on |= {"device": device_name(device), "threads_per_trial": trained[0].threads}
    save_json(paths.of_model(paths.ENVIRONMENT, model, "json"), trained_on)
    return partial(trials.forget_checkpoints, tasks, paths.CHECKPOINTS)


if __name__ == "__main__":
    run(main)
