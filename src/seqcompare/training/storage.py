"""Files of trained models: weights, histories and timings."""

import shutil
from collections.abc import Mapping

from seqcompare.core import paths
from seqcompare.core.files import Columns, Weights, save, save_csv, save_weights

# Not among DVC's outputs, which it removes before a stage runs.
CHECKPOINTS = paths.MAIN_PROJECT / ".checkpoints"


def save_runs(model: str, weights: Mapping[tuple[int, int], Weights], history: Columns) -> None:
    """The weights of every seed and fold, and how they came about; all others are removed."""
    folder = paths.RUNS / model
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    for (seed, fold), tensors in weights.items():
        save_weights(paths.weights(model, seed, fold), tensors)
    save_csv(paths.history(model), history)


def save_timing(model: str, seconds_per_epoch: float, epochs: Columns) -> None:
    """The one figure that one compares across commits, and the seconds of every epoch."""
    save(paths.timing(model), {"seconds_per_epoch": seconds_per_epoch})
    save_csv(paths.epoch_seconds(model), epochs)
