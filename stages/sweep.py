"""Stage `sweep` of sweep/dvc.yaml: params.yaml -> reports/sweep.csv and sweep_seconds.csv."""

from contextlib import closing

from seqcompare.core import paths
from seqcompare.core.files import save_csv
from seqcompare.core.params import load_params
from seqcompare.execution.devices import choose_device
from seqcompare.execution.executor import open_executor
from seqcompare.progress import SweepProgress
from seqcompare.studies.sweep.ledger import Ledger
from seqcompare.studies.sweep.storage import LEDGER
from seqcompare.studies.sweep.trials import (
    Experiment,
    plan,
    results_table,
    run_sweep,
    seconds_table,
)
from seqcompare.training.storage import CHECKPOINTS
from stages import run


def main() -> None:
    params = load_params()
    device = choose_device(params.device, params.reproducibility)
    base = Experiment(
        seq_len=params.seq_len,
        data=params.data,
        split=params.split,
        training=params.training,
        models=params.models,
    )
    trials = plan(base, params.sweep, str(device))
    with (
        closing(SweepProgress(len({trial.key() for trial in trials}))) as progress,
        open_executor(device.type, params.executor) as executor,
    ):
        results = run_sweep(trials, executor, CHECKPOINTS, Ledger(LEDGER), progress)
    save_csv(paths.SWEEP, results_table(trials, results))
    save_csv(paths.SWEEP_SECONDS, seconds_table(trials, results))


if __name__ == "__main__":
    run(main)
