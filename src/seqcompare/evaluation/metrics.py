"""Metrics of one-step predictions, in the series' own unit."""

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError


def mse(truth: Floats, predictions: Floats) -> Floats:
    """Mean squared error. truth: [..., test], predictions: [..., test]. Returns [...]."""
    error: Floats = np.mean((predictions - truth) ** 2, axis=-1)
    return error


def mae(truth: Floats, predictions: Floats) -> Floats:
    """Mean absolute error. Shapes as in `mse`."""
    error: Floats = np.mean(np.abs(predictions - truth), axis=-1)
    return error


def naive_step(training: Floats) -> float:
    """Mean absolute step of the training part, training: [time]: the scale of MASE.

    The mean absolute scaled error (Hyndman & Koehler 2006, sec. 3) is MAE divided by it; below 1
    beats the naive forecast in sample. Raises InputError when the training part never changes.
    """
    step = float(np.mean(np.abs(np.diff(training)))) if training.size > 1 else 0.0
    if step == 0:
        raise InputError(
            f"the {training.size} training values are all equal, so MASE has no scale: "
            "give a series that varies"
        )
    return step


def skill(own_mse: float, reference_mse: float) -> float:
    """1 - own_mse / reference_mse: 1 is perfect, 0 no better than the reference (Murphy 1988).

    Raises InputError when the reference makes no errors at all.
    """
    if reference_mse == 0:
        raise InputError("persistence makes no error on the test part: is the series constant?")
    return 1 - own_mse / reference_mse
