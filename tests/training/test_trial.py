"""Training: the same bytes from the same task, however often it is interrupted."""

import dataclasses
import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

from seqcompare import models
from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError, WorkerDiedError
from seqcompare.core.sections.split import Split
from seqcompare.core.sections.training import Training
from seqcompare.data.series import Draws
from seqcompare.data.windows import Folds, Parts, Scale, cut_folds, fit_scale
from seqcompare.execution.devices import make_deterministic
from seqcompare.execution.processes import LocalProcesses
from seqcompare.studies.cost.measure import peak_bytes
from seqcompare.training.checkpoint import Checkpoint
from seqcompare.training.optimizer import Adam
from seqcompare.training.precision import in_precision
from seqcompare.training.state import Trial, capture
from seqcompare.training.step import make_step, training_step
from seqcompare.training.trial import (
    EpochDone,
    Pace,
    Samples,
    TrainedModel,
    TrainingTask,
    checkpoint_of,
    fit,
    last_is_lowest,
    samples,
    start,
    train_epoch,
)
from seqcompare.training.trials import (
    check_converged,
    epoch_seconds,
    forget_checkpoints,
    history,
    how_trials_ran,
    plan_trials,
    seconds_per_epoch,
    train_all,
)

CPU = torch.device("cpu")
VALUES = np.sin(np.linspace(0, 12, 120))
MODELS: dict[str, dict[str, Any]] = {
    "lstm": {"hidden_size": 8, "num_layers": 2},
    "transformer": {
        "d_model": 8,
        "nhead": 2,
        "num_layers": 2,
        "dim_feedforward": 16,
        "dropout": 0.1,
        "positions": "learned",
    },
}
every_model = pytest.mark.parametrize("model", sorted(MODELS))


@pytest.fixture(autouse=True)
def as_in_a_worker(torch_as_it_was: None) -> None:  # noqa: ARG001
    make_deterministic(CPU)


def training(**changes: Any) -> Training:
    settings = {"epochs": 3, "batch_size": 16, "learning_rate": 0.01, "schedule": "constant"}
    kept = {"keep": "last", "precision": "float32", "own": {}}
    return Training(**{**settings, **kept, **changes})


def parts(validation: int = 0, train: int | None = None) -> Parts:
    split = Split(train=train, validation=validation, test=20, folds=1)
    return cut_folds(len(VALUES), 10, split, "none").of(VALUES)[0]


def task(model: str = "lstm", seed: int = 0, validation: int = 0, **changes: Any) -> TrainingTask:
    return TrainingTask(
        model=model,
        settings=MODELS[model],
        training=training(**changes),
        seed=seed,
        seq_len=10,
        values=VALUES[:100],
        parts=parts(validation),
        device="cpu",
    )


def trained(task: TrainingTask, folder: Path, **kwargs: Any) -> TrainedModel:
    return fit(task, checkpoint_of(task, folder), task.training.epochs, **kwargs)


def same_result(one: TrainedModel, other: TrainedModel) -> bool:
    return (
        one.train_mse == other.train_mse
        and one.eval_mse == other.eval_mse
        and one.validation_mse == other.validation_mse
        and one.weights.keys() == other.weights.keys()
        and all((one.weights[k] == other.weights[k]).all() for k in one.weights)
    )


@every_model
def test_the_same_task_gives_the_same_bytes(model: str, tmp_path: Path) -> None:
    one, other = (trained(task(model), tmp_path / name) for name in ("one", "other"))
    assert same_result(one, other)


@every_model
def test_another_seed_gives_other_weights(model: str, tmp_path: Path) -> None:
    one, other = (trained(task(model, seed), tmp_path) for seed in (0, 1))
    assert not same_result(one, other)


@every_model
def test_training_lowers_the_error(model: str, tmp_path: Path) -> None:
    history = trained(task(model, epochs=30), tmp_path).train_mse
    assert history[-1] < history[0] / 5


class Killed(BaseException):
    """Stands for whatever ends a process in the middle of a run."""


