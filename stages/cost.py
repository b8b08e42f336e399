"""Stage `cost`: what a training step of each model costs -> reports/studies/cost.csv."""

from seqcompare.core import paths
from seqcompare.core.params import load_params
from seqcompare.core.study_params import load_studies
from seqcompare.core.tables import save_table
from seqcompare.execution.devices import choose_device
from seqcompare.progress import Progress
from seqcompare.studies.cost import measure_in_rounds, plan
from stages import run


def main() -> None:
    params, cost = load_params(), load_studies().cost
    device = choose_device(params.device, params.reproducibility)
    # All models at one batch size, whatever training.overrides says, so that steps compare.
    networks = plan(cost, params.models, params.training.batch_size, str(device))
    work = [task.work for tasks in networks for task in tasks] * cost.processes
    with Progress("cost", "point", len(work), sum(work)) as progress:
        save_table(paths.COST, measure_in_rounds(networks, cost, progress))


if __name__ == "__main__":
    run(main)
