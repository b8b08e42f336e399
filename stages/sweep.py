"""Stage `sweep NAME` of sweeps/dvc.yaml: params.yaml -> reports/sweeps/NAME.csv and .json."""

import sys
from contextlib import closing

from seqcompare.core import paths
from seqcompare.core.files import save, save_table
from seqcompare.core.params import load_params
from seqcompare.core.sweep_params import load_sweeps
from seqcompare.execution.devices import choose_device
from seqcompare.execution.executor import open_executor
from seqcompare.progress import WorkProgress
from seqcompare.studies.sweep import results
from seqcompare.studies.sweep.cells import make_cells
from seqcompare.studies.sweep.identity import made_from
from seqcompare.studies.sweep.ledger import Ledger
from seqcompare.studies.sweep.run import expected_work, run_sweep, summary
from seqcompare.studies.sweep.storage import LEDGER
from seqcompare.training.storage import CHECKPOINTS
from stages import run


def main() -> None:
    params, wanted, name = load_params(), load_sweeps(), sys.argv[1]
    base, sweep = wanted.base, wanted.sweeps[name]
    source = made_from(base, sweep, params.reproducibility, params.device)
    device = choose_device(params.device, params.reproducibility)
    cells = make_cells(name, base, sweep)
    work = expected_work(cells, sweep, str(device))
    with (
        closing(WorkProgress(f"sweep {name}", "trial", len(work), sum(work))) as progress,
        open_executor(device.type, params.executor, len(work)) as executor,
    ):
        finished = run_sweep(
            cells, sweep, str(device), executor, CHECKPOINTS, Ledger(LEDGER), progress
        )
    save_table(paths.sweep_table(name), results.results_table(finished))
    save_table(paths.sweep_seconds(name), results.seconds_table(finished))
    save(paths.sweep_summary(name), summary(finished, sweep, source).model_dump())


if __name__ == "__main__":
    run(main)
