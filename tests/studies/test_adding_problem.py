"""The adding problem: its targets, its trials, and the longest lag that they solve."""

import dataclasses
from typing import Any

import pytest
import torch
from conftest import default_settings

from seqcompare.core.params import AddingProblem, Setting
from seqcompare.studies.adding_problem.summary import (
    LagTrial,
    longest_lag_solved,
    read_trials,
    summarise_adding_problem,
)
from seqcompare.studies.adding_problem.trials import (
    CONSTANT_MSE,
    AddingResult,
    AddingTask,
    draw_sequences,
    results_table,
    seconds_table,
    solve,
    tasks_for,
)

LSTM: dict[str, Setting] = {"hidden_size": 4, "num_layers": 1}
SIZE = 200_000


def problem(**changes: Any) -> AddingProblem:
    described = {
        "lags": (2, 3),
        "seeds": (0, 1),
        "steps": 60,
        "batch_size": 8,
        "learning_rate": 0.01,
        "solved_below": 0.1,
    }
    return AddingProblem(**{**described, **changes})


def test_the_best_constant_prediction_scores_one_sixth() -> None:
    _, sums = draw_sequences(SIZE, 10, torch.Generator().manual_seed(0))
    assert sums.mean().item() == pytest.approx(1, abs=0.01)
    assert sums.var().item() == pytest.approx(CONSTANT_MSE, rel=0.01)
    assert CONSTANT_MSE == 1 / 6


def test_without_the_oldest_number_no_one_gets_below_one_twelfth() -> None:
    sequences, sums = draw_sequences(SIZE, 10, torch.Generator().manual_seed(0))
    newer = sequences[:, 1:].clamp(min=0).sum(dim=1)
    assert (sums - newer).var().item() == pytest.approx(1 / 12, rel=0.01)


def test_the_target_is_the_sum_of_two_marked_numbers_of_which_one_is_the_oldest() -> None:
    sequences, sums = draw_sequences(1000, 7, torch.Generator().manual_seed(1))
    marked = sequences > 0
    assert (marked.sum(dim=1) == 2).all()
    assert marked[:, 0].all()
    assert marked[:, 1:].any(dim=0).all()  # the other is anywhere after it
    torch.testing.assert_close(sums, torch.where(marked, sequences, 0.0).sum(dim=1))


def test_a_trial_is_the_same_every_time() -> None:
    task = AddingTask("lstm", LSTM, problem(), 3, 0, "cpu")
    first, second = (dataclasses.replace(solve(task), seconds_per_step=0) for _ in range(2))
    assert first == second
    assert first.steps == 60


def test_a_trial_ends_when_it_has_solved_its_lag() -> None:
    task = AddingTask(
        "lstm", LSTM, problem(steps=2000, solved_below=0.45, batch_size=32), 2, 0, "cpu"
    )
    solved = solve(task)
    assert solved.solved
    assert solved.steps < 2000
    assert solved.mse < 0.45 * CONSTANT_MSE


def trials_of(solved: dict[tuple[str, int, int], bool], pace: dict[str, float]) -> list[LagTrial]:
    """Of a made-up study, by its tables; a trial that solves its lag takes 50 of 100 steps."""
    trials: list[LagTrial] = []
    for model, step_s in pace.items():
        tasks = tasks_for(model, LSTM, problem(lags=(2, 4, 8), steps=100), "cpu")
        results = []
        for task in tasks:
            done = solved.get((task.model, task.lag, task.seed), True)
            results.append(AddingResult(0.0, 50 if done else 100, done, step_s))
        trials += read_trials(results_table(tasks, results), seconds_table(tasks, results))
    return trials


def test_the_longest_lag_solved_counts_only_what_every_seed_solves() -> None:
    trials = trials_of({("lstm", 8, 1): False}, {"lstm": 1.0, "transformer": 1.0})
    assert longest_lag_solved(trials) == {"lstm": 4, "transformer": 8}


def test_a_lag_beyond_one_that_is_not_solved_does_not_count() -> None:
    assert longest_lag_solved(trials_of({("lstm", 2, 0): False}, {"lstm": 1.0})) == {"lstm": 0}


@pytest.mark.parametrize(("slower", "longest"), [(1.9, 8), (2.1, 0)])
def test_equal_seconds_are_those_of_the_fastest_models_whole_budget(
    slower: float, longest: int
) -> None:
    trials = trials_of({}, {"lstm": 1.0, "transformer": slower})
    assert summarise_adding_problem(trials, 100).to_json() == {
        "lstm": {"longest_lag_solved": 8, "longest_lag_solved_in_equal_seconds": 8},
        "transformer": {"longest_lag_solved": 8, "longest_lag_solved_in_equal_seconds": longest},
    }


@pytest.mark.slow
@pytest.mark.parametrize("model", ["lstm", "transformer"])
def test_lag_20_is_solved_within_the_default_budget(model: str) -> None:
    settings = default_settings()
    asked = {
        key: tuple(v) if isinstance(v, list) else v for key, v in settings["adding_problem"].items()
    }
    result = solve(
        AddingTask(model, settings["models"][model], AddingProblem(**asked), 20, 0, "cpu")
    )
    assert result.solved
