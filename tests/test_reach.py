"""How far back models look: networks whose reach is known, and the adding task."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from conftest import default_settings

from seqcompare.core.params import Reach, Setting
from seqcompare.data.windows import Scale, Windows
from seqcompare.evaluation.lookback import (
    Probe,
    Reaction,
    context_needed,
    examine,
    gradient_by_lag,
    gradient_lookback,
    probes,
    reach_table,
    replace_older,
    summary,
)
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.studies.adding_problem import (
    CONSTANT_MSE,
    Recall,
    Task,
    draw,
    longest_lag_solved,
    recall_table,
    seconds_table,
    solve,
    tasks_for,
)

LSTM: dict[str, Setting] = {"hidden_size": 4, "num_layers": 1}
SIZE = 200_000


def reach(**changes: Any) -> Reach:
    described = {
        "lags": (2, 3),
        "seeds": (0, 1),
        "steps": 60,
        "batch_size": 8,
        "learning_rate": 0.01,
        "solved_below": 0.1,
    }
    return Reach(**{**described, **changes})


def probe_of_lstm(n: int = 6) -> Probe:
    from seqcompare import models

    torch.manual_seed(0)
    weights = {k: v.numpy() for k, v in models.build("lstm", LSTM, n).state_dict().items()}
    windows = Windows(np.random.default_rng(0).normal(2, 3, (50, n)), np.zeros(50))
    trained = TrainedPredictor("lstm", LSTM, n, weights, Scale(2.0, 3.0))
    (probe,) = probes({"lstm": [trained]}, windows, 0)
    return probe


def test_the_best_constant_prediction_scores_one_sixth() -> None:
    _, sums = draw(SIZE, 10, torch.Generator().manual_seed(0))
    assert sums.mean().item() == pytest.approx(1, abs=0.01)
    assert sums.var().item() == pytest.approx(CONSTANT_MSE, rel=0.01)
    assert CONSTANT_MSE == 1 / 6


def test_without_the_oldest_number_no_one_gets_below_one_twelfth() -> None:
    sequences, sums = draw(SIZE, 10, torch.Generator().manual_seed(0))
    newer = sequences[:, 1:].clamp(min=0).sum(dim=1)
    assert (sums - newer).var().item() == pytest.approx(1 / 12, rel=0.01)


def test_the_target_is_the_sum_of_two_marked_numbers_of_which_one_is_the_oldest() -> None:
    sequences, sums = draw(1000, 7, torch.Generator().manual_seed(1))
    marked = sequences > 0
    assert (marked.sum(dim=1) == 2).all()
    assert marked[:, 0].all()
    assert marked[:, 1:].any(dim=0).all()  # the other is anywhere after it
    torch.testing.assert_close(sums, torch.where(marked, sequences, 0.0).sum(dim=1))


def test_a_run_of_the_adding_task_is_the_same_every_time() -> None:
    task = Task("lstm", LSTM, reach(), 3, 0, "cpu")
    first, second = (dataclasses.replace(solve(task), seconds_per_step=0) for _ in range(2))
    assert first == second
    assert first.steps == 60


def test_a_run_ends_when_it_has_solved_its_task() -> None:
    task = Task("lstm", LSTM, reach(steps=2000, solved_below=0.45, batch_size=32), 2, 0, "cpu")
    solved = solve(task)
    assert solved.solved
    assert solved.steps < 2000
    assert solved.mse < 0.45 * CONSTANT_MSE


def table(solved: dict[tuple[str, int, int], bool], pace: dict[str, float]) -> Sequence[Any]:
    """tasks and recalls of a made-up study; a run that solves its task takes 50 of 100 steps."""
    settings = dict.fromkeys(pace, LSTM)
    tasks = tasks_for(settings, reach(lags=(2, 4, 8), steps=100), "cpu")
    recalls = []
    for task in tasks:
        done = solved.get((task.model, task.lag, task.seed), True)
        recalls.append(Recall(0.0, 50 if done else 100, done, pace[task.model]))
    return tasks, recalls


def test_the_longest_lag_solved_counts_only_what_every_seed_solves() -> None:
    tasks, recalls = table({("lstm", 8, 1): False}, {"lstm": 1.0, "transformer": 1.0})
    longest = longest_lag_solved(recall_table(tasks, recalls))
    assert {model: row["longest_lag_solved"] for model, row in longest.items()} == {
        "lstm": 4,
        "transformer": 8,
    }


def test_a_lag_beyond_one_that_is_not_solved_does_not_count() -> None:
    tasks, recalls = table({("lstm", 2, 0): False}, {"lstm": 1.0})
    assert longest_lag_solved(recall_table(tasks, recalls))["lstm"]["longest_lag_solved"] == 0


@pytest.mark.parametrize(("slower", "longest"), [(1.9, 8), (2.1, 0)])
def test_equal_seconds_are_those_of_the_fastest_models_whole_budget(
    slower: float, longest: int
) -> None:
    tasks, recalls = table({}, {"lstm": 1.0, "transformer": slower})
    found = longest_lag_solved(seconds_table(tasks, recalls))
    assert found["lstm"]["longest_lag_solved"] == 8
    assert found["transformer"]["longest_lag_solved"] == longest


def test_a_gradient_is_what_a_small_change_of_the_input_does() -> None:
    probe = probe_of_lstm()
    predictor = probe.predictor
    by_lag = gradient_by_lag(probe)
    inputs = probe.windows.inputs
    for lag in (1, 3, 6):
        up, down = inputs.copy(), inputs.copy()
        up[:, -lag] += 0.05
        down[:, -lag] -= 0.05
        slope = np.abs(predictor(up) - predictor(down)).mean() / 0.1
        assert by_lag[lag - 1] == pytest.approx(slope, rel=0.02)


def test_older_values_are_replaced_and_newer_ones_kept() -> None:
    inputs, lenders = np.arange(8.0).reshape(2, 4), -np.ones((2, 4))
    replaced = replace_older(inputs, lenders, 3)
    np.testing.assert_array_equal(replaced, [[-1, 1, 2, 3], [-1, 5, 6, 7]])


def test_with_the_whole_window_as_context_nothing_is_replaced() -> None:
    probe = probe_of_lstm()
    assert probe.contexts[-1] == 6
    plain = np.mean((probe.predictor(probe.windows.inputs) - probe.windows.targets) ** 2)
    assert examine(probe).mse[-1] == pytest.approx(plain)


def test_the_gradients_reach_is_where_nine_tenths_of_it_lie() -> None:
    assert gradient_lookback(np.array([0.5, 0.4, 0.1])) == 2
    assert gradient_lookback(np.array([0.5, 0.39, 0.11])) == 3


def test_the_context_needed_is_the_shortest_after_which_the_error_stays_low() -> None:
    contexts = (1, 2, 4, 8)
    assert context_needed(contexts, np.array([3.0, 1.0, 2.0, 1.0])) == 8
    assert context_needed(contexts, np.array([3.0, 1.05, 1.05, 1.0])) == 2
    assert context_needed(contexts, np.array([1.0, 1.0, 1.0, 1.0])) == 1


def test_the_tables_have_a_row_for_each_lag_and_empty_cells_between_contexts() -> None:
    reactions = {
        "lstm": [Reaction(np.array([1.0, 0, 0]), np.array([2.0, 1.0]))] * 2,
        "gru": [Reaction(np.array([0.0, 0, 1.0]), np.array([2.0, 1.0]))] * 2,
    }
    rows = reach_table(reactions, (1, 3), 0.95)
    assert [row["mse_older_swapped"] for row in rows[:3]] == [2.0, None, 1.0]
    found = summary(reactions, (1, 3), 0.95)
    assert found["lstm"] == {
        "gradient_lookback": 1.0,
        "gradient_lookback_ci_low": 1.0,
        "gradient_lookback_ci_high": 1.0,
        "context_needed": 3,
    }
    assert found["comparison"]["gru_vs_lstm"]["gradient_lookback_difference"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("model", ["lstm", "transformer"])
def test_lag_20_is_solved_within_the_default_budget(model: str) -> None:
    settings = default_settings()
    asked = {key: tuple(v) if isinstance(v, list) else v for key, v in settings["reach"].items()}
    recall = solve(Task(model, settings["models"][model], Reach(**asked), 20, 0, "cpu"))
    assert recall.solved
