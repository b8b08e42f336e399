"""Plan of a sweep: trials that choose params of training, the choice, and the final trials.

Nothing is chosen by a test number: what chooses holds no value of the test part.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from seqcompare.core.errors import InputError
from seqcompare.core.grid import GridValue, flat_grid
from seqcompare.core.sweep_params import Choose
from seqcompare.data.series import make_draws
from seqcompare.data.windows import Folds
from seqcompare.evaluation.trials import measured_targets
from seqcompare.studies.sweep.cells import Cell, with_training
from seqcompare.studies.sweep.trials import Judged, SweepResult, SweepTrial
from seqcompare.training.trial import TrainingTask
from seqcompare.training.trials import plan_trials

Candidate = Mapping[str, GridValue]  # key of training -> value

CHOOSING_SEEDS = 1_000_000_000  # and the numbers after it that are no seeds of final trials


@dataclass(frozen=True)
class Choice:
    """What was chosen for a model in a cell, and its error on the targets that chose it."""

    training: Candidate = field(default_factory=dict)
    validation_mse: float | None = None


def candidates(choose: Choose) -> list[Candidate]:
    """Every combination of values, in their order."""
    grid = flat_grid(choose.training)
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def choosing_trials(
    cell: Cell, seeds: Sequence[int], device: str
) -> list[tuple[str, Candidate, SweepTrial]]:
    """model, candidate, trial: all that choose in a cell. seeds: of the final trials.

    The last of the training targets judge, and none of them trains. The trials have seeds of their
    own, and where every trial has a draw, also draws.
    """
    choose = cell.choose
    if choose is None:
        return []
    own_seeds = _apart_from(seeds, choose.seeds)
    draws = make_draws(cell.params.data, own_seeds)
    train, _, test = cell.folds.targets[0]
    kept = round(len(train) * choose.validation)
    judging = range(train.stop - max(kept, 1), train.stop)
    if judging.start <= train.start:
        raise InputError(
            f"{cell.name()}: choose.validation is {choose.validation}, which leaves none of "
            f"{len(train)} training targets to train on: lower it"
        )
    folds = Folds(((range(train.start, judging.start), judging, test),), cell.folds.scale)
    measured = measured_targets([judging], draws.interpolated)
    trials = []
    for model, candidate in itertools.product(cell.params.models, candidates(choose)):
        here = with_training(cell.params, model, candidate)
        tasks = plan_trials(
            model, here.models[model], here.training, here.seq_len, own_seeds, draws, folds,
            device,
        )  # fmt: skip
        for task in tasks:
            seen = draws.of_trial(task.seed)[: judging.stop]
            judged = Judged(seen, (judging,), measured.tolist(), by_target=False)
            name = " ".join([cell.name(), *(f"{key}={value}" for key, value in candidate.items())])
            trials.append((model, candidate, SweepTrial(name, (task,), judged)))
    return trials


def choose_best(
    cell: Cell,
    trials: Sequence[tuple[str, Candidate, SweepTrial]],
    results: Sequence[SweepResult],
) -> dict[str, Choice]:
    """For each model the candidate with the lowest mean error on the targets that judge.

    The first of those that are equal. Raises InputError when every candidate diverged.
    """
    if cell.choose is None:
        return {model: Choice() for model in cell.params.models}
    errors: dict[str, dict[int, list[float]]] = {}
    known = candidates(cell.choose)
    for (model, candidate, _), result in zip(trials, results, strict=True):
        mse = math.inf if result.mse is None else result.mse
        errors.setdefault(model, {}).setdefault(known.index(candidate), []).append(mse)
    chosen = {}
    for model, by_candidate in errors.items():
        means = {place: math.fsum(each) / len(each) for place, each in by_candidate.items()}
        best = min(means, key=lambda place: (means[place], place))
        if math.isinf(means[best]):
            raise InputError(
                f"{cell.name()}: training of {model} diverged with all values to choose from: "
                "add a lower learning_rate"
            )
        chosen[model] = Choice(known[best], means[best])
    return chosen


def final_trials(
    cell: Cell, chosen: Mapping[str, Choice], seeds: Sequence[int], device: str
) -> list[SweepTrial]:
    """Models in their order, then seeds: each trained on all training targets, tested once."""
    trials = []
    for model, settings in cell.params.models.items():
        training = with_training(cell.params, model, chosen[model].training).training
        tasks = plan_trials(
            model, settings, training, cell.params.seq_len, seeds, cell.draws, cell.folds, device
        )
        by_seed: dict[int, list[TrainingTask]] = {}
        for task in tasks:
            by_seed.setdefault(task.seed, []).append(task)
        trials += [
            SweepTrial(cell.name(), tuple(own), test_part(cell, seed))
            for seed, own in by_seed.items()
        ]
    return trials


def test_part(cell: Cell, seed: int) -> Judged:
    """What a final trial is tested on."""
    targets = tuple(test for _, _, test in cell.folds.targets)
    measured = measured_targets(targets, cell.draws.interpolated)
    values = cell.draws.of_trial(seed)
    return Judged(values, targets, measured.tolist(), by_target=not cell.draws.vary)


def _apart_from(seeds: Sequence[int], number: int) -> list[int]:
    unused = (seed for seed in itertools.count(CHOOSING_SEEDS) if seed not in set(seeds))
    return list(itertools.islice(unused, number))
