"""Evidence on the claims: what the files of all studies come to, together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np

from seqcompare.core import paths
from seqcompare.core.arrays import Floats
from seqcompare.core.comparison import Comparison, load_comparison
from seqcompare.core.files import damaged, load_csv, load_json, load_table
from seqcompare.core.names import LSTM, TRANSFORMER, pair
from seqcompare.core.sections.adding_problem import AddingProblem
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.evaluation.lookback_summary import LookbackSummary, read_lookback
from seqcompare.statistics.estimates import Estimate, Interval
from seqcompare.studies.adding_problem.summary import (
    AddingProblemSummary,
    LagTrial,
    summarise_adding_problem,
)
from seqcompare.studies.claims.convergence import (
    ConvergenceSummary,
    TrialConvergence,
    by_trial,
    convergence_of_trials,
    judged_target,
    summarise_convergence,
)
from seqcompare.studies.claims.fluctuations import predicted_share
from seqcompare.studies.claims.steadiness import dispersion
from seqcompare.studies.cost.summary import CostSummary, summarise_cost
from seqcompare.studies.cost.table import check_processes, from_cells


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the rules look at.

    sequential_steps: model -> those of a forward pass at the longest window, as configured.
    parameters: model -> number of them. accuracy: test MSE, LSTM / Transformer; None without both.
    dispersions: model -> of its errors over time, [trial]; fluctuations: model -> the share of the
    noise that it predicts, [trial], None where nobody knows the noise. draws_vary: is each trial's
    series its own? seq_len, device: what the models were trained with.
    """

    cost: CostSummary
    sequential_steps: Mapping[str, float | None]
    lookback: LookbackSummary
    adding_problem: AddingProblemSummary
    convergence: ConvergenceSummary
    convergence_trials: Sequence[TrialConvergence]
    parameters: Mapping[str, int]
    accuracy: Estimate | None
    dispersions: Mapping[str, Floats]
    fluctuations: Mapping[str, Floats] | None
    draws_vary: bool
    trials: int
    seq_len: int
    device: str


def gather_evidence(
    models: Iterable[str], seq_len: int, data: Data, problem: AddingProblem, settings: Evaluation
) -> Evidence:
    """Read and summarise. Raises InputError for a file that is missing or damaged."""
    models, confidence = list(models), settings.confidence
    by_epoch = ("seed", "fold", "epoch")
    trials = load_convergence(models, settings.convergence_targets)
    timed = {
        model: load_csv(paths.epoch_seconds(model), *by_epoch, "epoch_seconds") for model in models
    }
    seconds = {model: by_trial(columns, "epoch_seconds") for model, columns in timed.items()}
    comparison = load_comparison(models)
    predictions = load_predictions(models, comparison.trials)
    return Evidence(
        cost=load_cost(models, confidence),
        sequential_steps=load_sequential_steps(models),
        lookback=load_lookback(models),
        adding_problem=summarise_adding_problem(
            [trial for model in models for trial in load_trials(model, problem)],
            problem,
            confidence,
        ),
        convergence=summarise_convergence(trials, judged_target(trials), seconds, confidence),
        convergence_trials=trials,
        parameters=parameters_of(comparison, models),
        accuracy=accuracy_of(comparison),
        dispersions={
            model: dispersion(np.abs(predictions[model] - predictions["truth"])) for model in models
        },
        fluctuations=fluctuations_of(models, predictions, data),
        draws_vary=comparison.design == "draws",
        trials=comparison.trials,
        seq_len=seq_len,
        device=load_device(models),
    )


def load_convergence(models: Sequence[str], targets: Sequence[float]) -> list[TrialConvergence]:
    by_epoch = ("seed", "fold", "epoch", "eval_mse")
    histories = {model: load_csv(paths.history(model), *by_epoch) for model in models}
    with reading(paths.TRAINING_REFERENCE) as path:
        return convergence_of_trials(histories, load_csv(path, "seed", "fold", "mse"), targets)


