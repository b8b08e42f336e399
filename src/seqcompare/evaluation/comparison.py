"""Comparison of predictors over trials: ratios of errors, their intervals and their outcomes."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.comparison import Comparison, Design, Family, Pair, Score
from seqcompare.core.errors import InputError
from seqcompare.core.names import AR, ORACLE, PERSISTENCE
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.evaluation.metrics import mae, mse, skill
from seqcompare.evaluation.trials import PredictedTrial
from seqcompare.statistics.estimates import Interval
from seqcompare.statistics.ratios import (
    RatioEstimate,
    corrected,
    outcome,
    ratio_on_one_series,
    ratio_over_draws,
    trials_needed,
)
from seqcompare.statistics.students_t import mean_on_log_scale, std_over_trials

Losses = Mapping[str, Floats]  # predictor -> squared errors [trial, target]


def compare(
    trials: Sequence[PredictedTrial],
    models: Sequence[str],
    design: Design,
    folds: int,
    settings: Evaluation,
) -> Comparison:
    """Every predictor's errors, and every pair that a verdict speaks of.

    Raises InputError for predictions that are not finite.
    """
    losses = squared_errors(trials)
    scores = {name: _scores(name, trials, losses, design, settings) for name in losses}
    return Comparison(
        design=design,
        trials=len(trials),
        targets=trials[0].truth.size,
        folds=folds,
        confidence=settings.confidence,
        equivalence=settings.equivalence,
        predictors=scores,
        pairs=compare_pairs(models, losses, design, settings.confidence, settings.equivalence),
    )


def compare_pairs(
    models: Sequence[str], losses: Losses, design: Design, confidence: float, equivalence: float
) -> tuple[Pair, ...]:
    """Every pair that a verdict speaks of: of two models, and of each with the linear one and the
    oracle where `losses` has them.
    """
    return tuple(
        pair
        for family, pairs in _families(models, losses).items()
        for pair in _compare_family(family, pairs, losses, design, confidence, equivalence)
    )


def mse_interval(losses: Floats, design: Design, confidence: float) -> Interval | None:
    """Of the mean squared error of one predictor. losses: [trial, target]."""
    if design == "draws":
        return mean_on_log_scale(losses.mean(axis=1), confidence).interval
    # the ratio to an error of 1 that never varies
    return ratio_on_one_series(losses, np.ones_like(losses), confidence).interval


def squared_errors(trials: Sequence[PredictedTrial]) -> dict[str, Floats]:
    """predictor -> [trial, target]"""
    for trial in trials:
        for name, made in trial.predictions.items():
            bad = int(np.sum(~np.isfinite(made)))
            if bad:
                raise InputError(
                    f"{name} made {bad} predictions of {made.size} that are not finite at seed "
                    f"{trial.seed}: its training diverged; lower training.learning_rate"
                )
    return {
        name: np.stack([(trial.predictions[name] - trial.truth) ** 2 for trial in trials])
        for name in trials[0].predictions
    }


def _families(models: Sequence[str], losses: Losses) -> dict[Family, list[tuple[str, str]]]:
    """The pairs of each question; each question's answers hold together."""
    return {
        "models": list(combinations(models, 2)),
        "line": [(model, AR) for model in models if AR in losses],
        "limit": [(model, ORACLE) for model in models if ORACLE in losses],
    }


def _compare_family(
    family: Family,
    pairs: Sequence[tuple[str, str]],
    losses: Losses,
    design: Design,
    confidence: float,
    equivalence: float,
) -> list[Pair]:
    compared = []
    for first, second in pairs:
        found = ratio_of(losses[first], losses[second], design, confidence, len(pairs))
        decided = outcome(found, equivalence)
        compared.append(
            Pair(
                first=first,
                second=second,
                family=family,
                ratio=found.value,
                low=found.interval.low if found.interval else None,
                high=found.interval.high if found.interval else None,
                confidence=corrected(confidence, len(pairs)),
                p_value=found.p_value,
                outcome=decided,
                winner=_winner(first, second, found) if decided == "better" else None,
                trials_needed=trials_needed(found, confidence, len(pairs))
                if decided == "undecided"
                else None,
            )
        )
    return compared


def ratio_of(
    first: Floats, second: Floats, design: Design, confidence: float, pairs: int
) -> RatioEstimate:
    """first, second: squared errors [trial, target]."""
    if design == "draws":
        return ratio_over_draws(first.mean(axis=1), second.mean(axis=1), confidence, pairs)
    return ratio_on_one_series(first, second, confidence, pairs)


def _winner(first: str, second: str, ratio: RatioEstimate) -> str:
    return first if ratio.value < 1 else second


def _scores(
    name: str,
    trials: Sequence[PredictedTrial],
    losses: Losses,
    design: Design,
    settings: Evaluation,
) -> Score:
    own = losses[name]  # [trial, target]
    by_trial = own.mean(axis=1)
    mean = float(by_trial.mean())
    absolute = np.array([mae(trial.truth, trial.predictions[name]) for trial in trials])
    steps = np.array([trial.naive_step for trial in trials])
    interval = mse_interval(own, design, settings.confidence)
    varies = len(trials) > 1 and np.ptp(by_trial) > 0
    return Score(
        mse=mean,
        mse_low=interval.low if interval else None,
        mse_high=interval.high if interval else None,
        mse_std=std_over_trials(by_trial) if varies else None,
        rmse=mean**0.5,
        mae=float(absolute.mean()),
        mase=float(np.mean(absolute / steps)),
        skill=skill(mean, float(losses[PERSISTENCE].mean())),
        excess_mse=mean - float(losses[ORACLE].mean()) if ORACLE in losses else None,
        train_mse=float(np.mean([trial.reference_train_mse for trial in trials]))
        if name == ORACLE
        else None,
        previous_mse=float(np.mean([_previous_mse(name, trial) for trial in trials])),
        variance_share=_variance_share(name, trials),
    )


def _previous_mse(name: str, trial: PredictedTrial) -> float:
    """Against what persistence predicts: the value before each target."""
    predictions = trial.predictions
    return float(mse(predictions[PERSISTENCE], predictions[name]))


def _variance_share(name: str, trials: Sequence[PredictedTrial]) -> float | None:
    """Mean over trials; None where the targets of one do not vary."""
    truth = np.array([np.var(trial.truth) for trial in trials])
    if not truth.all():
        return None
    return float(np.mean([np.var(trial.predictions[name]) for trial in trials] / truth))


def lean_metrics(comparison: Comparison, models: Sequence[str]) -> dict[str, dict[str, object]]:
    """metrics.json: what one compares across commits, errors first."""
    ordered = [*models, *(name for name in comparison.predictors if name not in models)]
    errors: dict[str, dict[str, object]] = {
        name: {"mse": comparison.predictors[name].mse} for name in ordered
    }
    ratios: dict[str, dict[str, object]] = {
        f"{pair.first}_vs_{pair.second}": {
            "ratio": pair.ratio,
            "ratio_low": pair.low,
            "ratio_high": pair.high,
            "outcome": pair.outcome,
        }
        for pair in comparison.pairs
        if pair.family == "models"
    }
    return errors | ratios
