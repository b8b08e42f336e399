"""Stage `train MODEL`: series and split -> data/runs/MODEL/ and its timings."""

import sys
from dataclasses import asdict

from seqcompare.core import paths
from seqcompare.core.files import save, save_json
from seqcompare.core.params import load_params
from seqcompare.data.storage import load_series, load_split
from seqcompare.execution.code_identity import trial_code
from seqcompare.execution.devices import choose_device
from seqcompare.execution.environment import environment
from seqcompare.execution.executor import open_executor
from seqcompare.progress import TrainingProgress
from seqcompare.training import storage, trials
from stages import run


def main() -> None:
    params, model = load_params(), sys.argv[1]
    trained_on = environment(params.reproducibility) | {"code": trial_code(model)}
    device = choose_device(params.device, params.reproducibility)
    settings = params.models[model], params.training
    tasks = trials.plan_trials(
        model, *settings, params.seq_len, params.seeds, load_series(), load_split(), str(device)
    )
    epochs = sum(task.training.epochs for task in tasks)
    show = TrainingProgress(model, epochs, lambda now: save(paths.timing(model), asdict(now)))
    with show, open_executor(device.type, params.executor, len(tasks), show) as executor:
        pieces = executor.parts(len(tasks))
        trained = trials.train_all(tasks, executor, storage.CHECKPOINTS, pieces)
    trials.check_converged(trained, model, params.training)
    weights = {(each.seed, each.fold): each.weights for each in trained}
    storage.save_runs(model, weights, trials.history(trained))
    storage.save_timing(model, trials.seconds_per_epoch(trained), trials.epoch_seconds(trained))
    ran = trials.how_trials_ran(tasks, trained, executor.workers)
    save_json(paths.environment(model), ran | trained_on)
    trials.forget_checkpoints(tasks, storage.CHECKPOINTS)


if __name__ == "__main__":
    run(main)