def killed_and_not(
    task: TrainingTask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[TrainedModel, TrainedModel]:
    """A trial that is killed after its second epoch and goes on; the same one left alone."""
    monkeypatch.setattr(Pace, "is_due", lambda _: True)

    def kill(event: EpochDone) -> None:
        if event.epoch == 2:
            raise Killed

    with pytest.raises(Killed):
        trained(task, folder / "killed", on_epoch=kill)
    return trained(task, folder / "killed"), trained(task, folder / "never killed")


def gradients(task: TrainingTask, device: torch.device) -> dict[str, Tensor]:
    """Of every parameter after the first step, on the CPU."""
    trial = start(task, device)
    seen = samples(task, task.parts.train, device)
    network = in_precision(trial.network.train(), task.training.precision)
    training_step(network, Adam(trial.network.parameters()), *seen, learning_rate=0.0)
    return {k: p.grad.cpu() for k, p in trial.network.named_parameters() if p.grad is not None}


@every_model
@pytest.mark.parametrize("epoch", [1, 2])
@pytest.mark.parametrize(
    "changes", [{}, {"schedule": "cosine"}, {"keep": "best", "learning_rate": 0.1}], ids=str
)
def test_a_resumed_run_equals_an_uninterrupted_one(
    model: str,
    epoch: int,
    changes: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    this = task(model, validation=10, **changes)
    monkeypatch.setattr(Pace, "is_due", lambda _: True)
    seen: list[int] = []

    def kill_after(event: EpochDone) -> None:
        seen.append(event.epoch)
        if len(seen) == epoch:
            raise Killed

    with pytest.raises(Killed):
        trained(this, tmp_path / "killed", on_epoch=kill_after)
    resumed = trained(this, tmp_path / "killed", on_epoch=kill_after)
    assert seen == [1, 2, 3]
    assert same_result(resumed, trained(this, tmp_path / "never killed"))


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    first = trained(task(), tmp_path)
    epochs: list[EpochDone] = []
    assert same_result(trained(task(), tmp_path, on_epoch=epochs.append), first)
    assert epochs == []


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"seq_len": 11},
        {"settings": {"hidden_size": 9, "num_layers": 2}},
        {"training": training(epochs=4)},
        {"training": training(schedule="cosine")},
        {"training": training(keep="best")},
        {"training": training(precision="bfloat16")},
        {"values": VALUES[:100] + 1e-12},
        {"device": "cuda:0"},
        {"model": "transformer"},
        {"parts": parts(validation=1)},
        {"fold": 1},
        {"parts": parts(train=50)},
    ],
    ids=str,
)
def test_a_task_that_differs_in_anything_has_another_fingerprint(changes: dict[str, Any]) -> None:
    assert dataclasses.replace(task(), **changes).fingerprint() != task().fingerprint()


# ---- what is planned ----


def plan(
    seeds: Sequence[int], draws: Draws, folds: Folds, model: str = "lstm"
) -> list[TrainingTask]:
    return plan_trials(model, MODELS[model], training(), 10, seeds, draws, folds, "cpu")


def folds_of(values: Floats, count: int, scale: Literal["none", "standard"] = "none") -> Folds:
    return cut_folds(len(values), 10, Split(train=None, test=20, validation=5, folds=count), scale)


ONE_DRAW = Draws(np.arange(120.0), {None: VALUES})


def test_there_is_a_task_for_each_seed_and_fold() -> None:
    tasks = plan([3, 1], ONE_DRAW, folds_of(VALUES, 2))
    assert [(each.seed, each.fold) for each in tasks] == [(3, 0), (3, 1), (1, 0), (1, 1)]
    assert [each.parts.test for each in tasks] == [range(100, 110), range(110, 120)] * 2
    assert all(each.seq_len == 10 and each.device == "cpu" for each in tasks)


def test_each_trial_has_the_draw_and_the_scale_of_its_seed() -> None:
    draws = Draws(np.arange(120.0), {3: VALUES, 1: 5 * VALUES + 7})
    for each in plan([3, 1], draws, folds_of(VALUES, 2, "standard")):
        own = draws.of_trial(each.seed)
        assert np.array_equal(each.values, own[: each.parts.test.start])
        assert each.parts.scale == fit_scale(own[: each.parts.train.stop], "standard")


def test_a_seed_without_a_draw_is_refused() -> None:
    draws = Draws(np.arange(120.0), {3: VALUES})
    with pytest.raises(InputError, match="has no draw of seed 1"):
        plan([3, 1], draws, folds_of(VALUES, 1))


