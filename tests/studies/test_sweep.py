"""Sweeps: what runs at which point, each run once, the same table whatever came before."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import SMALL, Project, default_settings, merged, new_project

from seqcompare.core.errors import InputError, WorkerDiedError
from seqcompare.core.params import Params
from seqcompare.core.schema import checked
from seqcompare.core.types import Floats
from seqcompare.studies.sweep import trials as sweep
from seqcompare.studies.sweep.ledger import Ledger
from seqcompare.studies.sweep.trials import (
    Experiment,
    SweepResult,
    SweepTrial,
    completed,
    experiment_at,
    plan,
    results_table,
    run_sweep,
    run_trial,
)
from seqcompare.training.trial import TrainingTask, capture, checkpoint_of, start

pytestmark = pytest.mark.usefixtures("torch_as_it_was")


class Here(Executor):
    """Calls at once, in this process, and remembers them."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.calls.append(args)
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def params(**changes: Any) -> Params:
    settings = merged(merged(default_settings(), SMALL), changes)
    return checked(Params, settings, "params.yaml")


def trials_of(**changes: Any) -> list[SweepTrial]:
    grid = changes.pop("grid", {"seq_len": [4, 8]})
    settings = merged(merged(default_settings(), SMALL), changes)
    settings["sweep"]["grid"] = grid
    read = checked(Params, settings, "params.yaml")
    base = Experiment(**{name: getattr(read, name) for name in Experiment.model_fields})
    return plan(base, read.sweep, "cpu")


def test_every_model_and_seed_runs_at_every_point() -> None:
    names = [trial.name() for trial in trials_of()]
    assert names == [
        f"seq_len={seq_len} {model} seed={seed}"
        for seq_len in (4, 8)
        for model in ("lstm", "transformer")
        for seed in (0, 1)
    ]


@pytest.mark.parametrize(
    "grid", [{"training.learning_rate": [0.1, 0.2]}, {"training": {"learning_rate": [0.1, 0.2]}}]
)
def test_a_key_of_the_grid_may_stand_in_its_section_or_with_dots(grid: dict[str, Any]) -> None:
    trials = trials_of(grid=grid)
    assert {trial.task.training.learning_rate for trial in trials} == {0.1, 0.2}
    assert set(trials[0].point) == {"training.learning_rate"}


def test_a_sweep_may_vary_the_series_itself() -> None:
    one, *_, other = trials_of(grid={"data.noise": [0.0, 1.0]})
    assert (one.task.values != other.task.values).any()
    assert (one.values != other.values).any()
    assert len(one.values) == SMALL["data"]["size"]


def test_a_sweep_may_vary_how_much_is_trained_on() -> None:
    few, everything = (trials_of(grid={"split.train": [n]})[0].task for n in (30, None))
    assert few.parts.train == everything.parts.train[-30:]
    assert few.parts.test == everything.parts.test


def test_a_sweep_trains_a_model_with_settings_of_its_own() -> None:
    trials = trials_of(training={"own": {"lstm": {"learning_rate": 0.1}}})
    rates = {(trial.task.model, trial.task.training.learning_rate) for trial in trials}
    assert rates == {("lstm", 0.1), ("transformer", 0.001)}


