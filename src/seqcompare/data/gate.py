"""The gate: series that no model can be trained or scored on are refused before any is."""

from __future__ import annotations

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.core.sections.data import Data
from seqcompare.data.series import Draws
from seqcompare.data.windows import Folds

SMALLEST_SPREAD = 1e-15  # its square, an error, is still an ordinary float32
# Of the largest value: a spread below is a few steps of the floats that it is computed in.
FINEST = {"none": 1e-4, "standard": 1e-9}  # float32 holds 6e-8 of a value, float64 1e-16


def check_draws(draws: Draws, folds: Folds, data: Data) -> None:
    """Raises InputError for a training or a test part that does not vary, or too little."""
    tested = range(folds.targets[0][2].start, folds.targets[-1][2].stop)
    for values in draws.values.values():
        for train, _, _ in folds.targets:
            _check_training(values[: train.stop], folds, data)
        if np.ptp(values[tested.start - 1 : tested.stop]) == 0:
            raise InputError(
                f"{_named(data)}: the last {len(tested)} values, which test, are all "
                f"{values[-1]:g}: {_varied(data)}, or raise split.test"
            )


def _check_training(seen: Floats, folds: Folds, data: Data) -> None:
    """seen: [time], what trains."""
    spread, largest = float(np.ptp(seen)), float(np.max(np.abs(seen)))
    part = f"{_named(data)}: the first {len(seen)} values, which train,"
    if spread == 0:
        raise InputError(f"{part} are all {seen[0]:g}: {_varied(data)}, or lower split.test")
    if spread < SMALLEST_SPREAD:
        raise InputError(
            f"{part} differ by {spread:g} at most, but errors below {SMALLEST_SPREAD:g} cannot be "
            f"squared: {_varied(data, 'give them in a smaller unit')}"
        )
    subtracts = folds.scale == "standard" or folds.centre == "last"  # in 64 bits
    if spread < FINEST["standard" if subtracts else "none"] * largest:
        way_out = (
            "subtract a constant from all values" if subtracts else "set data.scale to standard"
        )
        raise InputError(
            f"{part} differ by {spread:g} at most, which beside {largest:g} is lost in rounding: "
            f"{way_out}"
        )


def _named(data: Data) -> str:
    if data.source == "csv":
        return f"{data.path}: column {data.value:.60}"
    return f"params.yaml: data.x_max is {data.x_max:g} and data.noise {data.noise:g}"


def _varied(data: Data, csv: str = "give a series that varies") -> str:
    return csv if data.source == "csv" else "raise data.x_max or data.noise"