@given(
    size=st.integers(40, 90),
    test=st.integers(1, 15),
    validation=st.integers(0, 10),
    folds=st.integers(1, 5),
    vary=st.booleans(),
    scale=st.sampled_from(["none", "standard"]),
    put=st.integers(-(10**6), 10**6),
)
def test_a_task_holds_no_value_that_is_tested_on_or_comes_after(
    size: int,
    test: int,
    validation: int,
    folds: int,
    vary: bool,
    scale: Literal["none", "standard"],
    put: int,
) -> None:
    assume(folds <= test)
    seeds = [0, 7]
    cut = cut_folds(
        size, 10, Split(train=None, test=test, validation=validation, folds=folds), scale
    )
    noise = np.random.default_rng(size).normal(size=(2, size))
    values: dict[int | None, Floats] = (
        dict(zip(seeds, noise, strict=True)) if vary else {None: noise[0]}
    )
    planned = plan(seeds, Draws(np.arange(float(size)), values), cut)
    for index, each in enumerate(planned):
        start = each.parts.test.start
        assert len(each.values) == start == size - test + test * each.fold // folds
        assert max(each.parts.train.stop, each.parts.validation.stop) <= start
        other = {
            seed: np.append(own[:start], np.full(size - start, float(put)))
            for seed, own in values.items()
        }
        again = plan(seeds, Draws(np.arange(float(size)), other), cut)[index]
        assert again.values.tobytes() == each.values.tobytes()
        assert again.parts == each.parts
        assert again.fingerprint() == each.fingerprint()


def test_the_first_fold_is_trained_as_a_trial_without_folds(tmp_path: Path) -> None:
    alone, first = (
        plan([4], ONE_DRAW, folds_of(VALUES, count), "transformer")[0] for count in (1, 4)
    )
    assert alone.parts.test != first.parts.test
    assert first.fingerprint() == alone.fingerprint()
    assert same_result(trained(first, tmp_path / "first"), trained(alone, tmp_path / "alone"))


def streams_of(task: TrainingTask) -> dict[str, int]:
    return {name: stream.initial_seed() for name, stream in start(task, CPU).streams.items()}


@every_model
def test_a_fold_has_its_own_random_streams(model: str) -> None:
    first, second = (start(dataclasses.replace(task(model), fold=fold), CPU) for fold in (0, 1))
    weights = [trial.network.state_dict() for trial in (first, second)]
    assert any((weights[0][name] != weights[1][name]).any() for name in weights[0])
    by_fold = [streams_of(dataclasses.replace(task(model), fold=fold)) for fold in (0, 1)]
    assert all(by_fold[0][name] != by_fold[1][name] for name in ("torch", "order", "dropout"))


def test_no_two_streams_of_any_seeds_and_folds_are_the_same() -> None:
    tasks = [
        dataclasses.replace(task(seed=seed), fold=fold) for seed in range(4) for fold in range(4)
    ]
    seeds = [seed for each in tasks for seed in streams_of(each).values()]
    assert len(set(seeds)) == len(seeds) == 4 * 4 * 3


@given(seed=st.integers(0, 2**32 - 1))
def test_the_streams_of_the_first_fold_are_those_of_the_seed_alone(seed: int) -> None:
    own = np.random.SeedSequence(seed).generate_state(3, np.uint32)
    assert list(streams_of(task(seed=seed)).values()) == own.tolist()


def test_a_fold_is_trained_to_other_weights_than_the_one_before(tmp_path: Path) -> None:
    first = task()
    second = dataclasses.replace(first, fold=1)  # of the same values, so that only streams differ
    runs = [trained(each, tmp_path) for each in (first, second)]
    assert [run.fold for run in runs] == [0, 1]
    assert not same_result(*runs)


def test_the_records_of_every_seed_and_fold_stand_one_after_another() -> None:
    runs = [
        TrainedModel(
            seed, fold, {}, [1.0 + fold, 2.0], [5.0, 6.0], [3.0, 4.0], [0.1, 0.2 + seed], 1
        )
        for seed in (3, 1)
        for fold in (0, 1)
    ]
    where = {
        "seed": [3, 3, 3, 3, 1, 1, 1, 1],
        "fold": [0, 0, 1, 1, 0, 0, 1, 1],
        "epoch": [1, 2] * 4,
    }
    assert history(runs) == where | {
        "train_mse": [1.0, 2.0, 2.0, 2.0] * 2,
        "eval_mse": [5.0, 6.0] * 4,
        "validation_mse": [3.0, 4.0] * 4,
    }
    assert epoch_seconds(runs) == where | {
        "epoch_seconds": [0.1, 3.2, 0.1, 3.2, 0.1, 1.2, 0.1, 1.2]
    }


