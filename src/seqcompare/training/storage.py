"""Files of trained models: weights, histories and timings."""

import shutil
from collections.abc import Mapping
from typing import Any

from seqcompare.core import paths
from seqcompare.core.files import Columns, Weights, save, save_csv, save_weights

# Not among DVC's outputs, which it removes before a stage runs.
CHECKPOINTS = paths.MAIN_PROJECT / ".checkpoints"


def save_runs(model: str, weights: Mapping[int, Weights], history: Columns) -> None:
    """The weights of every seed, and how they came about; those of other seeds are removed."""
    folder = paths.RUNS / model
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    for seed, tensors in weights.items():
        save_weights(paths.weights(model, seed), tensors)
    save_csv(paths.history(model), history)


def save_timing(model: str, summary: Mapping[str, Any], epochs: Columns) -> None:
    save(paths.timing(model), summary)
    save_csv(paths.epoch_seconds(model), epochs)
