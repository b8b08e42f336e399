"""Results of one run of the pipeline, together, as figures and page take them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.comparison import Comparison
from seqcompare.core.dates import date_text
from seqcompare.core.names import BASELINES, ORACLE
from seqcompare.core.sections.data import Data
from seqcompare.core.types import Row
from seqcompare.report.numbers import shortened

SHOWN_POINTS = 400  # of the test part in a picture over time: more are a smear
SHOWN_SEEDS = 10  # that can be shown one by one


@dataclass(frozen=True, eq=False)
class Results:
    """Models keep the order of params.yaml."""

    seq_len: int
    seeds: list[int]  # one a trial
    comparison: Comparison
    histories: Mapping[str, Mapping[str, Floats]]  # columns, [seed x fold x epoch]
    timings: Mapping[str, Mapping[str, Any]]  # model -> its timing metrics
    epoch_seconds: Mapping[str, Floats]  # model -> [seed x fold x epoch]
    predictions: Mapping[str, Floats]  # time, truth and each predictor of the first trial: [test]
    by_trial: Mapping[str, Floats]  # truth and each predictor of every trial: [trial, test]
    forecast: Mapping[str, Floats]  # time, and MODEL, MODEL_low, MODEL_high; {} when not made
    by_horizon: Mapping[str, Floats]  # horizon (steps ahead), and each MSE; {} when not made
    forecast_scores: Mapping[str, Row]  # forecast.json; {} when not made
    noise_std: float | None  # of the series, where it is known
    time_name: str = ""  # of the file's columns, where there is a file
    value_name: str = ""
    dated: bool = False  # are times decimal years that the file has as dates?

    def time_texts(self, times: Floats) -> list[str]:
        """Dates as dates, other times as they are."""
        if not self.dated:
            return [str(value) for value in shortened(times)]
        step = float(np.median(np.diff(times))) if times.size > 1 else 1.0
        return [date_text(float(time), step) for time in times]

    @property
    def models(self) -> list[str]:
        return list(self.histories)

    @property
    def baselines(self) -> list[str]:
        return [name for name in BASELINES if name in self.comparison.predictors]

    @property
    def train_mse_limit(self) -> float | None:
        """The oracle's error on the training part, below which none should stay for long.

        None where there is no noise: it would then be next to 0.
        """
        oracle = self.comparison.predictors.get(ORACLE)
        return oracle.train_mse if oracle and self.noise_std is not None else None

    def over_limit(self, predictor: str) -> float | None:
        """Its mean error / that of the oracle; None without an oracle, or where that never errs."""
        scores = self.comparison.predictors
        limit = scores[ORACLE].mse if ORACLE in scores else 0.0
        return scores[predictor].mse / limit if limit > 0 else None

    def losses(self, model: str, column: str = "eval_mse") -> Floats:
        """[seed, epoch], the mean over folds."""
        shape = len(self.seeds), self.comparison.folds, -1
        losses: Floats = self.histories[model][column].reshape(shape).mean(axis=1)
        return losses

    def epochs(self, model: str) -> Floats:
        return np.unique(self.histories[model]["epoch"])

    def errors(self, predictor: str) -> Floats:
        """Absolute errors of every trial: [trial, test]."""
        return np.abs(self.by_trial[predictor] - self.by_trial["truth"])

    def trial_mses(self, predictor: str) -> Floats:
        """Test error of each trial: [trial]."""
        mses: Floats = np.mean(self.errors(predictor) ** 2, axis=1)
        return mses

    def running_error(self, predictor: str) -> Floats:
        """Mean absolute error of all trials, and of the test values around each: [test].

        `error_window` of them together; at both ends as many as there are.
        """
        errors = self.errors(predictor).mean(axis=0)
        ones = np.ones(self.error_window)
        counts = np.convolve(np.ones(errors.size), ones, "same")
        smooth: Floats = np.convolve(errors, ones, "same") / counts
        return smooth

    @property
    def error_window(self) -> int:
        """Odd, about a twelfth of the test part."""
        size = self.predictions["time"].size
        return min(max(5, size // 12), size) | 1 if size >= 5 else 1


def noise_of(data: Data) -> float | None:
    """The standard deviation of the noise in the series, None when nobody knows it."""
    return data.noise if data.source == "sine" and data.noise > 0 else None
