"""Training on a GPU: steps that are recorded, and its own stream of random numbers."""

from pathlib import Path

import pytest
import torch
from small_trials import every_model, same_result, task, trained

from seqcompare.execution.devices import make_deterministic
from seqcompare.training.step import Adam, RecordedStep, make_step
from seqcompare.training.trial import start

pytestmark = pytest.mark.cuda
CUDA = torch.device("cuda:0")


@pytest.fixture(autouse=True)
def as_in_a_worker(torch_as_it_was: None) -> None:
    make_deterministic(CUDA)


@every_model
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_recorded_steps_give_the_same_bytes_as_steps_that_are_not(
    model: str, precision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    this = task(model, device=str(CUDA), precision=precision, schedule="cosine")
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
    this = task(device=str(CUDA))
    streams = start(this, CUDA).streams
    first = torch.rand(4, device=CUDA)
    torch.rand(4, device=CUDA)
    assert streams.keys() == {"torch", "order", "dropout", "torch_on_device"}
    start(this, CUDA)
    assert torch.equal(first, torch.rand(4, device=CUDA))
