"""Stage `split`: params.yaml and data/series.csv -> data/split.csv.

Each later stage depends on this one, so that a mistake anywhere in params.yaml is reported here,
before DVC removes the results that those stages would replace.
"""

import shutil

from seqcompare.core.params import Params, load_params
from seqcompare.core.paths import ENVIRONMENT, EPOCH_SECONDS, TIMING, TRAINING, WEIGHTS
from seqcompare.data.series import load_series, trials_of
from seqcompare.data.windows import check_series, folds_from, save_folds, split_table
from seqcompare.execution.devices import check_precision, check_size, choose_device
from seqcompare.models import build
from stages import run


def main() -> None:
    params = load_params()
    check_models(params)
    series = load_series()
    trials_of(series, params)  # raises for a seed without a series
    table = split_table(series, params)
    check_series(series, folds_from(table), params.data)
    for folder in (WEIGHTS, TRAINING, EPOCH_SECONDS, ENVIRONMENT, TIMING):
        for path in folder.glob("*"):
            if path.stem not in params.models:  # of a model that params.yaml no longer names
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    save_folds(table)


def check_models(params: Params) -> None:
    """Raises InputError for a model or device that this machine cannot train on."""
    device = choose_device(params.device, params.reproducibility)
    for name, settings in params.models.items():
        check_size(build, name, settings, params.seq_len)
        key = params.training.key(name, "precision")
        check_precision(params.training.of(name).precision, device, key)


if __name__ == "__main__":
    run(main)
