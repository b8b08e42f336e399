"""Training on a GPU: what it does on a CPU, and the same bytes every time."""

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from small_trials import (
    CPU,
    MODELS,
    every_model,
    gradients,
    killed_and_not,
    same_result,
    task,
    trained,
)

from seqcompare.execution.devices import make_deterministic
from seqcompare.execution.workers import local_workers
from seqcompare.training.step import Adam, RecordedStep, make_step
from seqcompare.training.trial import TrialTask, start
from seqcompare.training.trials import train_all

pytestmark = pytest.mark.cuda
CUDA = torch.device("cuda:0")


@pytest.fixture(autouse=True)
def as_in_a_worker(torch_as_it_was: None) -> None:
    make_deterministic(CUDA)


def on_cuda(model: str, seed: int = 0, **changes: Any) -> TrialTask:
    return dataclasses.replace(task(model, seed, **changes), device=str(CUDA))


@every_model
@pytest.mark.parametrize(("precision", "most"), [("float32", 1e-4), ("bfloat16", 0.1)])
def test_gradients_are_those_of_the_cpu_up_to_rounding(
    model: str, precision: str, most: float
) -> None:
    settings = {key: 0.0 if key == "dropout" else value for key, value in MODELS[model].items()}
    of = partial(dataclasses.replace, settings=settings)  # no two devices drop the same values
    exact = gradients(of(task(model)), CPU)
    found = gradients(of(task(model, precision=precision)), CUDA)
    assert exact.keys() == found.keys()
    for name, gradient in found.items():
        assert (gradient - exact[name]).norm() < most * exact[name].norm(), name


@every_model
@pytest.mark.parametrize("keep", ["last", "best", "mean"])
def test_a_trial_that_was_killed_ends_in_the_same_bytes(
    model: str, keep: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    this = on_cuda(model, validation=10, keep=keep, tested_epochs=3, learning_rate=0.1)
    assert same_result(*killed_and_not(this, tmp_path, monkeypatch))


@every_model
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_recorded_steps_give_the_same_bytes_as_steps_that_are_not(
    model: str, precision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    this = on_cuda(model, precision=precision, schedule="cosine")  # batches of 16, and one of 10
    recorded = trained(this, tmp_path / "recorded")
    monkeypatch.setattr("seqcompare.training.step.has_static_graph", lambda _: False)
    assert same_result(recorded, trained(this, tmp_path / "not recorded"))
    assert recorded.train_mse[-1] < recorded.train_mse[0]


def test_only_a_network_that_states_a_static_graph_is_recorded() -> None:
    network = torch.nn.Linear(10, 1).to(CUDA)
    for states_it in (False, True):
        network.static_graph = states_it  # type: ignore[assignment]
        step = make_step(network, Adam(network.parameters()), torch.Generator(CUDA))
        assert isinstance(step, RecordedStep) == states_it


def test_a_layer_that_draws_from_torchs_default_stream_has_the_trials_seed() -> None:
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
    for count in (1, 2):
        with local_workers(count, "cuda") as workers:
            results.append(train_all(tasks, workers, tmp_path / str(count)))
    assert all(map(same_result, *results))
