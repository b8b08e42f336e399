"""The series: a seeded noisy sine."""

from dataclasses import dataclass

import numpy as np

from seqcompare.arrays import Floats
from seqcompare.params import Data


@dataclass(frozen=True)
class Series:
    """One value per time step, equally spaced."""

    times: Floats  # [time]
    values: Floats  # [time], in the data's own unit


def make_series(data: Data) -> Series:
    """`size` points of sin(x) + noise over [0, x_max], the same for the same seed."""
    times = np.linspace(0, data.x_max, data.size)
    noise = np.random.default_rng(data.seed).normal(0, data.noise, data.size)
    return Series(times, np.sin(times) + noise)
