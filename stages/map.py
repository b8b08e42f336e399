"""Stage `map NAME`: the comparison at every point of a grid -> reports/studies/maps/NAME/."""

import sys

import yaml

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.params import load_params
from seqcompare.core.study_params import load_studies
from seqcompare.core.tables import save_table, write_bytes
from seqcompare.execution.devices import choose_device
from seqcompare.execution.workers import open_workers
from seqcompare.progress import Progress
from seqcompare.studies.cells import make_cells, map_params
from seqcompare.studies.maps import planned_work, run_map
from stages import run


def main() -> None:
    params, studies, name = load_params(), load_studies(), sys.argv[1]
    device = choose_device(params.device, params.reproducibility)
    cells = make_cells(name, params, studies.maps[name])
    work = planned_work(cells, str(device))
    try:
        with (
            Progress(f"map {name}", "trial", len(work), sum(work)) as progress,
            open_workers(params.executor, device.type, len(work)) as workers,
        ):
            tables = run_map(name, cells, str(device), workers.submit, progress)
    except InputError as error:
        raise InputError(str(error).replace("dvc repro", "make studies")) from None
    folder = paths.MAP_TRIALS / name
    for table, content in tables.items():
        save_table(folder / f"{table}.csv", content, digits=None)
    used = yaml.safe_dump(map_params(params, studies.maps[name]), sort_keys=False)
    write_bytes(folder / "params.yaml", used.encode())


if __name__ == "__main__":
    run(main)
