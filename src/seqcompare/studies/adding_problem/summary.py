"""Summary of the adding problem: the longest lag that each model solves, by two budgets."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from seqcompare.core.types import Row


@dataclass(frozen=True)
class LagTrial:
    """One trial of one model at one lag, as its tables tell it."""

    model: str
    lag: int
    seed: int
    solved: bool
    steps: int  # until it was solved, or all that it may take
    seconds_per_step: float


@dataclass(frozen=True)
class LongestLags:
    """The longest lag that a model solves in as many steps, and in as much time, as the others."""

    longest_lag_solved: int
    longest_lag_solved_in_equal_seconds: int


@dataclass(frozen=True)
class AddingProblemSummary:
    """All of adding_problem.json."""

    models: Mapping[str, LongestLags]

    def to_json(self) -> dict[str, object]:
        return {name: asdict(lags) for name, lags in self.models.items()}


def read_trials(results: Sequence[Row], seconds: Sequence[Row]) -> list[LagTrial]:
    """From both tables, whose rows are in the same order.

    Raises LookupError, TypeError or ValueError for what are no such tables.
    """
    return [
        LagTrial(
            model=row["model"],
            lag=int(row["lag"]),
            seed=int(row["seed"]),
            solved=bool(row["solved"]),
            steps=int(row["steps"]),
            seconds_per_step=float(timed["seconds_per_step"]),
        )
        for row, timed in zip(results, seconds, strict=True)
    ]


def summarise_adding_problem(trials: Sequence[LagTrial], steps: int) -> AddingProblemSummary:
    """trials: of all models; steps: that a trial may take."""
    in_steps = longest_lag_solved(trials)
    in_seconds = longest_lag_solved(within_equal_seconds(trials, steps))
    return AddingProblemSummary(
        {model: LongestLags(in_steps[model], in_seconds[model]) for model in in_steps}
    )


def longest_lag_solved(trials: Sequence[LagTrial]) -> dict[str, int]:
    """model -> the longest lag that, like all shorter ones, every seed has solved; 0: none."""
    longest = {trial.model: 0 for trial in trials}
    lags = sorted({trial.lag for trial in trials})
    for model in longest:
        for lag in lags:
            if not all(
                trial.solved for trial in trials if (trial.model, trial.lag) == (model, lag)
            ):
                break
            longest[model] = lag
    return longest


def within_equal_seconds(trials: Sequence[LagTrial], steps: int) -> list[LagTrial]:
    """The trials, solved only if done within the same time for every model.

    At each lag that is the time in which the fastest model takes all its steps.
    """
    paces: dict[int, dict[str, list[float]]] = {}  # lag -> model -> seconds per step of its seeds
    for trial in trials:
        at_lag = paces.setdefault(trial.lag, {})
        at_lag.setdefault(trial.model, []).append(trial.seconds_per_step)
    budgets_s = {
        lag: steps * min(statistics.median(seeds) for seeds in models.values())
        for lag, models in paces.items()
    }
    return [
        replace(
            trial,
            solved=trial.solved and trial.steps * trial.seconds_per_step <= budgets_s[trial.lag],
        )
        for trial in trials
    ]
