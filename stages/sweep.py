"""Stage `sweep` of sweep/dvc.yaml: params.yaml -> reports/sweep.csv and sweep_seconds.csv."""

from contextlib import closing

from seqcompare import artifacts
from seqcompare.cluster import open_engine
from seqcompare.devices import choose_device
from seqcompare.ledger import Ledger
from seqcompare.params import load_params
from seqcompare.progress import RunsDone
from seqcompare.sweep import Experiment, plan, results_table, run_sweep, seconds_table
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
    jobs = plan(base, params.sweep, str(device))
    ledger = Ledger(artifacts.SWEEP_LEDGER)
    with (
        closing(RunsDone(len({job.key() for job in jobs}))) as progress,
        open_engine(device.type, params.runner) as engine,
    ):
        outcomes = run_sweep(jobs, engine, artifacts.CHECKPOINTS, ledger, progress)
    artifacts.save_sweep(results_table(jobs, outcomes), seconds_table(jobs, outcomes))


if __name__ == "__main__":
    run(main)
