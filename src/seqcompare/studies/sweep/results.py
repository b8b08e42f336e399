"""Results of a sweep: its tables, a row a trial, and the summary of every cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.comparison import Design
from seqcompare.core.errors import InputError
from seqcompare.core.names import AR
from seqcompare.core.sweep import CellScore, CellSummary
from seqcompare.core.types import Row
from seqcompare.data.windows import cut_windows
from seqcompare.evaluation.baselines import fit_baselines
from seqcompare.evaluation.comparison import compare_pairs, mse_interval
from seqcompare.studies.sweep.cells import Cell
from seqcompare.studies.sweep.plan import Choice, test_part
from seqcompare.studies.sweep.trials import SweepResult, SweepTrial, squared_losses


@dataclass(frozen=True, eq=False)
class FinishedCell:
    """A cell and what came of it. losses: predictor -> squared errors [trial, target].

    Where every trial has a draw of its own, a trial's mean stands for its targets: [trial, 1].
    results: model -> one for each seed.
    """

    cell: Cell
    seeds: Sequence[int]
    chosen: Mapping[str, Choice]
    results: Mapping[str, Sequence[SweepResult]]
    losses: Mapping[str, Floats]


def finish(
    cell: Cell,
    seeds: Sequence[int],
    chosen: Mapping[str, Choice],
    trials: Sequence[SweepTrial],
    results: Sequence[SweepResult],
) -> FinishedCell:
    """trials, results: the final ones of this cell. Raises InputError for one that diverged."""
    by_model: dict[str, list[SweepResult]] = {}
    losses: dict[str, list[list[float]]] = {}
    for trial, result in zip(trials, results, strict=True):
        if result.mse is None:
            raise InputError(
                f"{trial.name()}: made predictions that are not finite: its training diverged; "
                "lower training.learning_rate"
            )
        by_model.setdefault(trial.task.model, []).append(result)
        losses.setdefault(trial.task.model, []).append(result.losses or [result.mse])
    of_models = {model: np.array(each) for model, each in losses.items()}
    return FinishedCell(cell, seeds, chosen, by_model, of_models | _baseline_losses(cell, seeds))


def summarise(finished: FinishedCell) -> CellSummary:
    """Errors, ratios and outcomes, by the rules of the main comparison.

    With several pairs, intervals hold together within a cell, not across cells.
    """
    cell, losses = finished.cell, finished.losses
    models, here = list(finished.results), cell.params
    design: Design = "draws" if cell.draws.vary else "series"
    pairs = compare_pairs(models, losses, design, here.confidence, here.equivalence)
    train, _, _ = cell.folds.targets[0]
    return CellSummary(
        setting=cell.setting,
        point=dict(cell.point),
        design=design,
        training_targets=len(train),
        test_targets=len(test_part(cell, finished.seeds[0]).measured),
        predictors={name: _score(name, finished, design) for name in losses},
        pairs=pairs,
        line_beats_all=all(pair.winner == AR for pair in pairs if pair.family == "line"),
    )


def results_table(finished: Sequence[FinishedCell]) -> list[Row]:
    """A row a trial of each predictor: setting, the grid's keys, predictor, seed, errors, size.

    validation_mse: by which a model's training was chosen, where it was.
    """
    return [
        {
            **_place(each.cell),
            "model": name,
            "seed": seed,
            "test_mse": float(losses.mean()),
            "validation_mse": each.chosen[name].validation_mse if name in each.chosen else None,
            "parameters": each.results[name][0].parameters if name in each.results else None,
        }
        for each in finished
        for name, by_trial in each.losses.items()
        for seed, losses in zip(each.seeds, by_trial, strict=True)
    ]


def seconds_table(finished: Sequence[FinishedCell]) -> list[Row]:
    """A row a trained trial: setting, the grid's keys, model, seed and train_seconds."""
    return [
        {
            **_place(each.cell),
            "model": model,
            "seed": seed,
            "train_seconds": float(f"{result.train_seconds:.6g}"),
        }
        for each in finished
        for model, results in each.results.items()
        for seed, result in zip(each.seeds, results, strict=True)
    ]


def _place(cell: Cell) -> dict[str, Any]:
    return {"setting": cell.setting, **cell.point}


def _score(name: str, finished: FinishedCell, design: Design) -> CellScore:
    losses = finished.losses[name]
    interval = mse_interval(losses, design, finished.cell.params.confidence)
    choice = finished.chosen.get(name, Choice())
    results = finished.results.get(name)
    return CellScore(
        mse=float(losses.mean()),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        parameters=results[0].parameters if results else None,
        chosen=dict(choice.training),
        validation_mse=choice.validation_mse,
    )


def _baseline_losses(cell: Cell, seeds: Sequence[int]) -> dict[str, Floats]:
    """Baseline -> squared errors, shaped as those of the models."""
    distinct = seeds if cell.draws.vary else seeds[:1]
    by_trial = [_losses_on(cell, seed) for seed in distinct]
    repeats = len(seeds) // len(by_trial)
    return {
        name: np.repeat(np.stack([losses[name] for losses in by_trial]), repeats, axis=0)
        for name in by_trial[0]
    }


def _losses_on(cell: Cell, seed: int) -> dict[str, Floats]:
    values, seq_len = cell.draws.of_trial(seed), cell.params.seq_len
    by_fold = [
        fit_baselines(cut_windows(values, seq_len, train), cell.params.data)
        for train, _, _ in cell.folds.targets
    ]
    judged = test_part(cell, seed)
    losses = {
        name: squared_losses([each[name] for each in by_fold], judged, seq_len)
        for name in by_fold[0]
    }
    if judged.by_target:
        return losses
    return {name: each.mean(keepdims=True) for name, each in losses.items()}
