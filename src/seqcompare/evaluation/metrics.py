"""Errors and scores: what the predictions of several predictors say about them.

Knows predictions, not models. Figures over seeds and over test sets keep separate names:
`..._ci_*` is a t interval over seeds, `..._test_ci_*` a block bootstrap over the test set.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seqcompare.core.errors import InputError
from seqcompare.core.names import COMPARISON, ORACLE, PERSISTENCE
from seqcompare.core.params import Evaluation
from seqcompare.core.types import Floats
from seqcompare.statistics.blocks import block_interval, draw_blocks
from seqcompare.statistics.diebold_mariano import diebold_mariano
from seqcompare.statistics.estimates import Estimate, Interval
from seqcompare.statistics.shares import probability_of_less
from seqcompare.statistics.students_t import mean_over_trials, paired_difference, std_over_trials

Row: TypeAlias = dict[str, float | str | None]
Scores: TypeAlias = dict[str, dict[str, Any]]  # a Row, or under "comparison" a Row for each pair


def mse(truth: Floats, predictions: Floats) -> Floats:
    """Mean squared error. truth: [test], predictions: [..., test]. Returns [...]."""
    error: Floats = np.mean((predictions - truth) ** 2, axis=-1)
    return error


def rmse(truth: Floats, predictions: Floats) -> Floats:
    """Root of the mean squared error, in the series' unit. Shapes as in `mse`."""
    error: Floats = np.sqrt(mse(truth, predictions))
    return error


def mae(truth: Floats, predictions: Floats) -> Floats:
    """Mean absolute error, in the series' unit. Shapes as in `mse`."""
    error: Floats = np.mean(np.abs(predictions - truth), axis=-1)
    return error


def mase(truth: Floats, predictions: Floats, training: Floats) -> Floats:
    """Mean absolute scaled error (Hyndman & Koehler 2006, sec. 3): below 1 beats in-sample naive.

    The scale is the mean absolute step of the training part, training: [time]; other shapes as
    in `mse`. Raises InputError when the training part never changes.
    """
    scale = float(np.mean(np.abs(np.diff(training)))) if training.size > 1 else 0.0
    if scale == 0:
        raise InputError(
            f"the {training.size} training values are all equal, so MASE has no scale: "
            "give a series that varies"
        )
    return mae(truth, predictions) / scale


def skill(own_mse: float, reference_mse: float) -> float:
    """1 - own_mse / reference_mse: 1 is perfect, 0 no better than the reference (Murphy 1988).

    Raises InputError when the reference makes no errors at all.
    """
    if reference_mse == 0:
        raise InputError("persistence makes no error on the test part: is the series constant?")
    return 1 - own_mse / reference_mse


def sizes_differ(parameters: Mapping[str, int], tolerance: float = 0.10) -> bool:
    """Is the largest model more than `tolerance` larger than the smallest?"""
    return max(parameters.values()) > (1 + tolerance) * min(parameters.values())


def winner(first: str, second: str, difference: Estimate) -> str | None:
    """Whose error is lower; None, "no difference shown", unless an interval excludes 0."""
    if difference.interval is None or difference.interval.holds(0):
        return None
    return first if difference.value < 0 else second


def score(
    truth: Floats,
    models: Mapping[str, Floats],
    baselines: Mapping[str, Floats],
    training: Floats,
    settings: Evaluation,
) -> Scores:
    """The table of metrics.json: a row a predictor, then every pair of models compared.

    truth: [test]; models: name -> [seeds, test]; baselines: name -> [test]; training: [time], the
    series up to the last training target. `skill` appears where the baselines have "persistence",
    `excess_mse` where they have "oracle". With several pairs each interval is widened
    (Bonferroni), so that all hold together with the confidence asked for.
    Raises InputError for predictions that are not finite or do not fit, and for names used twice.
    """
    _check(truth, models, baselines)
    predictions = dict(models) | {name: made[None] for name, made in baselines.items()}
    losses = {name: (made - truth) ** 2 for name, made in predictions.items()}  # [seeds, test]
    references = {
        name: losses[name].mean(axis=0) for name in (PERSISTENCE, ORACLE) if name in baselines
    }
    confidence = settings.confidence
    rng = np.random.default_rng(settings.seed)
    blocks = draw_blocks(truth.size, settings.resamples, rng)
    scores: Scores = {
        name: _errors(truth, made, training)
        | (_over_seeds(losses[name], confidence) if name in models else {})
        | _over_test_sets(losses[name].mean(axis=0), references, blocks, confidence)
        for name, made in predictions.items()
    }
    pairs = list(combinations(models, 2))
    scores[COMPARISON] = {
        f"{first}_vs_{second}": _compare(
            first, second, losses, blocks, confidence=1 - (1 - confidence) / len(pairs)
        )
        for first, second in pairs
    }
    return scores


def _errors(truth: Floats, predictions: Floats, training: Floats) -> Row:
    """Point errors, the mean over seeds; rmse is the root of the mean mse. [seeds, test]."""
    mean_mse = float(mse(truth, predictions).mean())
    return {
        "mse": mean_mse,
        "rmse": mean_mse**0.5,
        "mae": float(mae(truth, predictions).mean()),
        "mase": float(mase(truth, predictions, training).mean()),
    }