def load_cost(models: Sequence[str], confidence: float) -> CostSummary:
    with reading(paths.COST_TIMINGS) as path:
        timings, setting = from_cells(load_table(path))
        check_processes(timings)
        found = summarise_cost(timings, setting, confidence)
        for at in found.sizes.values():
            check_holds(at.models, models)
        return found


def load_sequential_steps(models: Sequence[str]) -> dict[str, float | None]:
    """model -> at its longest window, in the first size"""
    with reading(paths.OPERATIONS) as path:
        rows = load_table(path)
        steps = {
            row["model"]: row["sequential_steps"] for row in rows if row["size"] == rows[0]["size"]
        }
        check_holds(steps, models)
        return {model: None if number is None else float(number) for model, number in steps.items()}


def load_lookback(models: Sequence[str]) -> LookbackSummary:
    with reading(paths.LOOKBACK.with_suffix(".json")) as path:
        found = read_lookback(load_json(path))
        check_holds(found.models, models)
        check_holds(found.pairs, [pair(*both) for both in combinations(sorted(models), 2)])
        return found


def load_trials(model: str, problem: AddingProblem) -> list[LagTrial]:
    with reading(paths.of_model(paths.ADDING_PROBLEM, model)) as path:
        seconds = load_table(paths.of_model(paths.ADDING_PROBLEM_SECONDS, model))
        trials = [
            LagTrial.from_cells(result, timed)
            for result, timed in zip(load_table(path), seconds, strict=True)
        ]
        wanted = list(product(sorted(problem.lags), sorted(problem.seeds)))
        if [(trial.lag, trial.seed) for trial in trials if trial.model == model] != wanted:
            raise ValueError(f"its lags and seeds of {model} are not those of params.yaml")
        return trials


def parameters_of(comparison: Comparison, models: Sequence[str]) -> dict[str, int]:
    with reading(paths.COMPARISON):
        found = {model: comparison.predictors[model].parameters for model in models}
        known = {model: number for model, number in found.items() if number}
        check_holds(known, models)
        return known


def check_holds(found: Mapping[str, object], names: Iterable[str]) -> None:
    """Raises LookupError for the first name that is not found."""
    for name in names:
        if name not in found:
            raise LookupError(f"no {name}")


def load_device(models: Sequence[str]) -> str:
    """Where the models were trained; all that were, where they differ."""
    devices = []
    for model in models:
        with reading(paths.environment(model)) as path:
            devices.append(str(load_json(path)["device"]))
    return ", ".join(dict.fromkeys(devices))


def accuracy_of(comparison: Comparison) -> Estimate | None:
    """The ratio of both models' errors, LSTM / Transformer."""
    found = comparison.against(LSTM, "models").get(TRANSFORMER)
    if found is None:
        return None
    ends = None if found.low is None or found.high is None else Interval(found.low, found.high)
    return Estimate(found.ratio, ends, found.p_value)


def load_predictions(models: Sequence[str], trials: int) -> dict[str, Floats]:
    """time, truth and each model's predictions: [trial, target]"""
    columns = load_csv(paths.PREDICTIONS_BY_SEED, "seed", "time", "truth", *models)
    with reading(paths.PREDICTIONS_BY_SEED):
        return {name: columns[name].reshape(trials, -1) for name in ("time", "truth", *models)}


def fluctuations_of(
    models: Sequence[str], predictions: Mapping[str, Floats], data: Data
) -> dict[str, Floats] | None:
    """model -> the share of the noise that it predicts, [trial]; None where that is not known."""
    if data.source != "sine":
        return None
    clean = np.sin(predictions["time"])
    shares = {
        model: predicted_share(predictions[model], predictions["truth"], clean) for model in models
    }
    known = {model: share for model, share in shares.items() if share is not None}
    return known if len(known) == len(shares) else None


@contextmanager
def reading(path: Path) -> Iterator[Path]:
    """Name the file that holds other than it should. Raises InputError for it."""
    try:
        yield path
    except KeyError as error:
        raise damaged(path, LookupError(f"no entry {error.args[0]}")) from None
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise damaged(path, error) from None
