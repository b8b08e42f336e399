"""The built-in series and its split, made anew here so that tests do not lean on what they test."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from seqcompare.core.arrays import Floats

N_POINTS, N_TEST, NOISE = 1000, 180, 0.1
STEP = 50 / (N_POINTS - 1)  # radians per sample


@dataclass(frozen=True, eq=False)
class Split:
    """series [time]; inputs [window, seq_len] and targets [window] of either part."""

    series: Floats
    train_inputs: Floats
    train_targets: Floats
    test_inputs: Floats
    test_targets: Floats


def noisy_sine(seed: int) -> Floats:
    """[time], bit for bit the built-in series of that seed."""
    rng = np.random.default_rng(seed)
    series: Floats = np.sin(np.linspace(0, 50, N_POINTS)) + rng.normal(0, NOISE, N_POINTS)
    return series


def split(series: Floats, seq_len: int) -> Split:
    windows = sliding_window_view(series, seq_len + 1)
    train, test = windows[:-N_TEST], windows[-N_TEST:]
    return Split(series, train[:, :-1], train[:, -1], test[:, :-1], test[:, -1])
