"""The adding problem: its sequences and targets, its trials, and how many solve a lag."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
import pytest
import torch
from conftest import ROOT, default_settings

from seqcompare.core.study_params import AddingProblem, load_studies
from seqcompare.core.types import Setting
from seqcompare.studies.adding_problem import (
    CONSTANT_MSE,
    AddingTask,
    draw_sequences,
    solve,
    solve_all,
    tasks_for,
)

LSTM: dict[str, Setting] = {"hidden_size": 4, "num_layers": 1}
SIZE = 200_000


def problem(**changes: Any) -> AddingProblem:
    usual = AddingProblem(lags=(2, 3), seeds=(0, 1), steps=60, batch_size=8, learning_rate=0.01,
                          solved_below=0.1, models={})  # fmt: skip
    return usual.model_copy(update=changes)


def test_the_best_mse_is_one_sixth_and_of_the_newer_number_alone_one_twelfth() -> None:
    sequences, sums = draw_sequences(SIZE, 10, torch.Generator().manual_seed(0))
    newer = sequences[:, 1:].clamp(min=0).sum(dim=1)
    assert sums.var().item() == pytest.approx(CONSTANT_MSE, rel=0.01)
    assert (sums - newer).var().item() == pytest.approx(1 / 12, rel=0.01)


def test_the_target_is_the_sum_of_two_marked_numbers_of_which_one_is_the_oldest() -> None:
    sequences, sums = draw_sequences(1000, 7, torch.Generator().manual_seed(1))
    marked = sequences > 0
    assert (marked.sum(dim=1) == 2).all()
    assert marked[:, 0].all()
    assert marked[:, 1:].any(dim=0).all()  # the other is anywhere after it
    torch.testing.assert_close(sums, torch.where(marked, sequences, 0.0).sum(dim=1))


@pytest.mark.usefixtures("torch_as_it_was")
def test_a_trial_ends_when_it_has_solved_its_lag() -> None:
    easy = problem(steps=2000, solved_below=0.45, batch_size=32)
    solved = solve(AddingTask("lstm", LSTM, easy, 2, 0, "cpu"))
    assert solved["solved"]
    assert solved["steps"] < 2000
    assert solved["mse"] < 0.45 * CONSTANT_MSE


@pytest.mark.usefixtures("torch_as_it_was")
def test_trials_give_the_same_rows_every_time_and_progress_hears_of_each() -> None:
    asked = problem(steps=60, models={"lstm": {"hidden_size": 3}, "of_no_model_here": {"width": 1}})
    tasks = tasks_for("lstm", LSTM, asked, "cpu")
    assert tasks[0].settings == {"hidden_size": 3, "num_layers": 1}
    done = []
    with ThreadPoolExecutor(1) as executor:
        table = solve_all(tasks, executor.submit, lambda last, work: done.append((last, work)))
    columns = ["model", "lag", "seed", "solved", "steps", "mse", "parameters"]
    assert list(table.columns) == columns
    assert list(zip(table["lag"], table["seed"], strict=True)) == [(2, 0), (2, 1), (3, 0), (3, 1)]
    assert sorted(done) == sorted((f"lag {task.lag}", task.work) for task in tasks)
    again = pd.DataFrame([solve(task) for task in tasks])
    assert table.equals(again.sort_values(["lag", "seed"], ignore_index=True))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["lstm", "transformer"])
def test_lag_10_is_solved_within_the_committed_budget(model: str) -> None:
    asked = load_studies(ROOT / "studies/params.yaml").adding_problem
    tasks = tasks_for(model, default_settings()["models"][model], asked, "cpu")
    assert any(solve(task)["solved"] for task in tasks if task.lag == 10)
