"""Stage `cost`: what each model costs by window length -> cost_timings.csv and operations.csv."""

from contextlib import closing

from seqcompare.core import paths
from seqcompare.core.files import save_table
from seqcompare.core.params import load_params
from seqcompare.execution.devices import choose_device
from seqcompare.progress import WorkProgress
from seqcompare.studies.cost.measure import in_own_process
from seqcompare.studies.cost.operations import operations_table
from seqcompare.studies.cost.rounds import expected_work, measure_in_rounds, plan, setting_of
from seqcompare.studies.cost.table import to_cells
from stages import run


def main() -> None:
    params = load_params()
    sizes = params.cost.settings_of(params.models)
    device = choose_device(params.device, params.reproducibility)
    # Of all models at one batch size, whatever training.own says: so their steps can be compared.
    networks = plan(sizes, params.cost, params.training.batch_size, str(device))
    work = expected_work(networks, params.cost.processes)
    with closing(WorkProgress("cost", "point", len(work), sum(work))) as progress:
        timings = list(measure_in_rounds(networks, params.cost.processes, in_own_process, progress))
    setting = setting_of(device, params.training.batch_size)
    save_table(paths.COST_TIMINGS, to_cells(timings, setting))
    save_table(paths.OPERATIONS, operations_table(sizes, params.cost.seq_lens))


if __name__ == "__main__":
    run(main)