@pytest.mark.parametrize("folds", [1, 2])
def test_a_run_is_tested_on_values_that_it_was_not_trained_on(folds: int) -> None:
    (trial,) = trials_of(
        grid={"seq_len": [4]}, models={"transformer": None}, sweep={"seeds": [0]},
        split={"folds": folds},
    )  # fmt: skip
    tested = [position for task in trial.tasks for position in task.parts.test]
    assert len(trial.tasks) == folds
    assert tested == list(range(SMALL["data"]["size"]))[-SMALL["split"]["test"] :]
    for task in trial.tasks:
        assert len(task.values) == task.parts.test.start
        assert (task.values == trial.values[: task.parts.test.start]).all()


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        ({}, "sweep.grid is {}: "),
        ({"seq_len": 20}, "sweep.grid.seq_len is 20: give a list of values, like [20, 50]"),
        ({"seq_len": []}, "sweep.grid.seq_len is []: give a list"),
        ({"seq_len": [[4]]}, "sweep.grid.seq_len is [[4]]: give a list"),
        ({"seq_len": [4, 4]}, "sweep.grid.seq_len is [4, 4]: each may stand there once"),
        ({"seq_len": [4, 80]}, "sweep.grid at seq_len=80: params.yaml: seq_len is 80, but the"),
        ({"seq_len": [4, "x"]}, "sweep.grid at seq_len=x: params.yaml: seq_len is 'x': Input"),
        ({"seqlen": [4]}, "seqlen is nothing that a trial depends on: those are below"),
        ({"training.keep": ["best"]}, "params.yaml: training.keep is best, but split.validation"),
        ({"split.train": [None, 99]}, "sweep.grid at split.train=99: params.yaml: split.train is"),
        ({"training.epoch": [4]}, "training.epoch is nothing that a trial depends on"),
        ({"evaluation.horizon": [1]}, "evaluation.horizon is nothing that a trial"),
        ({"models.transformer.nhead": [3]}, "models.transformer.nhead=3: params.yaml: models."),
    ],
)
def test_a_mistake_in_the_grid_is_one_line_that_names_it(grid: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        trials_of(grid=grid)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_repeated_seed_is_refused() -> None:
    with pytest.raises(InputError, match=r"sweep.seeds is \[1, 1\]: each may stand there once"):
        params(sweep={"seeds": [1, 1]})


def test_changed_params_are_checked_like_those_of_the_file() -> None:
    base = Experiment(**{name: getattr(params(), name) for name in Experiment.model_fields})
    assert experiment_at(base, {"split.test": 30}).split.test == 30
    with pytest.raises(InputError, match=r"training.epochs is 0: Input should be greater than 0"):
        experiment_at(base, {"training.epochs": 0})


def test_what_is_done_is_not_done_again_and_the_table_is_the_same(tmp_path: Path) -> None:
    ledger, first, second, third = Ledger(tmp_path / "trials.txt"), Here(), Here(), Here()
    trials = trials_of(grid={"seq_len": [4]}, sweep={"seeds": [0, 1]})
    table = results_table(trials, run_sweep(trials, first, tmp_path / "c", ledger))
    again = results_table(trials, run_sweep(trials, second, tmp_path / "c", ledger))
    assert (len(first.calls), len(second.calls)) == (4, 0)
    assert json.dumps(again) == json.dumps(table)
    other = trials_of(
        grid={"seq_len": [4]}, split={"test": 41}
    )  # the same length, other test values
    run_sweep(other, third, tmp_path / "c", ledger)
    assert len(third.calls) == 4


def test_a_trial_of_several_folds_is_tested_once_on_every_value_by_the_fold_before_it(
    tmp_path: Path,
) -> None:
    (trial,) = trials_of(
        grid={"seq_len": [4]}, models={"transformer": None}, sweep={"seeds": [0]},
        split={"folds": 2},
    )  # fmt: skip
    both = run_trial(trial.tasks, trial.values, tmp_path / "c")
    alone = [run_trial([task], trial.values, tmp_path / "c") for task in trial.tasks]
    assert both.test_mse == pytest.approx(sum(each.test_mse for each in alone) / 2)
    assert both.train_mse == alone[1].train_mse
    assert both.weights_sha256 not in {each.weights_sha256 for each in alone}
    assert alone[0].weights_sha256 != alone[1].weights_sha256


def test_points_that_are_the_same_run_are_trained_once(tmp_path: Path) -> None:
    here = Here()
    trials = trials_of(grid={"models.lstm.hidden_size": [4, 8]}, sweep={"seeds": [0]})
    results = run_sweep(trials, here, tmp_path / "c", Ledger(tmp_path / "trials.txt"))
    assert [trial.task.model for trial in trials] == ["lstm", "transformer"] * 2
    assert len(here.calls) == 3
    assert results[1] == results[3]


def test_a_run_whose_worker_dies_loses_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = trials_of(grid={"seq_len": [4]}, sweep={"seeds": [0]})
    real = sweep.run_trial

    def dies_at_lstm(
        tasks: Sequence[TrainingTask], values: Floats, checkpoints: Path
    ) -> SweepResult:
        if tasks[0].model == "lstm":
            raise WorkerDiedError("its process ended by signal 9 (SIGKILL)")
        return real(tasks, values, checkpoints)

    ledger = Ledger(tmp_path / "trials.txt")
    monkeypatch.setattr(sweep, "run_trial", dies_at_lstm)
    with pytest.raises(InputError, match=r"^seq_len=4 lstm seed=0: its process .* is kept, `make"):
        run_sweep(trials, Here(), tmp_path / "c", ledger)
    assert len(ledger.load()) == 1


def test_runs_leave_no_checkpoint_behind(tmp_path: Path) -> None:
    trials = trials_of(grid={"seq_len": [4]}, sweep={"seeds": [0]})
    run_sweep(trials, Here(), tmp_path / "c", Ledger(tmp_path / "trials.txt"))
    assert list((tmp_path / "c").iterdir()) == []


def test_a_run_that_ends_leaves_the_checkpoints_of_other_points_alone(tmp_path: Path) -> None:
    checkpoints = tmp_path / "c"
    first, second = trials_of(sweep={"seeds": [0]})[::2]  # the same model and seed
    half_done = checkpoint_of(first.task, checkpoints / "sweep-other")
    half_done.save(capture(start(first.task, torch.device("cpu"))))
    run_trial(second.tasks, second.values, checkpoints)
    assert half_done.load() is not None


def test_calls_are_handed_over_only_as_earlier_ones_are_done() -> None:
    taken = []

    def calls() -> Iterator[tuple[int, tuple[int, ...]]]:
        for number in range(20):
            taken.append(number)
            yield number, (number,)

    with ThreadPoolExecutor(2) as executor:
        results = {}
        for label, future in completed(executor, lambda n: n * n, calls(), in_flight=3):
            results[label] = future.result()
            assert len(taken) <= len(results) + 3
    assert results == {n: n * n for n in range(20)}


@pytest.fixture
def swept(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "project")
    project.run("dvc", "repro", "sweep/dvc.yaml")
    return project


@pytest.mark.slow
def test_the_pipeline_of_a_sweep_runs_once_and_comes_back_without_training(swept: Project) -> None:
    table = swept.read("reports/sweep.csv")
    seconds = swept.read("reports/sweep_seconds.csv")
    assert table.splitlines()[0] == b"seq_len,model,seed,test_mse,train_mse"
    assert len(table.splitlines()) == 1 + 2 * 2 * 2
    assert swept.read("reports/sweep.png").startswith(b"\x89PNG")
    assert "Running" not in swept.run("dvc", "repro", "sweep/dvc.yaml").stdout
    for name in ("reports/sweep.csv", "reports/sweep_seconds.csv", "sweep/dvc.lock"):
        (swept.path / name).unlink()
    assert "known from before" in swept.run("dvc", "repro", "sweep/dvc.yaml").stderr
    assert swept.read("reports/sweep.csv") == table
    assert swept.read("reports/sweep_seconds.csv") == seconds


@pytest.mark.slow
def test_a_sweep_trains_what_the_pipeline_trains(swept: Project) -> None:
    swept.change_params(sweep={"grid": {"seq_len": [20]}})
    swept.run("dvc", "repro", "sweep/dvc.yaml")
    swept.run("dvc", "repro", "evaluate")
    metrics = json.loads(swept.read("reports/metrics.json"))
    for model in ("lstm", "transformer"):
        rows = [line.split(",") for line in swept.read("reports/sweep.csv").decode().splitlines()]
        mses = [float(row[3]) for row in rows if row[1] == model]
        assert sum(mses) / len(mses) == pytest.approx(metrics[model]["mse"], rel=1e-5)


@pytest.mark.slow
def test_a_bad_point_leaves_the_last_table_in_place(swept: Project) -> None:
    table = swept.read("reports/sweep.csv")
    failed = swept.run(
        "dvc", "exp", "run", "sweep/dvc.yaml", "-S", "sweep.grid.seq_len=[4,80]", check=False
    )
    assert "error: sweep.grid at seq_len=80: params.yaml: seq_len is 80" in failed.stderr
    assert swept.read("reports/sweep.csv") == table
