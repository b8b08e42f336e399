"""Results of one run of the pipeline, together, as figures and page take them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqcompare.core.names import BASELINES, ORACLE
from seqcompare.core.params import Data
from seqcompare.core.types import Floats

SHOWN_POINTS = 400  # of the test part in a picture over time: more are a smear
SHOWN_SEEDS = 10  # that can be shown one by one


@dataclass(frozen=True, eq=False)
class Results:
    """Models keep the order of params.yaml."""

    seq_len: int
    histories: Mapping[str, Mapping[str, Floats]]  # model -> seed, epoch, train_mse [seed x epoch]
    timings: Mapping[str, Mapping[str, Any]]  # model -> its timing metrics
    epoch_seconds: Mapping[str, Floats]  # model -> [seed x epoch]
    predictions: Mapping[str, Floats]  # time, truth, each model (mean over seeds) and baseline
    by_seed: Mapping[str, Mapping[int, Floats]]  # model -> seed -> [test]
    metrics: Mapping[str, Mapping[str, Any]]  # as in metrics.json
    forecast: Mapping[str, Floats]  # time, and MODEL, MODEL_low, MODEL_high; {} when not made
    by_horizon: Mapping[str, Floats]  # horizon (steps ahead), and each MSE; {} when not made
    confidence: float  # of every interval, e.g. 0.95
    noise_std: float | None  # of the series, where it is known

    @property
    def models(self) -> list[str]:
        return list(self.histories)

    @property
    def baselines(self) -> list[str]:
        return [name for name in BASELINES if name in self.metrics]

    @property
    def seeds(self) -> list[int]:
        return list(next(iter(self.by_seed.values())))

    def losses(self, model: str, column: str = "train_mse") -> Floats:
        """[seed, epoch]"""
        losses: Floats = self.histories[model][column].reshape(len(self.seeds), -1)
        return losses

    @property
    def train_mse_limit(self) -> float | None:
        """The oracle's error on the training part, below which none should stay for long.

        None where there is no oracle, or no noise: it would then be next to 0.
        """
        limit: float | None = self.metrics.get(ORACLE, {}).get("train_mse")
        return limit if self.noise_std is not None else None

    def epochs(self, model: str) -> Floats:
        return np.unique(self.histories[model]["epoch"])

    def seed_mses(self, model: str) -> Floats:
        """Test error of each seed: [seed]."""
        truth = self.predictions["truth"]
        return np.array([np.mean((made - truth) ** 2) for made in self.by_seed[model].values()])

    def running_error(self, name: str) -> Floats:
        """Mean absolute error over the `error_window` test values around each: [test].

        At both ends it has the values that there are.
        """
        errors = np.abs(self.predictions[name] - self.predictions["truth"])
        ones = np.ones(self.error_window)
        return np.convolve(errors, ones, "same") / np.convolve(np.ones(errors.size), ones, "same")

    @property
    def error_window(self) -> int:
        """Odd, about a twelfth of the test part."""
        size = self.predictions["time"].size
        return min(max(5, size // 12), size) | 1 if size >= 5 else 1


def noise_of(data: Data) -> float | None:
    """The standard deviation of the noise in the series, None when nobody knows it."""
    return data.noise if data.source == "sine" and data.noise > 0 else None
