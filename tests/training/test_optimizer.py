"""Adam takes torch's own steps, and goes on from a saved state."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn

from seqcompare.training.optimizer import Adam


def test_adam_takes_torchs_own_steps_to_the_byte() -> None:
    torch.manual_seed(0)
    ours, torchs = (nn.Linear(7, 3) for _ in range(2))
    torchs.load_state_dict(ours.state_dict())
    fast = Adam(ours.parameters())
    slow = torch.optim.Adam(torchs.parameters(), 0.01, fused=True)
    steps: list[Callable[[], object]] = [lambda: fast.step(0.01), slow.step]
    for seed in range(5):
        x = torch.randn(4, 7, generator=torch.Generator().manual_seed(seed))
        for network, optimizer, step in zip((ours, torchs), (fast, slow), steps, strict=True):
            optimizer.zero_grad()
            network(x).square().mean().backward()
            step()
    for a, b in zip(ours.parameters(), torchs.parameters(), strict=True):
        assert torch.equal(a, b)


def test_adam_goes_on_from_a_saved_state_as_if_nothing_had_happened() -> None:
    def steps(network: nn.Module, optimizer: Adam, count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            network(torch.ones(1, 7)).square().mean().backward()
            optimizer.step(0.01)

    torch.manual_seed(0)
    network = nn.Linear(7, 3)
    optimizer = Adam(network.parameters())
    steps(network, optimizer, 3)
    other = copy.deepcopy(network)
    resumed = Adam(other.parameters())
    resumed.load({name: tensor.clone() for name, tensor in optimizer.state.items()})
    steps(network, optimizer, 3)
    steps(other, resumed, 3)
    assert torch.equal(network.weight, other.weight)


def test_adam_refuses_a_parameter_without_a_gradient() -> None:
    with pytest.raises(RuntimeError, match="no gradient"):
        Adam(nn.Linear(2, 2).parameters()).step(0.01)