def test_a_record_without_a_validation_part_has_no_column_of_it() -> None:
    runs = [TrainedModel(0, 0, {}, [1.0], [0.5], [], [0.1], 1)]
    one = {"seed": [0], "fold": [0], "epoch": [1], "train_mse": [1.0], "eval_mse": [0.5]}
    assert history(runs) == one


# ---- training ----


def test_a_task_does_not_hold_the_test_part() -> None:
    (planned,) = plan([0], ONE_DRAW, folds_of(VALUES, 1))
    assert len(planned.values) == planned.parts.test.start == 100


def test_the_error_of_an_epoch_is_the_mean_over_its_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Adam, "step", lambda *_: None)  # weights stay as they are
    history = trained(task("lstm", batch_size=80), tmp_path / "one batch").train_mse
    uneven = trained(task("lstm", batch_size=32), tmp_path / "batches of 32, 32 and 26").train_mse
    assert uneven == pytest.approx(history)


def test_the_last_smaller_batch_is_trained_on() -> None:
    seen = []
    trial = start(task(), CPU)
    windows = Samples(torch.randn(7, 10), torch.randn(7))
    trial.network.register_forward_hook(lambda _, x, __: seen.append(len(x[0])))
    train_epoch(trial, windows, training(batch_size=3))
    assert seen == [3, 3, 1]


def test_errors_are_in_the_units_of_the_series(tmp_path: Path) -> None:
    plain = trained(task(), tmp_path).train_mse
    tenfold = dataclasses.replace(
        task(),
        values=VALUES[:100] * 10,
        parts=dataclasses.replace(task().parts, scale=Scale(0.0, 10.0)),
    )
    assert trained(tenfold, tmp_path).train_mse == pytest.approx([mse * 100 for mse in plain])


