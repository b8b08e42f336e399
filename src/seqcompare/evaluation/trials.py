"""Trials predicted: every predictor of a trial on the targets that the trial held out.

A trial's networks, its baselines and its oracle see the same series, so that errors can be paired.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqcompare.core.arrays import Floats, Predictor
from seqcompare.core.errors import ParamsError
from seqcompare.core.names import AR, ORACLE
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.data.windows import PROBED, Parts, cut_windows, evenly_spaced
from seqcompare.evaluation.baselines import fit_baselines
from seqcompare.evaluation.forecasts import Forecasts, evaluate_forecasts
from seqcompare.evaluation.metrics import mse, naive_step
from seqcompare.evaluation.predictors import TrainedPredictor


@dataclass(frozen=True, eq=False)
class HeldOutTrial:
    """One trial before its test part is predicted. Plain data, which travels to any worker.

    values: [time], the trial's series; interpolated: positions of values that nobody measured,
    which are no targets; networks: model -> a predictor for each fold.
    """

    seed: int
    values: Floats
    interpolated: Sequence[int]
    folds: Sequence[Parts]
    networks: Mapping[str, Sequence[TrainedPredictor]]


@dataclass(frozen=True, eq=False)
class PredictedTrial:
    """What came of it: predictor -> one-step predictions [test], and its forecasts further ahead.

    truth: [test]; naive_step: mean absolute step of the training part, which scales errors;
    reference_train_mse: of the oracle or, where nobody knows it, the linear model, on the windows
    that networks' training errors are measured on after each epoch: [fold].
    """

    seed: int
    truth: Floats
    predictions: Mapping[str, Floats]
    forecasts: Mapping[str, Forecasts]
    naive_step: float
    reference_train_mse: Floats


def predict_trial(
    trial: HeldOutTrial, seq_len: int, data: Data, settings: Evaluation
) -> PredictedTrial:
    """Each fold's targets by the predictors that were trained on what comes before it.

    Forecasts further ahead are those of the first fold's predictors, for which all folds are held
    out. This is what workers run.
    """
    by_fold = [
        {name: each[fold] for name, each in trial.networks.items()}
        | fit_baselines(cut_windows(trial.values, seq_len, parts.train), data)
        for fold, parts in enumerate(trial.folds)
    ]
    tested = [parts.test for parts in trial.folds]
    predictions = {
        name: held_out_predictions(
            [predictors[name] for predictors in by_fold], trial.values, seq_len, tested
        )
        for name in by_fold[0]
    }
    first = trial.folds[0]
    measured = measured_targets(tested, trial.interpolated)
    return PredictedTrial(
        seed=trial.seed,
        truth=trial.values[measured],
        predictions={name: made[measured - first.test.start] for name, made in predictions.items()},
        forecasts={
            name: evaluate_forecasts(predictor, trial.values, first.train.stop, seq_len, settings)
            for name, predictor in by_fold[0].items()
        },
        naive_step=naive_step(trial.values[: first.train.stop]),
        reference_train_mse=np.array(
            [
                _reference_train_mse(predictors, trial.values, seq_len, parts)
                for predictors, parts in zip(by_fold, trial.folds, strict=True)
            ]
        ),
    )


def held_out_predictions(
    predictors: Sequence[Predictor], values: Floats, seq_len: int, targets: Sequence[range]
) -> Floats:
    """Each fold's predictor on its targets, one fold after another: [target].

    values: [time], the trial's series; predictors, targets: of each fold.
    """
    return np.concatenate(
        [
            predict(cut_windows(values, seq_len, held_out).inputs)
            for predict, held_out in zip(predictors, targets, strict=True)
        ]
    )


def measured_targets(targets: Sequence[range], interpolated: Sequence[int]) -> NDArray[np.int64]:
    """Positions of the held-out targets of all folds, but for values that were interpolated.

    Raises InputError when none is left.
    """
    positions = np.arange(targets[0].start, targets[-1].stop)
    measured = positions[~np.isin(positions, np.asarray(interpolated, dtype=np.int64))]
    if not measured.size:
        raise ParamsError(
            "split.test: every value of the test part is interpolated: raise it, or "
            "give a series with fewer gaps"
        )
    return measured


def _reference_train_mse(
    predictors: Mapping[str, Predictor], values: Floats, seq_len: int, parts: Parts
) -> float:
    training = cut_windows(values, seq_len, parts.train)
    chosen = evenly_spaced(len(training.targets), PROBED)
    predict = predictors.get(ORACLE, predictors[AR])
    return float(mse(training.targets[chosen], predict(training.inputs[chosen])))
