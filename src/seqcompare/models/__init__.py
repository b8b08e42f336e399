"""Networks: torch modules that turn windows [batch, seq_len] into predictions [batch].

One network a file, found by the file's name: `gru:` below `models:` in params.yaml is the class
GRU in gru.py, and its settings are the arguments of the constructor. One of them may be `seq_len`,
which is no setting: it is given the window's length. kernels/ is what networks share.
"""

import importlib
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from pydantic import create_model
from torch import Tensor, nn

from seqcompare.core.errors import InputError, ParamsError
from seqcompare.core.operations import OperationCounts
from seqcompare.core.schema import Section, checked_params
from seqcompare.core.types import Models, Setting

BATCH = 128  # windows predicted at once: bounds the memory, not the result
SEQ_LEN = "seq_len"


@runtime_checkable
class CountsOperations(Protocol):
    """A network that knows what it has to compute. It need not: its counts are then left out."""

    def operations(self) -> OperationCounts: ...


@runtime_checkable
class TimesAttention(Protocol):
    """A network whose attention can run alone. One without attention has no such method."""

    def attention_step(self, batch_size: int, seq_len: int) -> Callable[[], None]: ...


def has_static_graph(network: nn.Module) -> bool:
    """Does it say that every training step on a batch of one size is the same operations?

    None then depends on a value computed, or on a number that is drawn elsewhere than on the
    network's device, so that a GPU can repeat a step by itself. A network says so by an attribute
    `static_graph = True`; one that does not is never repeated blindly.
    """
    return getattr(network, "static_graph", False) is True


def build(
    name: str, settings: Mapping[str, Setting], seq_len: int, where: str = "models"
) -> nn.Module:
    """The network called `name` for windows of seq_len values, with freshly drawn weights.

    Raises InputError for a name without a file and for settings that it cannot have; where: the
    section of params.yaml that they stand in.
    """
    network = _class_of(name, where)
    arguments = dict(inspect.signature(network, eval_str=True).parameters)
    length = {SEQ_LEN: seq_len} if arguments.pop(SEQ_LEN, None) else {}
    fields = {argument.name: (argument.annotation, ...) for argument in arguments.values()}
    kind = create_model(network.__name__, __base__=Section, **fields)  # type: ignore[call-overload]
    known = checked_params(kind, dict(settings), f"{where}.{name}.")
    try:
        return network(**known.model_dump(), **length)
    except ValueError as error:
        raise ParamsError(f"{where}.{name}: {error}") from None


def check_changes(sections: Mapping[str, Models], models: Models) -> None:
    """Raises InputError for changes of models that name none, or with which it cannot be built.

    sections: of params.yaml -> what differs from models there. A network that models lacks need
    only have a file: it was taken out of the comparison, and its changes wait for it.
    """
    for where, changes in sections.items():
        for name, changed in changes.items():
            if name not in models:
                _class_of(name, where)
                continue
            with torch.device("meta"):  # without memory for any weight
                build(name, {**models[name], **changed}, seq_len=1, where=where)


def count_operations(name: str, settings: Mapping[str, Setting]) -> OperationCounts | None:
    """What the network has to compute; None for one that does not count. Raises as `build`.

    Counts are functions of the window's length, so that a network for any length has them.
    """
    with torch.device("meta"):  # without memory for any weight
        network = build(name, settings, seq_len=1)
    return network.operations() if isinstance(network, CountsOperations) else None


def predict(network: nn.Module, inputs: Tensor) -> Tensor:
    """inputs: [window, seq_len], on the network's device. Returns [window]; nothing is dropped."""
    network.eval()
    with torch.inference_mode():
        return torch.cat([network(part) for part in torch.split(inputs, BATCH)])


def _class_of(name: str, where: str) -> type[nn.Module]:
    known = sorted(file.stem for file in Path(__file__).parent.glob("[!_]*.py"))
    if name not in known:
        raise ParamsError(
            f"{where}.{name} is not a known model: those known are {', '.join(known)}; "
            f"add yours as src/seqcompare/models/{name}.py"
        )
    module = importlib.import_module(f"{__name__}.{name}")
    for kind in vars(module).values():
        if (
            isinstance(kind, type)
            and issubclass(kind, nn.Module)
            and kind.__name__.lower() == name.replace("_", "")
        ):
            return kind
    raise InputError(
        f"{module.__file__}: holds no class named as the file, like {name.title().replace('_', '')}"
    )
