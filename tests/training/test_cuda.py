"""Training on a GPU: what it does on a CPU, and the same bytes every time."""

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from test_trial import (
    CPU,
    MODELS,
    every_model,
    gradients,
    killed_and_not,
    same_result,
    task,
    trained,
)

from seqcompare import models
from seqcompare.core.sections.executor import Executor
from seqcompare.execution.devices import make_deterministic
from seqcompare.execution.executor import open_executor
from seqcompare.training.optimizer import Adam
from seqcompare.training.step import RecordedStep, make_step
from seqcompare.training.trial import TrainingTask, start
from seqcompare.training.trials import train_all

pytestmark = pytest.mark.cuda
CUDA = torch.device("cuda:0")
every_precision = pytest.mark.parametrize("precision", ["float32", "bfloat16"])


@pytest.fixture(autouse=True)
def as_in_a_worker(torch_as_it_was: None) -> None:  # noqa: ARG001
    make_deterministic(CUDA)


def on_cuda(model: str, seed: int = 0, **changes: Any) -> TrainingTask:
    return dataclasses.replace(task(model, seed, **changes), device=str(CUDA))


@every_model
@pytest.mark.parametrize(("precision", "most"), [("float32", 1e-4), ("bfloat16", 0.1)])
def test_gradients_are_those_of_the_cpu_up_to_rounding(
    model: str, precision: str, most: float
) -> None:
    without = {key: 0.0 if key == "dropout" else value for key, value in MODELS[model].items()}
    of = partial(dataclasses.replace, settings=without)  # no two devices drop the same values
    exact = gradients(of(task(model)), CPU)
    found = gradients(of(task(model, precision=precision)), CUDA)
    assert exact.keys() == found.keys()
    for name, gradient in found.items():
        assert (gradient - exact[name]).norm() < most * exact[name].norm(), name


@every_model
def test_predictions_are_those_of_the_cpu_up_to_rounding(model: str) -> None:
    network = models.build(model, MODELS[model], 10)
    windows = torch.randn(50, 10, generator=torch.Generator().manual_seed(0))
    there = models.predict(network, windows)
    torch.testing.assert_close(models.predict(network.to(CUDA), windows.to(CUDA)).cpu(), there)


@every_model
@every_precision
def test_the_same_task_gives_the_same_bytes(model: str, precision: str, tmp_path: Path) -> None:
    this = on_cuda(model, precision=precision)
    one, other = (trained(this, tmp_path / name) for name in ("one", "other"))
    assert same_result(one, other)


@every_model
@every_precision
def test_training_lowers_the_error(model: str, precision: str, tmp_path: Path) -> None:
    history = trained(on_cuda(model, precision=precision, epochs=30), tmp_path).train_mse
    assert history[-1] < history[0] / 5


@every_model
@pytest.mark.parametrize("keep", ["last", "best"])
def test_a_trial_that_was_killed_ends_in_the_same_bytes(
    model: str, keep: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    this = on_cuda(model, validation=10, keep=keep, learning_rate=0.1)
    assert same_result(*killed_and_not(this, tmp_path, monkeypatch))


@every_model
@every_precision
def test_recorded_steps_give_the_same_bytes_as_steps_that_are_not(
    model: str, precision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    this = on_cuda(model, precision=precision, schedule="cosine")  # batches of 16, and one of 10
    recorded = trained(this, tmp_path / "recorded")
    monkeypatch.setattr(RecordedStep, "_record", lambda *_: None)
    assert same_result(recorded, trained(this, tmp_path / "not recorded"))


def test_a_network_that_does_not_say_that_its_steps_are_alike_is_never_recorded() -> None:
    dropout = torch.Generator(CUDA)
    network = torch.nn.Linear(10, 1).to(CUDA)
    assert not isinstance(make_step(network, Adam(network.parameters()), dropout), RecordedStep)
    network.static_graph = True  # type: ignore[assignment]
    assert isinstance(make_step(network, Adam(network.parameters()), dropout), RecordedStep)


def test_a_layer_that_draws_from_torchs_own_stream_has_the_trials_seed() -> None:
    this = on_cuda("lstm")
    streams = start(this, CUDA).streams
    first = torch.rand(4, device=CUDA)
    torch.rand(4, device=CUDA)
    assert streams.keys() == {"torch", "order", "dropout", "torch_on_device"}
    start(this, CUDA)
    assert torch.equal(first, torch.rand(4, device=CUDA))


@every_model
def test_workers_that_share_the_gpu_change_no_byte(model: str, tmp_path: Path) -> None:
    tasks = [on_cuda(model, seed) for seed in (0, 1, 2)]
    results = []
    for workers in (1, 3):
        settings = Executor(kind="local", workers=workers, address=None)
        with open_executor("cuda", settings, len(tasks)) as executor:
            results.append(train_all(tasks, executor, tmp_path / str(workers), parts=2))
    assert all(map(same_result, *results))
