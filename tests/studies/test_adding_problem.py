"""The adding problem: its targets, its trials, and the share of them that solve a lag."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from conftest import default_settings

from seqcompare.core.sections.adding_problem import AddingProblem
from seqcompare.core.types import Setting
from seqcompare.statistics.shares import share_difference, wilson
from seqcompare.studies.adding_problem.summary import (
    AddingProblemSummary,
    LagCount,
    LagTrial,
    ModelLags,
    farthest_different_lag,
    summarise_adding_problem,
)
from seqcompare.studies.adding_problem.trials import (
    CONSTANT_MSE,
    AddingResult,
    AddingTask,
    draw_sequences,
    longest_seconds,
    results_table,
    seconds_table,
    solve,
    solve_all,
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
        "models": {},
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


def summary_of(
    solved: dict[tuple[str, int, int], bool], pace: dict[str, float]
) -> AddingProblemSummary:
    """Of a made-up study, by its tables; a trial that solves its lag takes 50 of 100 steps."""
    asked = problem(lags=(2, 4, 8), seeds=(0, 1, 2, 3), steps=100)
    trials: list[LagTrial] = []
    for model, step_s in pace.items():
        tasks = tasks_for(model, LSTM, asked, "cpu")
        results = []
        for task in tasks:
            done = solved.get((task.model, task.lag, task.seed), True)
            results.append(AddingResult(0.0, 50 if done else 100, done, 7, step_s))
        tables = results_table(tasks, results), seconds_table(tasks, results)
        trials += [LagTrial.from_cells(*rows) for rows in zip(*tables, strict=True)]
    return summarise_adding_problem(trials, asked, 0.95)


def test_the_share_of_trials_that_solve_a_lag_has_wilsons_interval() -> None:
    found = summary_of({("lstm", 8, seed): False for seed in (0, 1, 2)}, {"lstm": 1.0})
    lags = found.models["lstm"].shares(0.95)
    assert [(row.lag, row.solved_in_steps) for row in lags] == [
        (2, wilson(4, 4, 0.95)), (4, wilson(4, 4, 0.95)), (8, wilson(1, 4, 0.95)),
    ]  # fmt: skip
    content: Any = found.to_json()
    assert content["setting"]["seeds"] == 4
    assert content["lstm"]["parameters"] == 7
    assert content["lstm"]["lags"][2].keys() == {
        "lag",
        *(
            f"solved_in_{budget}{end}"
            for budget in ("steps", "seconds")
            for end in ("", "_ci_low", "_ci_high")
        ),
    }


@pytest.mark.parametrize(("failing", "longest"), [(2, 8), (3, 4)])
def test_a_lag_counts_as_solved_when_half_of_the_trials_solve_it(
    failing: int, longest: int
) -> None:
    found = summary_of({("lstm", 8, seed): False for seed in range(failing)}, {"lstm": 1.0})
    assert found.models["lstm"].longest_lag_solved("steps") == longest


def test_a_lag_beyond_one_that_is_not_solved_does_not_count() -> None:
    found = summary_of({("lstm", 2, seed): False for seed in range(4)}, {"lstm": 1.0})
    assert found.models["lstm"].longest_lag_solved("steps") == 0


@pytest.mark.parametrize(("slower", "longest"), [(1.9, 8), (2.1, 0)])
def test_equal_seconds_are_those_of_the_fastest_models_whole_budget(
    slower: float, longest: int
) -> None:
    models = summary_of({}, {"lstm": 1.0, "transformer": slower}).models
    assert models["lstm"].longest_lag_solved("seconds") == 8
    assert models["transformer"].longest_lag_solved("steps") == 8
    assert models["transformer"].longest_lag_solved("seconds") == longest


def lags(*solved: int) -> ModelLags:
    counts = [LagCount(2**i, 10, count, 10 - count) for i, count in enumerate(solved)]
    return ModelLags(7, "cpu", counts)


def test_models_are_compared_at_the_longest_lag_where_they_surely_differ() -> None:
    first, second = lags(0, 9, 8, 9), lags(10, 5, 0, 8)  # most surely at 1, for the other one
    lag, difference = farthest_different_lag(first, second, "steps", 0.95)
    assert (lag, difference) == (4, share_difference((8, 0), (10, 10), 0.95, pairs=4))


def test_models_that_surely_differ_nowhere_are_compared_where_they_do_most() -> None:
    assert farthest_different_lag(lags(5, 6, 5), lags(5, 3, 5), "steps", 0.95)[0] == 2
    first, second = lags(10, 9, 9, 0), lags(10, 5, 1, 0)
    assert farthest_different_lag(first, second, "seconds", 0.95)[1].value == pytest.approx(-0.8)
    assert farthest_different_lag(lags(0, 9, 9), lags(0, 1, 1), "steps", 0.95)[0] == 4


def test_a_model_has_the_settings_that_the_study_overrides() -> None:
    asked = problem(models={"lstm": {"hidden_size": 3}, "of_no_model_here": {"width": 1}})
    (first, *_) = tasks_for("lstm", LSTM, asked, "cpu")
    assert first.settings == {"hidden_size": 3, "num_layers": 1}
    assert solve(first).parameters == 4 * 3 * (1 + 3 + 2) + 4
    assert tasks_for("gru", {"hidden_size": 4}, asked, "cpu")[0].settings == {"hidden_size": 4}


def test_all_trials_are_told_as_they_end_and_their_time_is_known_before() -> None:
    tasks = tasks_for("lstm", LSTM, problem(steps=2), "cpu")
    told: list[AddingTask] = []
    with ThreadPoolExecutor(1) as executor:
        longest = longest_seconds(tasks, executor)
        results = solve_all(tasks, executor, told.append)
    assert sorted(longest) == [2, 3]
    assert all(seconds > 0 for seconds in longest.values())
    assert len(told) == len(results) == 4
    assert all(task in told for task in tasks)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["lstm", "transformer"])
def test_lag_10_is_solved_within_the_default_budget(model: str) -> None:
    settings = default_settings()
    asked = {
        key: tuple(v) if isinstance(v, list) else v for key, v in settings["adding_problem"].items()
    }
    tasks = tasks_for(model, settings["models"][model], AddingProblem(**asked), "cpu")
    assert any(solve(task).solved for task in tasks if task.lag == 10)