@every_model
def test_the_error_after_an_epoch_is_that_of_its_weights_on_evenly_spaced_windows(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqcompare.training.trial.PROBED", 30)
    this = task(model)
    result = trained(this, tmp_path)
    weights = {name: torch.from_numpy(value) for name, value in result.weights.items()}
    network = models.build(model, MODELS[model], 10)
    network.load_state_dict(weights)
    targets = [10 + place * 90 // 30 for place in range(30)]  # of 10 to 99
    windows = np.stack([VALUES[target - 10 : target] for target in targets]).astype(np.float32)
    made = models.predict(network, torch.from_numpy(windows)).numpy()
    assert result.eval_mse[-1] == pytest.approx(np.mean((made - VALUES[targets]) ** 2), rel=1e-4)
    assert len(result.eval_mse) == 3
    assert result.eval_mse != result.train_mse


@every_model
def test_measuring_changes_no_weight_and_counts_as_no_time_of_an_epoch(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = trained(task(model), tmp_path / "measured")
    clock = [0.0]

    def takes_long(*_: object) -> float:
        clock[0] += 100
        return 0.0

    monkeypatch.setattr("seqcompare.training.trial.error_of", takes_long)
    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    without = trained(task(model), tmp_path / "without")
    assert all((measured.weights[k] == without.weights[k]).all() for k in measured.weights)
    assert without.epoch_seconds == [0.0, 0.0, 0.0]


def test_without_a_validation_part_there_is_no_validation_error(tmp_path: Path) -> None:
    assert trained(task(), tmp_path).validation_mse == []


def test_a_validation_part_has_an_error_for_each_epoch(tmp_path: Path) -> None:
    assert len(trained(task(validation=10), tmp_path).validation_mse) == 3


def test_validation_changes_nothing_in_training(tmp_path: Path) -> None:
    # The same training targets, once with something to validate on behind them.
    with_part = task("transformer", validation=10)
    none = dataclasses.replace(with_part.parts, validation=range(90, 90))
    without = dataclasses.replace(with_part, parts=none)
    assert trained(with_part, tmp_path).train_mse == trained(without, tmp_path).train_mse


@every_model
@pytest.mark.parametrize("keep", ["last", "best"])
def test_the_weights_of_the_asked_epoch_are_kept(model: str, keep: str, tmp_path: Path) -> None:
    this = task(model, validation=10, learning_rate=0.1, keep=keep)
    result = trained(this, tmp_path / "all")
    errors = result.validation_mse
    lowest = errors.index(min(errors)) + 1
    assert lowest < 3  # or there would be nothing to tell apart
    epoch = lowest if keep == "best" else 3
    until = task(model, validation=10, learning_rate=0.1)
    there = fit(until, checkpoint_of(until, tmp_path / "there"), epoch)
    assert all((result.weights[k] == there.weights[k]).all() for k in result.weights)


@pytest.mark.parametrize(
    ("errors", "lowest"),
    [
        ([1.0], True),
        ([float("nan")], True),
        ([2.0, 1.0], True),
        ([1.0, 1.0], False),
        ([1.0, float("nan")], False),
        ([float("nan"), 1.0], True),
        ([1.0, float("nan"), 2.0], False),
    ],
)
def test_an_error_that_is_no_number_is_never_the_lowest_but_at_first(
    errors: list[float], lowest: bool
) -> None:
    assert last_is_lowest(errors) == lowest


def planned(model: str, **changes: Any) -> TrainingTask:
    split = Split(train=None, validation=0, test=20, folds=1)
    draws = Draws(np.arange(120.0), {None: VALUES})
    folds = cut_folds(120, 10, split, "none")
    return plan_trials(model, MODELS[model], training(**changes), 10, [0], draws, folds, "cpu")[0]


def test_a_model_is_trained_with_settings_of_its_own() -> None:
    own = {"transformer": {"learning_rate": 0.1, "epochs": 5}}
    assert planned("transformer", own=own).training == training(learning_rate=0.1, epochs=5)


def test_settings_of_one_model_change_no_trial_of_another() -> None:
    own = {"transformer": {"learning_rate": 0.1}}
    assert planned("lstm", own=own).fingerprint() == planned("lstm").fingerprint()


def test_trials_on_the_last_targets_see_no_other_windows(tmp_path: Path) -> None:
    few = dataclasses.replace(task(), parts=parts(train=30))
    other_past = few.values.copy()
    other_past[: 70 - 10] = 9.0  # before the first window
    changed = dataclasses.replace(few, values=other_past)
    assert same_result(trained(few, tmp_path), trained(changed, tmp_path))


@pytest.mark.parametrize("workers", [1, 2])
def test_the_number_of_workers_changes_nothing(workers: int, tmp_path: Path) -> None:
    tasks = [task("transformer", seed) for seed in range(3)]
    with LocalProcesses(workers) as executor:
        runs = train_all(tasks, executor, tmp_path / "workers", executor.parts(3))
    assert [run.seed for run in runs] == [0, 1, 2]
    for each, run in zip(tasks, runs, strict=True):
        assert same_result(run, trained(each, tmp_path / "here"))


class Dying(Executor):
    """Its worker dies at seed 1."""

    def submit(self, fn: Any, task: Any, *args: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if task.seed == 1:
            future.set_exception(WorkerDiedError("its process ended by signal 9 (SIGKILL)"))
        else:
            future.set_result(fn(task, *args))
        return future


class Recording(Executor):
    """Notes which seed is trained up to which epoch."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    def submit(self, fn: Any, task: Any, checkpoints: Any, until: Any, **_: Any) -> Future[Any]:
        self.calls.append((task.seed, until))
        future: Future[Any] = Future()
        future.set_result(fn(task, checkpoints, until))
        return future


def test_the_first_parts_of_all_runs_come_before_the_second_ones(tmp_path: Path) -> None:
    executor = Recording()
    train_all([task(seed=seed) for seed in range(3)], executor, tmp_path, parts=2)
    assert executor.calls == [(0, 1), (1, 1), (2, 1), (0, 3), (1, 3), (2, 3)]


def test_a_run_has_no_more_parts_than_epochs(tmp_path: Path) -> None:
    executor = Recording()
    train_all([task()], executor, tmp_path, parts=8)
    assert executor.calls == [(0, 1), (0, 2), (0, 3)]


def test_a_worker_that_dies_is_named_with_model_and_seed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"training lstm seed 1: its process ended by signal 9"):
        train_all([task(seed=seed) for seed in range(3)], Dying(), tmp_path)


def test_a_worker_that_dies_at_a_later_fold_is_named_with_it_too(tmp_path: Path) -> None:
    tasks = [dataclasses.replace(task(seed=seed), fold=2) for seed in range(2)]
    with pytest.raises(InputError, match=r"training lstm seed 1, fold 2: its process ended by"):
        train_all(tasks, Dying(), tmp_path)


def test_what_finished_before_a_worker_died_is_kept(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        train_all([task(seed=seed) for seed in range(3)], Dying(), tmp_path)
    kept = {folder.name[:11] for folder in tmp_path.iterdir()}
    assert kept == {"lstm-seed-0", "lstm-seed-2"}


def test_saved_results_leave_no_checkpoint(tmp_path: Path) -> None:
    tasks = [task(seed=seed) for seed in range(2)]
    for each in tasks:
        trained(each, tmp_path)
    forget_checkpoints(tasks, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_model_s_trials_record_their_device_threads_and_company(tmp_path: Path) -> None:
    tasks = [task(seed=seed) for seed in range(2)]
    with LocalProcesses(2) as executor:
        ran = how_trials_ran(tasks, train_all(tasks, executor, tmp_path), executor.workers)
    assert ran == {"device": "cpu", "threads_per_trial": 1, "trials_side_by_side": 2}


def test_the_first_epoch_which_warms_up_is_not_timed() -> None:
    run = TrainedModel(0, 0, {}, [1.0] * 3, [1.0] * 3, [], [100.0, 1.0, 3.0], 1)
    assert seconds_per_epoch([run]) == 2.0


def test_checkpoints_take_at_most_a_hundredth_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 1.0, 3.0, 202.9, 203.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    pace = Pace()
    assert pace.is_due()
    pace.measure(lambda: None)  # from second 1 to second 3
    assert not pace.is_due()
    assert pace.is_due()


def test_a_checkpoint_holds_every_random_stream() -> None:
    names = capture(start(task("transformer"), CPU)).keys()
    assert {f"streams.{name}" for name in ("torch", "order", "dropout")} <= names


def test_a_checkpoint_is_named_after_model_and_seed(tmp_path: Path) -> None:
    assert checkpoint_of(task(seed=3), tmp_path) == Checkpoint(
        tmp_path, "lstm-seed-3", task(seed=3).fingerprint()
    )


def test_a_checkpoint_of_a_later_fold_is_named_after_it_too(tmp_path: Path) -> None:
    later = dataclasses.replace(task(seed=3), fold=2)
    assert checkpoint_of(later, tmp_path).trial == "lstm-seed-3-fold-2"
    assert checkpoint_of(later, tmp_path).path != checkpoint_of(task(seed=3), tmp_path).path


class LastValue(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, -1] * self.weight


def megabytes_of_an_epoch(count: int, seq_len: int, batch_size: int) -> float:
    windows = torch.zeros(count + seq_len - 1).unfold(0, seq_len, 1)
    network = LastValue()
    optimizer = Adam(network.parameters())
    step = make_step(network, optimizer, torch.Generator())
    trial = Trial(network, optimizer, step, {"order": torch.Generator()})
    before = peak_bytes(torch.device("cpu"))
    train_epoch(trial, Samples(windows, torch.zeros(count)), training(batch_size=batch_size))
    after = peak_bytes(torch.device("cpu"))
    assert before is not None
    assert after is not None
    return (after - before) / 1e6


def test_long_windows_of_a_long_series_never_lie_in_memory_all_at_once() -> None:
    with LocalProcesses(1) as executor:
        took = executor.submit(megabytes_of_an_epoch, 20_000, 5_000, 500).result()
    assert took < 100  # all windows would take 400, those of a batch take 10


def diverged_to(value: float, where: str) -> TrainedModel:
    model = TrainedModel(0, 0, {"w": np.zeros(2, np.float32)}, [1.0], [1.0], [1.0], [0.1], 1)
    if where == "weights":
        return dataclasses.replace(model, weights={"w": np.array([0, value], np.float32)})
    return dataclasses.replace(model, **{where: [value]})


@pytest.mark.parametrize("where", ["train_mse", "eval_mse", "validation_mse", "weights"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_diverged_trial_is_an_error_that_names_the_key_to_change(
    where: str, value: float
) -> None:
    sound = diverged_to(0.0, "train_mse")
    check_converged([sound], "lstm", training())
    with pytest.raises(InputError) as caught:
        check_converged([sound, diverged_to(value, where)], "lstm", training())
    assert str(caught.value) == (
        "params.yaml: training.learning_rate is 0.01, with which 1 of 2 trials of lstm diverged "
        "(seed 0): lower it"
    )


def test_a_diverged_trial_of_a_model_with_a_learning_rate_of_its_own_names_that_key() -> None:
    own = training(own={"lstm": {"learning_rate": 9.0}})
    with pytest.raises(
        InputError, match=r"^params\.yaml: training\.own\.lstm\.learning_rate is 9,"
    ):
        check_converged([diverged_to(float("nan"), "train_mse")] * 5, "lstm", own)
