"""State of a trial while it trains, taken apart into the tensors of a checkpoint and put back."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from seqcompare.training.checkpoint import State
from seqcompare.training.optimizer import Adam
from seqcompare.training.step import Step

RECORDS = ("train_mse", "eval_mse", "validation_mse", "epoch_seconds")


@dataclass
class Trial:
    """The whole state of a trial while it trains."""

    network: nn.Module
    optimizer: Adam
    step: Step  # of both
    streams: dict[str, torch.Generator]  # what is random, each from its own seed
    train_mse: list[float] = field(default_factory=list)
    eval_mse: list[float] = field(default_factory=list)
    validation_mse: list[float] = field(default_factory=list)
    epoch_seconds: list[float] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)  # weights, where the best are kept

    @property
    def epoch(self) -> int:
        return len(self.train_mse)


def capture(trial: Trial) -> State:
    """All that `restore` needs to go on as if nothing had happened."""
    records = {name: torch.tensor(getattr(trial, name), dtype=torch.float64) for name in RECORDS}
    streams = {name: stream.get_state() for name, stream in trial.streams.items()}
    parts = {
        "network": trial.network.state_dict(),
        "optimizer": trial.optimizer.state,
        "streams": streams,
        "records": records,
        "best": trial.best,
    }
    return {
        f"{part}.{name}": tensor
        for part, tensors in parts.items()
        for name, tensor in tensors.items()
    }


def restore(trial: Trial, state: State) -> None:
    """Bring a trial that has just started to where another one was captured.

    Raises LookupError, RuntimeError, TypeError or ValueError for a state of something else.
    """

    def part(name: str) -> dict[str, Tensor]:
        prefix = f"{name}."
        return {
            key.removeprefix(prefix): tensor
            for key, tensor in state.items()
            if key.startswith(prefix)
        }

    check_like(part("optimizer"), trial.optimizer.state)
    trial.network.load_state_dict(part("network"))
    trial.optimizer.load(part("optimizer"))
    streams, records = part("streams"), part("records")
    for name, stream in trial.streams.items():
        stream.set_state(streams[name])
    for name in RECORDS:
        getattr(trial, name).extend(map(float, records[name]))
    trial.best = part("best")
    if trial.best:
        check_like(trial.best, trial.network.state_dict())


def check_like(found: State, wanted: State) -> None:
    """Raises ValueError for tensors of other names, shapes or types than are wanted."""

    def described(state: State) -> dict[str, tuple[torch.Size, torch.dtype]]:
        return {name: (tensor.shape, tensor.dtype) for name, tensor in state.items()}

    if described(found) != described(wanted):
        raise ValueError("its tensors are of something else")


def check_records(trial: Trial, epochs: int, has_validation: bool) -> None:
    """Raises ValueError for records of more than these epochs, or not of the same ones."""
    validated = trial.epoch if has_validation else 0
    lengths = len(trial.epoch_seconds), len(trial.validation_mse)
    if trial.epoch > epochs or lengths != (trial.epoch, validated):
        raise ValueError("its records are of other epochs")
