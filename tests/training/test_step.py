"""A training step: torch's own Adam and cosine, and products in bfloat16."""

import copy
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from small_trials import CPU, CUDA, MODELS, every_model, gradients, needs_bfloat16, recipe, task
from small_trials import trained as trained_in
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from seqcompare.execution.devices import make_deterministic
from seqcompare.training.step import Adam, RecordedStep, learning_rate, make_step
from seqcompare.training.trial import Trial, train_epoch


@pytest.fixture(autouse=True)
def as_in_a_worker(torch_as_it_was: None) -> None:
    make_deterministic(CPU)


def two_networks() -> tuple[nn.Linear, nn.Linear]:
    """Of the same weights."""
    network = nn.Linear(7, 1)
    return network, copy.deepcopy(network)


def test_adam_takes_torchs_own_steps_to_the_byte() -> None:
    ours, torchs = two_networks()
    fast, slow = Adam(ours.parameters()), torch.optim.Adam(torchs.parameters(), 0.01, fused=True)
    for x in torch.randn(5, 4, 7):
        for network, adam, rates in ((ours, fast, [0.01]), (torchs, slow, [])):
            adam.zero_grad()
            network(x).square().mean().backward()
            adam.step(*rates)
    assert all(map(torch.equal, ours.parameters(), torchs.parameters()))


def test_a_constant_rate_stays() -> None:
    assert {learning_rate(recipe(), step, 12) for step in range(12)} == {0.01}


def test_a_trial_with_a_cosine_takes_the_steps_of_torchs_own() -> None:
    ours, torchs = two_networks()
    inputs, targets = torch.randn(18, 7), torch.randn(18, 1)
    adam, order = Adam(ours.parameters()), torch.Generator().manual_seed(0)
    trial = Trial(ours, adam, make_step(ours, adam, order), {"order": order.clone_state()})
    optimizer = torch.optim.Adam(torchs.parameters(), 0.01)
    scheduler = CosineAnnealingLR(optimizer, T_max=3 * 4)
    for _ in range(3):
        cosine = recipe(schedule="cosine", epochs=3, batch_size=5)
        trial.records["train_mse"].append(train_epoch(trial, (inputs, targets), cosine))
        batches = torch.split(torch.randperm(18, generator=order), 5)  # 4, the last is smaller
        for batch in batches:
            optimizer.zero_grad()
            nn.functional.mse_loss(torchs(inputs[batch]), targets[batch]).backward()
            optimizer.step()
            scheduler.step()
    for a, b in zip(ours.parameters(), torchs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("device", "precision", "most"),
    [
        pytest.param("cpu", "bfloat16", 0.1, marks=needs_bfloat16),
        pytest.param("cuda:0", "bfloat16", 0.1, marks=pytest.mark.cuda),
        pytest.param("cuda:0", "float32", 1e-4, marks=pytest.mark.cuda),
    ],
)
@every_model
def test_gradients_are_those_of_32_bits_on_a_cpu_up_to_rounding(
    model: str, device: str, precision: str, most: float
) -> None:
    make_deterministic(torch.device(device))
    settings = {key: 0.0 if key == "dropout" else value for key, value in MODELS[model].items()}
    of = partial(replace, settings=settings)  # no two devices drop the same values
    exact = gradients(of(task(model)))
    rounded = gradients(of(task(model, device=device, precision=precision)))
    assert exact.keys() == rounded.keys()
    for name, gradient in rounded.items():
        assert gradient.dtype == torch.float32
        assert (gradient - exact[name]).norm() < most * exact[name].norm(), name
    assert any(not torch.equal(exact[name], rounded[name]) for name in exact)


@needs_bfloat16
@every_model
def test_weights_and_errors_are_kept_in_32_bits(model: str, tmp_path: Path) -> None:
    result = trained_in(task(model, precision="bfloat16", epochs=30), tmp_path)
    assert {tensor.dtype.name for tensor in result.weights.values()} == {"float32"}
    assert result.train_mse[-1] < result.train_mse[0] / 5


@pytest.mark.cuda
def test_only_a_network_that_states_a_static_graph_is_recorded() -> None:
    network = torch.nn.Linear(10, 1).to(CUDA)
    for states_it in (False, True):
        network.static_graph = states_it  # type: ignore[assignment]
        step = make_step(network, Adam(network.parameters()), torch.Generator(CUDA))
        assert isinstance(step, RecordedStep) == states_it
