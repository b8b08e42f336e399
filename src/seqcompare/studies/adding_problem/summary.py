"""Summary of the adding problem: the share of trials that solve each lag, and its interval.

In as many steps as the others, and in as much time. Reads tables: it loads without torch.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeAlias

from seqcompare.core.sections.adding_problem import AddingProblem
from seqcompare.core.types import Row
from seqcompare.statistics.estimates import Estimate, to_entries
from seqcompare.statistics.shares import share_difference, wilson

MOST = 0.5  # the share of trials from which on a model counts as one that solves a lag

Budget: TypeAlias = Literal["steps", "seconds"]


@dataclass(frozen=True)
class LagTrial:
    """One trial of one model at one lag, as its two rows tell it."""

    model: str
    lag: int
    seed: int
    solved: bool
    steps: int  # until it was solved, or all that it may take
    parameters: int
    device: str
    seconds_per_step: float

    @classmethod
    def from_cells(cls, result: Row, timed: Row) -> "LagTrial":
        """Raises LookupError, TypeError or ValueError for what are no such rows."""
        return cls(
            model=result["model"],
            lag=int(result["lag"]),
            seed=int(result["seed"]),
            solved=bool(result["solved"]),
            steps=int(result["steps"]),
            parameters=int(result["parameters"]),
            device=timed["device"],
            seconds_per_step=float(timed["seconds_per_step"]),
        )


@dataclass(frozen=True)
class LagCount:
    """How many of the trials at one lag are solved within each budget."""

    lag: int
    trials: int
    solved_in_steps: int
    solved_in_seconds: int

    def solved(self, budget: Budget) -> int:
        return self.solved_in_steps if budget == "steps" else self.solved_in_seconds


@dataclass(frozen=True)
class LagShares:
    """The same as shares, with Wilson's intervals."""

    lag: int
    solved_in_steps: Estimate | None
    solved_in_seconds: Estimate | None


@dataclass(frozen=True)
class ModelLags:
    """One model: its size, the device, and its counts, the shortest lag first."""

    parameters: int
    device: str
    counts: Sequence[LagCount]

    def longest_lag_solved(self, budget: Budget) -> int:
        """The longest that, like all shorter ones, at least MOST of the trials solve; 0: none."""
        longest = 0
        for count in self.counts:
            if count.solved(budget) < MOST * count.trials:
                break
            longest = count.lag
        return longest

    def shares(self, confidence: float) -> list[LagShares]:
        return [
            LagShares(
                count.lag,
                wilson(count.solved_in_steps, count.trials, confidence),
                wilson(count.solved_in_seconds, count.trials, confidence),
            )
            for count in self.counts
        ]


@dataclass(frozen=True)
class AddingSetting:
    """The condition of the whole study. seeds: so many trials at each lag."""

    seeds: int
    steps: int
    solved_below: float
    most: float
    confidence: float


@dataclass(frozen=True)
class AddingProblemSummary:
    """All of adding_problem.json."""

    setting: AddingSetting
    models: Mapping[str, ModelLags]

    def to_json(self) -> dict[str, object]:
        return {
            "setting": asdict(self.setting),
            **{name: self._model_to_json(lags) for name, lags in self.models.items()},
        }

    def _model_to_json(self, lags: ModelLags) -> dict[str, object]:
        return {
            "parameters": lags.parameters,
            "device": lags.device,
            "longest_lag_solved": lags.longest_lag_solved("steps"),
            "longest_lag_solved_in_equal_seconds": lags.longest_lag_solved("seconds"),
            "lags": [to_entries(shares) for shares in lags.shares(self.setting.confidence)],
        }


def summarise_adding_problem(
    trials: Sequence[LagTrial], problem: AddingProblem, confidence: float
) -> AddingProblemSummary:
    """trials: of all models."""
    in_time = within_equal_seconds(trials, problem.steps)
    models = {}
    for model in dict.fromkeys(trial.model for trial in trials):
        own = [trial for trial in trials if trial.model == model]
        timed = [trial for trial in in_time if trial.model == model]
        models[model] = ModelLags(own[0].parameters, own[0].device, _count(own, timed))
    setting = AddingSetting(
        len(problem.seeds), problem.steps, problem.solved_below, MOST, confidence
    )
    return AddingProblemSummary(setting, models)


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


def farthest_different_lag(
    first: ModelLags, second: ModelLags, budget: Budget, confidence: float
) -> tuple[int, Estimate]:
    """The longest lag at which the shares solved surely differ, and first - second there.

    If they do at none, that at which they differ most surely. Interval and p value are corrected
    for all lags, since any of them could have been the one.
    """
    differences = {
        one.lag: share_difference(
            (one.solved(budget), other.solved(budget)), (one.trials, other.trials),
            confidence, pairs=len(first.counts),
        )
        for one, other in zip(first.counts, second.counts, strict=True)
    }  # fmt: skip
    sure = [lag for lag, at in differences.items() if at.interval and not at.interval.holds(0)]
    most_surely = min(differences, key=lambda lag: (differences[lag].p_value or 0.0, -lag))
    lag = max(sure, default=most_surely)
    return lag, differences[lag]


def _count(trials: Sequence[LagTrial], in_time: Sequence[LagTrial]) -> list[LagCount]:
    counts = []
    for lag in sorted({trial.lag for trial in trials}):
        solved, timed = ([t.solved for t in each if t.lag == lag] for each in (trials, in_time))
        counts.append(LagCount(lag, len(solved), sum(solved), sum(timed)))
    return counts
