"""Small trials for tests: a few seconds of a sine, networks of a few units."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import small_params
from torch import Tensor

from seqcompare.core.params import Params, Recipe, Split, merged
from seqcompare.data.windows import Fold, Scale
from seqcompare.execution.devices import bfloat16_instructions
from seqcompare.training.step import Adam, training_step
from seqcompare.training.trial import OnEpoch, TrainedTrial, TrialTask, fit, samples, start

CPU, CUDA = torch.device("cpu"), torch.device("cuda:0")
VALUES = np.sin(np.linspace(0, 12, 120))
MODELS: dict[str, dict[str, Any]] = {
    "lstm": {"hidden_size": 8, "num_layers": 2},
    "transformer": {
        "d_model": 8, "nhead": 2, "num_layers": 2, "dim_feedforward": 16, "dropout": 0.1,
        "positions": "learned",
    },
}  # fmt: skip
# oneDNN has no LSTM in bfloat16 for a CPU without the instructions, for which users get one line.
needs_bfloat16 = pytest.mark.skipif(
    bfloat16_instructions() is None, reason="this CPU has no instructions for bfloat16"
)
every_model = pytest.mark.parametrize("model", sorted(MODELS))
every_device = pytest.mark.parametrize(
    "device", ["cpu", pytest.param("cuda:0", marks=pytest.mark.cuda)]
)


def recipe(**changes: Any) -> Recipe:
    return Recipe.model_validate(
        {
            "epochs": 3, "batch_size": 16, "learning_rate": 0.01, "schedule": "constant",
            "keep": "last", "tested_epochs": 1, "precision": "float32", **changes,
        }
    )  # fmt: skip


def fold(validation: int = 0, train: int | None = None, scale: Scale | None = None) -> Fold:
    split = Split(train=train, validation=validation, test=20, folds=1)
    return Fold(*split.targets(len(VALUES), 10)[0], scale or Scale(0.0, 1.0, "none"))


def task(
    model: str = "lstm", seed: int = 0, validation: int = 0, device: str = "cpu", **changes: Any
) -> TrialTask:
    """changes: of the recipe."""
    return TrialTask(
        model=model, settings=MODELS[model], recipe=recipe(**changes), series=str(seed), seed=seed,
        fold=0, seq_len=10, values=VALUES[:100], split=fold(validation), device=device,
    )  # fmt: skip


def params(**changes: Any) -> Params:
    """Of whole trials that equal `task`, on as many series as seeds."""
    sections: dict[str, Any] = {
        "seq_len": 10, "split": {"test": 20},
        "training": {"epochs": 3, "batch_size": 16, "learning_rate": 0.01},
        "evaluation": {"horizon": 1, "confidence": 0.8},  # of which so few test targets allow
    }  # fmt: skip
    return small_params(**merged(sections, changes))


def trained(task: TrialTask, folder: Path, on_epoch: OnEpoch = lambda _: None) -> TrainedTrial:
    return fit(task, task.checkpoint(folder), task.recipe.epochs, on_epoch)


def same_weights(one: TrainedTrial, other: TrainedTrial) -> bool:
    return one.weights.keys() == other.weights.keys() and all(
        one.weights[name].tobytes() == other.weights[name].tobytes() for name in one.weights
    )


def same_result(one: TrainedTrial, other: TrainedTrial) -> bool:
    """All but the seconds."""
    without = (dataclasses.replace(each, weights={}, epoch_seconds=[]) for each in (one, other))
    return same_weights(one, other) and len({repr(each) for each in without}) == 1


def gradients(task: TrialTask) -> dict[str, Tensor]:
    """Of every parameter after the first step, on the CPU."""
    device = torch.device(task.device)
    trial = start(task, device)
    inputs, targets = samples(task, task.split.train, device)
    network, precision = trial.network.train(), task.recipe.precision
    training_step(network, Adam(network.parameters()), precision, inputs, targets, 0.0)
    return {k: p.grad.cpu() for k, p in trial.network.named_parameters() if p.grad is not None}
