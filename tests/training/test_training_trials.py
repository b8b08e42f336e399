"""All trials of a model: what is planned, trained side by side, refused and written down."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from conftest import run_stages, small_params
from hypothesis import given
from hypothesis import strategies as st
from small_trials import CPU, every_device, params, same_result, task, trained

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.params import Params
from seqcompare.core.tables import load_json, load_table, load_weights
from seqcompare.core.types import Floats
from seqcompare.data.series import Series, load_series
from seqcompare.data.windows import load_folds, make_folds
from seqcompare.execution.devices import make_deterministic
from seqcompare.execution.workers import open_workers
from seqcompare.training.trial import TrainedTrial, TrialTask
from seqcompare.training.trials import (
    check_converged,
    epochs_table,
    plan_trials,
    seconds_per_epoch,
    train_all,
)


@pytest.fixture(autouse=True)
def as_in_a_worker(torch_as_it_was: None) -> None:
    make_deterministic(CPU)


# ---- what is planned ----


def plan(params: Params, model: str = "lstm", **values: Floats) -> list[TrialTask]:
    """values: 120 of each series."""
    times, filled = np.arange(120.0), np.zeros(120, dtype=np.bool_)
    series = {name: Series(name, times, each, filled) for name, each in values.items()}
    folds = {name: make_folds(each, params) for name, each in values.items()}
    return plan_trials(model, params, series, folds, "cpu")


def waves(*names: str) -> dict[str, Floats]:
    noise = np.random.default_rng(0).normal(size=(len(names), 120))
    return dict(zip(names, noise, strict=True))


def test_there_is_a_task_for_each_series_or_seed_and_each_fold() -> None:
    wanted = params(seeds=[3, 1], split={"folds": 2})
    tasks = plan(wanted, **waves("3", "1"))
    assert [(each.series, each.seed, each.fold) for each in tasks] == [
        ("3", 3, 0), ("3", 3, 1), ("1", 1, 0), ("1", 1, 1),
    ]  # fmt: skip
    assert [each.split.test for each in tasks] == [range(100, 110), range(110, 120)] * 2
    one_series = plan(params(seeds=[3, 1], data={"seed": 7}), **waves("7"))
    assert [(each.series, each.seed) for each in one_series] == [("7", 3), ("7", 1)]


@given(st.integers(20, 30), st.integers(0, 10), st.integers(1, 5), st.integers(-(10**6), 10**6))
def test_a_task_holds_no_value_that_is_tested_on_or_comes_after_one(
    test: int, validation: int, folds: int, later: int
) -> None:
    split = {"test": test, "validation": validation, "folds": folds}
    wanted = params(seeds=[0, 7], split=split, data={"scale": "standard"})
    values = waves("0", "7")
    for index, each in enumerate(plan(wanted, **values)):
        start = each.split.test.start
        before_test = values[each.series][:start]
        assert np.array_equal(each.values, before_test)
        assert start == 120 - test + test * each.fold // folds
        assert max(each.split.train.stop, each.split.validation.stop) <= start
        after = np.full(120 - start, float(later))
        other = {name: np.append(every[:start], after) for name, every in values.items()}
        again = plan(wanted, **other)[index]
        assert (again.split, again.fingerprint()) == (each.split, each.fingerprint())


def test_the_first_fold_is_the_task_that_it_would_be_without_folds() -> None:
    alone, first = (plan(params(split={"folds": count}), **waves("0", "1"))[0] for count in (1, 4))
    assert alone.split.test != first.split.test
    assert first.fingerprint() == alone.fingerprint()


# ---- side by side ----


@every_device
@pytest.mark.parametrize("count", [1, 2])
def test_neither_the_number_of_workers_nor_cutting_trials_into_parts_changes_a_byte(
    count: int, device: str, tmp_path: Path
) -> None:
    make_deterministic(torch.device(device))
    tasks = [task("transformer", seed, device=device) for seed in range(3)]
    executor = params(executor={"workers": count}).executor
    with open_workers(executor, torch.device(device).type, len(tasks)) as workers:
        assert workers.parts(len(tasks)) == count
        runs = train_all(tasks, workers, tmp_path / "workers")
    assert [run.seed for run in runs] == [0, 1, 2]
    for each, run in zip(tasks, runs, strict=True):
        assert same_result(run, trained(each, tmp_path / "here"))


# ---- what came out ----


def finished(seed: int = 0, fold: int = 0, **changes: Any) -> TrainedTrial:
    fields: dict[str, Any] = {
        "weights": {}, "train_mse": [1.0 + fold, 2.0], "eval_mse": [5.0, 6.0],
        "validation_mse": [3.0, 4.0], "epoch_seconds": [0.1, 0.2 + seed], "threads": 1,
    }  # fmt: skip
    return TrainedTrial(str(seed), seed, fold, **{**fields, **changes})


def test_the_table_has_a_row_for_each_epoch_of_each_trial() -> None:
    runs = [finished(seed, fold) for seed in (3, 1) for fold in (0, 1)]
    expected = pd.DataFrame({
        "series": ["3"] * 4 + ["1"] * 4, "seed": [3] * 4 + [1] * 4,
        "fold": [0, 0, 1, 1] * 2, "epoch": [1, 2] * 4, "train_mse": [1.0, 2.0, 2.0, 2.0] * 2,
        "eval_mse": [5.0, 6.0] * 4, "validation_mse": [3.0, 4.0] * 4,
        "seconds": [0.1, 3.2, 0.1, 3.2, 0.1, 1.2, 0.1, 1.2],
    })  # fmt: skip
    pd.testing.assert_frame_equal(epochs_table(runs), expected)
    assert "validation_mse" not in epochs_table([finished(validation_mse=[])])


def test_the_first_epoch_which_warms_up_is_not_timed_unless_it_is_alone() -> None:
    assert seconds_per_epoch([finished(epoch_seconds=[100.0, 1.0, 3.0])]) == 2.0
    assert seconds_per_epoch([finished(epoch_seconds=[100.0])]) == 100.0


@pytest.mark.parametrize("where", ["train_mse", "eval_mse", "validation_mse", "weights"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_diverged_trials_end_in_one_line_that_names_three_and_the_key_to_lower(
    where: str, value: float
) -> None:
    changes: Any = {"w": np.array([[0, value]], np.float32)} if where == "weights" else [value]
    bad = [finished(seed, fold=seed % 2, **{where: changes}) for seed in range(5)]
    overridden = params(training={"overrides": {"lstm": {"learning_rate": 9.0}}}).training
    check_converged([finished()], "lstm", overridden)
    with pytest.raises(InputError) as caught:
        check_converged([finished(5), *bad], "lstm", overridden)
    assert str(caught.value) == (
        "params.yaml: training.overrides.lstm.learning_rate is 9, with which 5 of 6 trials of lstm "
        "diverged (seed 0; seed 1, fold 1; seed 2 and 2 more): lower "
        "training.overrides.lstm.learning_rate"
    )


def test_a_precision_that_the_device_lacks_is_refused_with_its_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seqcompare.execution.devices.bfloat16_instructions", lambda: None)
    wanted = params(training={"overrides": {"lstm": {"precision": "bfloat16"}}})
    with pytest.raises(InputError, match=r"training\.overrides\.lstm\.precision is bfloat16"):
        plan(wanted, "lstm", **waves("0", "1"))
    assert plan(wanted, "transformer", **waves("0", "1"))


def test_the_stage_writes_weights_errors_seconds_and_environment(in_tmp: Path) -> None:
    (in_tmp / "data/weights/lstm").mkdir(parents=True)
    (in_tmp / "data/weights/lstm/0099.safetensors").touch()  # of a trial that is gone
    changes: Any = {"seeds": [3, 1], "split": {"folds": 2}, "training": {"tested_epochs": 2}}
    run_stages(in_tmp, "generate", "split", "train lstm", **changes)
    files = sorted(path.name for path in Path("data/weights/lstm").iterdir())
    assert files == [f"000{place}.safetensors" for place in range(4)]
    tasks = plan_trials("lstm", small_params(**changes), load_series(), load_folds(), "cpu")
    for place, each in enumerate(tasks):
        weights, stored = load_weights(paths.weights("lstm", place))
        assert stored == each.trained_with()
        assert {len(tensor) for tensor in weights.values()} == {2}  # tested epochs
    errors = load_table(Path("data/training/lstm.csv"))
    assert list(errors["seed"].unique()) == [3, 1]
    assert len(errors) == len(load_table(Path("data/timing/lstm.csv"))) == 2 * 2 * 2
    environment = load_json(Path("data/environment/lstm.json"))
    assert {"device", "threads_per_trial", "processor", "code"} <= environment.keys()
    assert load_json(Path("reports/timing/lstm.json")).keys() == {"seconds_per_epoch"}
    assert list(Path(".checkpoints").iterdir()) == []
