"""Stage `cost MODEL`: what it costs by window length -> reports/cost/ and reports/operations/."""

import sys

from seqcompare.core import paths
from seqcompare.core.files import save_table
from seqcompare.core.params import load_params
from seqcompare.execution.devices import choose_device
from seqcompare.studies.cost.measure import measure_model
from seqcompare.studies.cost.operations import operations_table
from stages import run


def main() -> None:
    params, model = load_params(), sys.argv[1]
    settings = params.models[model]
    device = str(choose_device(params.device, params.reproducibility))
    # Of all models at one batch size, whatever training.own says: so their steps can be compared.
    rows = measure_model(model, settings, params.cost, params.training, device)
    counted = operations_table(model, settings, params.cost.seq_lens)
    save_table(paths.of_model(paths.COST, model), [row.to_cells() for row in rows])
    save_table(paths.of_model(paths.OPERATIONS, model), counted)


if __name__ == "__main__":
    run(main)
