"""The registry: the networks that the names under `models:` in params.yaml stand for.

A network is a torch module that turns windows [batch, seq_len] into predictions [batch].
The arguments of its constructor are its settings in params.yaml.
"""

import inspect
from collections.abc import Mapping

from pydantic import create_model
from torch import nn

from seqcompare.errors import InputError
from seqcompare.models.lstm import LSTM
from seqcompare.models.transformer import Transformer
from seqcompare.params import PARAMS, Setting
from seqcompare.strict import Section, checked

REGISTRY: dict[str, type[nn.Module]] = {
    "lstm": LSTM,
    "transformer": Transformer,
}


def build(name: str, settings: Mapping[str, Setting]) -> nn.Module:
    """The network called `name`, with freshly drawn weights.

    Raises InputError for a name that is not registered and for settings that it cannot have.
    """
    if name not in REGISTRY:
        raise InputError(
            f"{PARAMS}: models.{name} is not a known model: those known are {', '.join(REGISTRY)}; "
            "add yours to src/seqcompare/models/__init__.py"
        )
    network = REGISTRY[name]
    arguments = inspect.signature(network, eval_str=True).parameters.values()
    fields = {argument.name: (argument.annotation, ...) for argument in arguments}
    kind = create_model(network.__name__, __base__=Section, **fields)  # type: ignore[call-overload]
    known = checked(kind, dict(settings), str(PARAMS), parent=f"models.{name}.")
    try:
        return network(**known.model_dump())
    except ValueError as error:
        raise InputError(f"{PARAMS}: models.{name}: {error}") from None