def _over_seeds(losses: Floats, confidence: float) -> Row:
    """losses: [seeds, test]."""
    by_seed = losses.mean(axis=1)  # [seeds]
    interval = mean_over_trials(by_seed, confidence).interval
    return {"mse_std": std_over_trials(by_seed)} | _ends("mse_ci", interval)


def _over_test_sets(
    losses: Floats,
    references: Mapping[str, Floats],
    blocks: NDArray[np.int64],
    confidence: float,
) -> Row:
    """losses: [test], the mean over seeds."""
    row: Row = _ends("mse_test_ci", block_interval(losses, blocks, confidence))
    if PERSISTENCE in references:
        row["skill"] = skill(float(losses.mean()), float(references[PERSISTENCE].mean()))
    if ORACLE in references:
        row["excess_mse"] = float((losses - references[ORACLE]).mean())
    return row


def _compare(
    first: str,
    second: str,
    losses: Mapping[str, Floats],
    blocks: NDArray[np.int64],
    confidence: float,
) -> Row:
    """first - second in MSE, over seeds and, apart from that, over test sets."""
    seeds_of_first, seeds_of_second = losses[first].mean(axis=1), losses[second].mean(axis=1)
    difference = paired_difference(seeds_of_first, seeds_of_second, confidence)
    mean_of_first, mean_of_second = losses[first].mean(axis=0), losses[second].mean(axis=0)
    forecasts = diebold_mariano(mean_of_first, mean_of_second)
    return {
        "winner": winner(first, second, difference),
        "difference": difference.value,
        **_ends("difference_ci", difference.interval),
        "confidence": confidence,
        "p_value": difference.p_value,
        "prob_first_better": probability_of_less(seeds_of_first, seeds_of_second),
        **_ends(
            "difference_test_ci",
            block_interval(mean_of_first - mean_of_second, blocks, confidence),
        ),
        "dm_statistic": forecasts.statistic,
        "dm_p_value": forecasts.p_value,
    }


def _ends(name: str, interval: Interval | None) -> Row:
    return {
        f"{name}_low": None if interval is None else interval.low,
        f"{name}_high": None if interval is None else interval.high,
    }


def _check(truth: Floats, models: Mapping[str, Floats], baselines: Mapping[str, Floats]) -> None:
    for name in models:
        if name in baselines or name == COMPARISON:
            raise InputError(f"a model cannot be called {name}: metrics.json uses that name itself")
    for name, predictions in (*models.items(), *baselines.items()):
        if predictions.shape[-1] != truth.size:
            raise InputError(
                f"{name} has {predictions.shape[-1]} predictions a seed, but the test part has "
                f"{truth.size} values: train again on this series"
            )
        bad = int(np.sum(~np.isfinite(predictions)))
        if bad:
            raise InputError(
                f"{name} made {bad} predictions of {predictions.size} that are not finite: "
                "its training diverged; lower the learning rate"
            )


def with_facts(
    scores: Scores,
    histories: Mapping[str, Mapping[str, Floats]],
    runs: Mapping[str, Mapping[int, Mapping[str, NDArray[np.float32]]]],
    macs: Mapping[str, int],
) -> Scores:
    """The scores, and for each model what it reached in training and how large it is.

    histories: model -> columns epoch and train_mse; runs: model -> seed -> weights; macs: model ->
    multiply-accumulates per prediction, for those that were counted.
    """
    facts: dict[str, Row] = {
        name: {
            "final_train_mse": float(curve[-1]),
            "parameters": sum(tensor.size for tensor in next(iter(runs[name].values())).values()),
            **({"macs": macs[name]} if name in macs else {}),
        }
        for name, curve in learning_curves(histories).items()
        if name != "epoch"
    }
    return {name: {**row, **facts.get(name, {})} for name, row in scores.items()}


def predictions_table(
    times: Floats, truth: Floats, models: Mapping[str, Floats], baselines: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Columns time, truth and each predictor, a model's being the mean over its seeds: [test]."""
    means = {name: made.mean(axis=0) for name, made in models.items()}
    return {"time": times, "truth": truth} | means | dict(baselines)


def predictions_by_seed(
    times: Floats, seeds: Sequence[int], models: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Columns time and MODEL_seed_N: [test]. models: name -> [seeds, test]."""
    runs = {
        f"{name}_seed_{seed}": row
        for name, made in models.items()
        for seed, row in zip(seeds, made, strict=True)
    }
    return {"time": times} | runs


def learning_curves(histories: Mapping[str, Mapping[str, Floats]]) -> dict[str, Floats]:
    """Column epoch, and for each model the mean training error over its seeds: [epoch].

    histories: model -> columns epoch and train_mse, seed after seed: [seeds * epochs].
    """
    epochs = np.unique(next(iter(histories.values()))["epoch"])
    means = {
        name: history["train_mse"].reshape(-1, epochs.size).mean(axis=0)
        for name, history in histories.items()
    }
    return {"epoch": epochs.astype(np.int64)} | means
