"""The schedule: torch's own cosine, without a state."""

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from seqcompare.core.sections.training import Training
from seqcompare.training.optimizer import Adam
from seqcompare.training.schedule import learning_rate
from seqcompare.training.state import Trial
from seqcompare.training.step import make_step
from seqcompare.training.trial import Samples, train_epoch

STEPS_PER_EPOCH, EPOCHS = 4, 3


def training(schedule: str) -> Training:
    return Training.model_validate(
        {
            "epochs": EPOCHS,
            "batch_size": 5,
            "learning_rate": 0.01,
            "schedule": schedule,
            "precision": "float32",
            "keep": "last",
            "own": {},
        }
    )


def test_a_constant_rate_is_the_given_one_at_every_step() -> None:
    assert {learning_rate(training("constant"), step, 12) for step in range(12)} == {0.01}


def test_a_cosine_starts_at_the_given_rate_and_falls_towards_0() -> None:
    rates = [learning_rate(training("cosine"), step, 12) for step in range(13)]
    assert rates[0] == 0.01
    assert rates == sorted(rates, reverse=True)
    assert rates[6] == pytest.approx(0.005)
    assert 0 < rates[11] < 0.0002
    assert rates[12] == 0


def test_a_trial_with_a_cosine_takes_the_steps_of_torchs_own() -> None:
    torch.manual_seed(0)
    ours, torchs = (nn.Linear(7, 1) for _ in range(2))
    torchs.load_state_dict(ours.state_dict())
    samples = Samples(torch.randn(18, 7), torch.randn(18, 1))  # the last batch is smaller
    adam = Adam(ours.parameters())
    step = make_step(ours, adam, torch.Generator())
    trial = Trial(ours, adam, step, {"order": torch.Generator().manual_seed(0)})
    order = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(torchs.parameters(), 0.01)
    scheduler = CosineAnnealingLR(optimizer, T_max=EPOCHS * STEPS_PER_EPOCH)
    for _ in range(EPOCHS):
        trial.train_mse.append(train_epoch(trial, samples, training("cosine")))
        batches = torch.split(torch.randperm(18, generator=order), 5)
        assert len(batches) == STEPS_PER_EPOCH
        for batch in batches:
            optimizer.zero_grad()
            nn.functional.mse_loss(torchs(samples.inputs[batch]), samples.targets[batch]).backward()
            optimizer.step()
            scheduler.step()
    for a, b in zip(ours.parameters(), torchs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)
