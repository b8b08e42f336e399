"""Maps: the trials of all cells trained and tested side by side, and their tables.

A finished trial is one small file, named by a fingerprint of all that its result depends on. So no
trial runs twice: not in a second run, and not in two cells that share it.
"""

import hashlib
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import chain, groupby
from pathlib import Path
from statistics import fmean
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.params import Params
from seqcompare.core.tables import load_json, save_json
from seqcompare.evaluation.comparison import TRIAL, compare_pairs, losses_table, mse_table
from seqcompare.evaluation.predictors import predictors_of_epochs
from seqcompare.evaluation.trials import HeldOutTrial, test_trial
from seqcompare.execution.provenance import rooms_code
from seqcompare.models import count_operations
from seqcompare.studies.cells import Candidate, Cell, with_chosen
from seqcompare.training.trial import TrialTask, train
from seqcompare.training.trials import forget_checkpoints, plan_trials

UNCOUNTED = 1e5  # multiplications for each value of a window, of a model that does not count them
Result: TypeAlias = dict[str, Any]  # of `run_trial`
Choice: TypeAlias = tuple[Candidate, float | None]  # and its error on the targets that chose it
Submit: TypeAlias = Callable[..., "Future[Result]"]  # of an executor
OnDone: TypeAlias = Callable[[str, float, bool], object]  # gets a trial's name, work, if known


@dataclass(frozen=True, eq=False)
class MapTrial:
    """One trial of a cell: a task for each fold, and what it is tested on, without networks."""

    cell: str
    chosen: Candidate  # what was chosen, or is tried, for its model
    tasks: tuple[TrialTask, ...]
    held_out: HeldOutTrial
    params: Params  # of the cell, whose windows the baselines see
    chooses: bool  # is of a run that chooses values, and may diverge

    @property
    def name(self) -> str:
        task = self.tasks[0]
        return ", ".join(filter(None, [self.cell, _text(self.chosen), task.model, task.name]))

    @property
    def work(self) -> float:
        """About in proportion to its time: multiplications of all its training steps."""
        task = self.tasks[0]
        windows = sum(len(each.split.train) for each in self.tasks) * task.recipe.epochs
        counts = count_operations(task.model, task.settings)
        return windows * (counts.train.at(task.seq_len) if counts else UNCOUNTED * task.seq_len)

    @cached_property
    def file(self) -> Path:
        """Of its result, named by a hash of all that the result depends on."""
        series = self.held_out.series
        depends_on = [
            _testing_code(),
            hashlib.sha256(series.values.tobytes() + series.filled.tobytes()).hexdigest(),
            [task.fingerprint() for task in self.tasks],
            [[fold.test.start, fold.test.stop] for fold in self.held_out.folds],
            [self.params.data.model_dump(), self.params.seq_len],
            self.chooses,
        ]
        return paths.FINISHED_TRIALS / f"{_hash(depends_on)}.json"


def run_map(
    name: str, cells: Sequence[Cell], device: str, submit: Submit, on_done: OnDone
) -> dict[str, pd.DataFrame]:
    """The tables of reports/studies/maps/NAME, each with setting and the grid's keys first.

    trials: series, seed, predictor, mse, validation_mse (by which values were chosen) and
    chosen (those values). scores: predictor, mse, low, high, parameters, training_targets,
    test_targets, chosen. pairs: as reports/pairs.csv; intervals hold together within a cell.
    """
    choosing = [trials_of(cell, device) for cell in cells]
    results = run_trials(name, list(chain(*choosing)), submit, on_done)
    choices = [choose_best(*each, results) for each in zip(cells, choosing, strict=True)]
    final = [trials_of(cell, device, chosen) for cell, chosen in zip(cells, choices, strict=True)]
    results = run_trials(name, list(chain(*final)), submit, on_done)
    tested = [[results[trial.file] for trial in trials] for trials in final]
    tables = [_tables(*each) for each in zip(cells, choices, tested, strict=True)]
    return {kind: pd.concat([each[kind] for each in tables]) for kind in tables[0]}


def planned_work(cells: Sequence[Cell], device: str) -> list[float]:
    """Of each trial to come, before anything is chosen."""
    choosing = (trials_of(cell, device) for cell in cells)
    final = (trials_of(cell, device, _nothing_chosen(cell)) for cell in cells)
    return [trial.work for trials in (*choosing, *final) for trial in trials]


def trials_of(
    cell: Cell, device: str, choices: Mapping[str, Choice] | None = None
) -> list[MapTrial]:
    """Model by model. Without choices, those that choose: of each model with each candidate."""
    run = cell.choosing if choices is None else cell
    if run is None:
        return []
    tried = [(model, each) for model, values in cell.candidates.items() for each in values]
    final = [(model, each) for model, (each, _) in (choices or {}).items()]
    trials: list[MapTrial] = []
    for model, chosen in final or tried:
        params = with_chosen(run.params, model, chosen)
        tasks = plan_trials(model, params, run.series, run.folds, device)
        as_tested = params.model_copy(update={"seq_len": run.params.seq_len})
        for (name, seed), folds in groupby(tasks, lambda task: (task.series, task.seed)):
            untrained = HeldOutTrial(run.series[name], seed, run.folds[name], networks={})
            each = MapTrial(cell.name, chosen, tuple(folds), untrained, as_tested, choices is None)
            trials.append(each)
    return trials


