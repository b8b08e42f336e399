"""Removal of a window's older values: they are drawn anew from what the newer ones leave open.

What a predictor knows without them is its mean prediction over such draws (Covert, Lundberg & Lee
2021, section 4: marginalising with the conditional distribution). For the best predictor that mean
is the best one from the newer values alone, by the law of total expectation; filling in their
conditional mean would not do, since a network or an oracle takes a mean of two possible pasts for a
third. Time runs backwards here: the values before a window are those that follow it reversed.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from seqcompare.core.arrays import Floats, Predictor
from seqcompare.core.sections.data import Data
from seqcompare.data.windows import cut_windows
from seqcompare.evaluation.baselines import fit_ar, sine_oracle


class Simulator(Protocol):
    """Draws how a series may go on."""

    def simulate(self, history: Floats, steps: int, rng: np.random.Generator) -> Floats:
        """history: [origins, kept]. Returns [origins, steps]."""
        ...


@dataclass(frozen=True, eq=False)
class LinearProcess:
    """An autoregression with Gaussian innovations of standard deviation std."""

    predict: Predictor
    std: float

    def simulate(self, history: Floats, steps: int, rng: np.random.Generator) -> Floats:
        """history: [origins, kept]. Returns [origins, steps]."""
        origins, kept = history.shape
        path = np.concatenate([history, np.empty((origins, steps))], axis=1)
        for step in range(steps):
            innovation = self.std * rng.standard_normal(origins)
            path[:, kept + step] = self.predict(path[:, step : step + kept]) + innovation
        return path[:, kept:]


def backwards(seen: Floats, context: int, data: Data) -> Simulator:
    """How the series goes on in reverse after `context` values of it.

    A noisy sine of unknown phase is one in reverse, too. Any other series is taken for an
    autoregression, fitted on the reversed values. seen: [time], what trains.
    """
    if data.source == "sine":
        return sine_oracle(data)
    windows = cut_windows(seen[::-1], context, range(context, len(seen)))
    predict = fit_ar(windows.inputs, windows.targets)
    residuals = predict(windows.inputs) - windows.targets
    return LinearProcess(predict, float(np.sqrt(np.mean(residuals**2))))


def draw_older(
    windows: Floats, context: int, before: Simulator, rng: np.random.Generator
) -> Floats:
    """The newest `context` values of each window behind a draw of the older ones.

    windows: [window, seq_len]. Returns the same shape.
    """
    older = windows.shape[1] - context
    kept = windows[:, older:]
    drawn = before.simulate(kept[:, ::-1], older, rng)[:, ::-1]
    return np.concatenate([drawn, kept], axis=1)
