"""A checkpoint whose hash holds and whose content is of something else: the trial starts over."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from test_trial import CPU, same_result, task, trained
from torch import Tensor

from seqcompare.training.state import capture
from seqcompare.training.trial import checkpoint_of, start

State = dict[str, Tensor]
OTHER_CONTENTS: dict[str, Callable[[State], object]] = {
    "nothing": lambda state: state.clear(),
    "one tensor": lambda state: (state.clear(), state.update(w=torch.zeros(1))),
    "no weights": lambda state: drop(state, "network."),
    "no optimizer": lambda state: drop(state, "optimizer."),
    "no random streams": lambda state: drop(state, "streams."),
    "no records": lambda state: drop(state, "records."),
    "weights of another shape": lambda state: resize(state, "network."),
    "averages of another shape": lambda state: resize(state, "optimizer.mean"),
    "averages of another type": lambda state: retype(state, "optimizer.mean"),
    "a stream of another length": lambda state: resize(state, "streams.order"),
    "a stream of another type": lambda state: retype(state, "streams.order"),
    "errors of more epochs than seconds": lambda state: lengthen(state, "train_mse"),
    "seconds of more epochs than errors": lambda state: lengthen(state, "epoch_seconds"),
    "validation without a validation part": lambda state: lengthen(state, "validation_mse"),
    "more epochs than are trained": lambda state: [
        lengthen(state, name, 9) for name in ("train_mse", "epoch_seconds")
    ],
    "a table in place of a record": lambda state: state.update(
        {"records.train_mse": torch.zeros(2, 2, dtype=torch.float64)}
    ),
    "best weights of another network": lambda state: state.update({"best.w": torch.zeros(3)}),
}


def drop(state: State, prefix: str) -> None:
    for name in [name for name in state if name.startswith(prefix)]:
        del state[name]


def resize(state: State, prefix: str) -> None:
    name = next(name for name in state if name.startswith(prefix))
    state[name] = state[name].flatten()[:1].clone()


def retype(state: State, name: str) -> None:
    state[name] = state[name].double()


def lengthen(state: State, name: str, by: int = 1) -> None:
    state[f"records.{name}"] = torch.zeros(by, dtype=torch.float64)


@pytest.fixture(autouse=True)
def in_this_process(torch_as_it_was: None) -> None:
    """It trains here, and leaves torch as it was."""


@pytest.mark.parametrize("change", OTHER_CONTENTS.values(), ids=OTHER_CONTENTS)
def test_a_checkpoint_of_something_else_is_said_and_not_used(
    change: Callable[[State], object], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = trained(task(), tmp_path / "whole")
    state = dict(capture(start(task(), CPU)))
    change(state)
    checkpoint = checkpoint_of(task(), tmp_path / "other")
    checkpoint.save(state)
    assert same_result(trained(task(), tmp_path / "other"), whole)
    assert capfd.readouterr().err == "lstm-seed-0: its checkpoint is damaged: starting over\n"
