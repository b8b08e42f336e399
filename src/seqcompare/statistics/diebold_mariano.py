"""Diebold & Mariano's test: do two forecasts of the same targets lose equally much?"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from seqcompare.core.errors import InputError
from seqcompare.core.types import Floats


@dataclass(frozen=True)
class DieboldMariano:
    """statistic below 0: the first forecast lost less; None where the difference never varies."""

    statistic: float | None
    p_value: float


def diebold_mariano(first: Floats, second: Floats, horizon: int = 1) -> DieboldMariano:
    """Do two forecasts of the same targets lose equally much? Two-sided.

    Diebold & Mariano 1995, statistic S_1, with autocovariances up to horizon - 1, times the
    small-sample factor of Harvey, Leybourne & Newbold 1997, eq. 9, against Student's t with
    n - 1 degrees. It compares these forecasts, not the models that made them (Diebold 2015): it
    knows nothing of other seeds. first, second: losses [time]. Where the truncated variance is not
    positive, Bartlett weights take its place (Newey & West 1987).
    Raises InputError when there are no more losses than steps in the horizon.
    """
    n = first.size
    if n <= horizon:
        raise InputError(f"comparing forecasts {horizon} steps ahead needs more than {n} of them")
    difference = first - second
    mean = float(difference.mean())
    centred = difference - mean
    covariances = np.array([centred[k:] @ centred[: n - k] for k in range(horizon)]) / n
    weights = np.where(np.arange(horizon) == 0, 1.0, 2.0)
    variance = float(weights @ covariances) / n
    if variance <= 0:
        variance = float((weights * (1 - np.arange(horizon) / horizon)) @ covariances) / n
    if variance <= 0:
        return DieboldMariano(None, 1.0 if mean == 0 else 0.0)
    correction = math.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    statistic = correction * mean / math.sqrt(variance)
    return DieboldMariano(statistic, 2 * float(special.stdtr(n - 1, -abs(statistic))))