def choose_best(
    cell: Cell, trials: Sequence[MapTrial], results: Mapping[Path, Result]
) -> dict[str, Choice]:
    """For each model the first candidate with the lowest mean error on the targets that judge."""
    choices = _nothing_chosen(cell)
    errors: dict[str, list[tuple[float, Candidate]]] = {}  # model -> of each candidate
    for (model, _), group in groupby(trials, lambda each: (each.tasks[0].model, each.chosen)):
        tried = list(group)
        mse = [results[trial.file]["mse"] for trial in tried]
        mean = math.inf if None in mse else fmean(mse)
        errors.setdefault(model, []).append((mean, tried[0].chosen))
    for model, candidates in errors.items():
        mean, best = min(candidates, key=lambda each: each[0])
        if math.isinf(mean):
            raise InputError(
                f"{cell.name}: training of {model} diverged with all values to choose from: add a "
                "lower learning_rate, then `make studies` goes on"
            )
        choices[model] = best, mean
    return choices


def run_trials(
    name: str, trials: Sequence[MapTrial], submit: Submit, on_done: OnDone
) -> dict[Path, Result]:
    """Results by file, of this run or an earlier one. Raises InputError for a trial that failed,
    after all others are done.
    """
    once = {trial.file: trial for trial in trials}  # cells may share trials
    results = {file: result for file in once if (result := load_finished(file))}
    for trial in trials:
        if trial.file in results or once[trial.file] is not trial:
            on_done(trial.name, trial.work, True)
    left = [trial for file, trial in once.items() if file not in results]
    left.sort(key=lambda trial: -trial.work)  # no long one at the end
    futures = {submit(run_trial, trial, paths.CHECKPOINTS): trial for trial in left}
    failures: dict[str, InputError] = {}
    for future in as_completed(futures):
        trial = futures[future]
        try:
            results[trial.file] = future.result()
        except InputError as error:
            failures[trial.name] = error
        else:
            save_finished(trial.file, results[trial.file])
            on_done(trial.name, trial.work, False)
    for failed in sorted(failures):
        raise InputError(
            f"map {name}: {failed}: {failures[failed]}: {len(left) - len(failures)} of {len(left)} "
            "trials finished and are kept, and `make studies` goes on"
        )
    return results


def run_trial(trial: MapTrial, checkpoints: Path) -> Result:
    """Train and test one trial. Workers run this, and forget the weights.

    Returns model, mse, parameters, and losses, the columns of `losses_table`. Of a trial that
    chooses, mse alone, None where training diverged.
    """
    task = trial.tasks[0]
    trained = [train(each, checkpoints, each.recipe.epochs) for each in trial.tasks]
    forget_checkpoints(trial.tasks, checkpoints)
    if trial.chooses and not all(each.is_finite() for each in trained):
        return {"mse": None}
    predictors = [
        predictors_of_epochs(task.model, task.settings, task.seq_len, each.weights, fold.scale)
        for each, fold in zip(trained, trial.held_out.folds, strict=True)
    ]
    held_out = replace(trial.held_out, networks={task.model: predictors})
    losses = losses_table([test_trial(held_out, trial.params)])
    mse = {"mse": float(np.mean(losses[task.model]))}
    if trial.chooses:
        return mse
    parameters = sum(tensor[0].size for tensor in trained[0].weights.values())
    of_targets = losses.reset_index().to_dict("list")
    return mse | {"model": task.model, "parameters": parameters, "losses": of_targets}


def save_finished(path: Path, result: Result) -> None:
    save_json(path, {"result": result, "sha256": _hash(result)})


def load_finished(path: Path) -> Result | None:
    """None without the file, or with a damaged one, which one line reports."""
    if not path.exists():
        return None
    try:
        content = load_json(path)
        if content["sha256"] == _hash(content["result"]):
            return dict(content["result"])
    except (InputError, LookupError):
        pass
    print(f"{path}: is damaged: this trial starts over", file=sys.stderr, flush=True)
    return None


def _tables(
    cell: Cell, choices: Mapping[str, Choice], results: Sequence[Result]
) -> dict[str, pd.DataFrame]:
    """See `run_map`. results: each of one model, with the same baselines beside it."""
    models = list(cell.params.models)
    losses = pd.concat([pd.DataFrame(result["losses"]) for result in results])
    losses = losses.groupby([*TRIAL, "target"], sort=False).first()
    losses = losses[[*models, *losses.columns.difference(models, sort=False)]]
    errors = losses.groupby(level=TRIAL, sort=False).mean()
    trials = errors.reset_index().melt(TRIAL, var_name="predictor", value_name="mse")
    validation = {model: mse for model, (_, mse) in choices.items()}
    trials["validation_mse"] = trials["predictor"].map(validation).astype(float)
    scores = mse_table(losses, cell.params.evaluation.confidence).reset_index()
    parameters = {result["model"]: result["parameters"] for result in results}
    scores["parameters"] = scores["predictor"].map(parameters).astype("Int64")
    scores["training_targets"] = len(next(iter(cell.folds.values()))[0].train)
    scores["test_targets"] = len(losses) // len(errors)
    chosen = {model: _text(values) for model, (values, _) in choices.items()}
    for table in (trials, scores):
        table["chosen"] = table["predictor"].map(chosen)
    pairs = compare_pairs(losses, models, cell.params.evaluation)
    tables = {"trials": trials, "scores": scores, "pairs": pairs}
    for table in tables.values():
        for column, (key, value) in enumerate(cell.place.items()):
            table.insert(column, key, value)
    return tables


def _nothing_chosen(cell: Cell) -> dict[str, Choice]:
    return dict.fromkeys(cell.params.models, ({}, None))


def _text(chosen: Candidate) -> str | None:
    return ", ".join(f"{key}={value}" for key, value in chosen.items()) or None


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@cache
def _testing_code() -> str:  # which the fingerprint of a task does not cover
    return rooms_code("evaluation") + hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
