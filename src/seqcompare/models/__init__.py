"""Networks: torch modules that turn windows [batch, seq_len] into predictions [batch].

One network a file: `gru:` below `models:` in params.yaml is the class GRU that gru.py defines. Its
settings are the constructor's arguments, but `seq_len` gets the window's length.
"""

import difflib
import importlib
import inspect
from collections.abc import Mapping
from inspect import Parameter
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from torch import Tensor, nn

from seqcompare.core.errors import InputError, shown
from seqcompare.core.types import Setting
from seqcompare.models.operations import OperationCounts

BATCH = 128  # windows predicted at once: bounds the memory, not the result
LARGEST_SETTING = 65_536  # of a whole number
LARGEST_DEPTH = 1_000  # of num_layers, which Python builds one by one


def build(
    name: str, settings: Mapping[str, Setting], seq_len: int, where: str = "models"
) -> nn.Module:
    """The network called `name` for windows of seq_len values, with freshly drawn weights.

    where: the section of params.yaml that has the settings, or a file and section like
    `studies/params.yaml: cost`. Raises InputError for an unknown name and for bad settings.
    """
    network, key = find_class(name, where), _key(where, name)
    allowed = _settings_of(network)
    length = {"seq_len": seq_len} if allowed.pop("seq_len", None) else {}
    arguments = _checked(settings, allowed, key)
    try:
        return network(**arguments, **length)
    except ValueError as error:
        raise InputError(f"{key}: {' '.join(str(error).split())}") from None


def count_operations(name: str, settings: Mapping[str, Setting]) -> OperationCounts | None:
    """What the network has to compute; None for one without the method `operations`."""
    with torch.device("meta"):
        network: Any = build(name, settings, seq_len=1)
    return network.operations() if hasattr(network, "operations") else None


def predict(network: nn.Module, inputs: Tensor) -> Tensor:
    """inputs: [window, seq_len], on the network's device. Returns [window]; nothing is dropped."""
    network.eval()
    with torch.inference_mode():
        return torch.cat([network(part) for part in torch.split(inputs, BATCH)])


def has_static_graph(network: nn.Module) -> bool:
    """Does the class say so: no operation depends on values, or on numbers drawn on the CPU?"""
    return getattr(network, "static_graph", False) is True


def find_class(name: str, where: str = "models") -> type[nn.Module]:
    """The network that the file called `name` defines. Raises InputError when there is none."""
    files = (file.stem for folder in __path__ for file in Path(folder).glob("[!_]*.py"))
    known = sorted(set(files) - {"operations"})
    if name not in known:
        raise InputError(
            f"{_key(where, name)} is not a known model: those known are {', '.join(known)}; "
            f"add yours as src/seqcompare/models/{name}.py"
        )
    module = importlib.import_module(f"{__name__}.{name}")
    for title, kind in inspect.getmembers(module, inspect.isclass):
        is_here = kind.__module__ == module.__name__  # not imported
        is_named = title.lower().replace("_", "") == name.replace("_", "")
        if is_here and is_named and issubclass(kind, nn.Module):
            return kind
    raise InputError(
        f"{module.__file__}: defines no torch.nn.Module named as the file, like "
        f"class {name.title().replace('_', '')}(nn.Module)"
    )


def _key(where: str, name: str) -> str:
    return f"{where}.{name}" if ":" in where else f"params.yaml: {where}.{name}"


def _settings_of(network: type[nn.Module]) -> dict[str, tuple[TypeAdapter[Any], bool]]:
    """The constructor's arguments: what checks each, and whether it must be given."""
    where = f"{inspect.getfile(network)}: {network.__name__}.__init__"
    try:
        arguments = inspect.signature(network, eval_str=True).parameters
    except (NameError, TypeError, SyntaxError) as error:
        raise InputError(f"{where}: a type hint cannot be read ({error})") from None
    allowed = {}
    for name, argument in arguments.items():
        wrong = f"{where} takes {argument}"
        if argument.kind not in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY):
            raise InputError(f"{wrong}: name each setting, like hidden_size: int = 64")
        hint = Any if argument.annotation is Parameter.empty else argument.annotation
        try:
            allowed[name] = TypeAdapter(hint), argument.default is Parameter.empty
        except PydanticUserError:
            raise InputError(f"{wrong}: a setting is an int, float, bool or str") from None
    return allowed


def _checked(
    settings: Mapping[str, Setting], allowed: Mapping[str, tuple[TypeAdapter[Any], bool]], key: str
) -> dict[str, Any]:
    """The settings as their arguments' types. Raises InputError for the first that is wrong."""
    for name in settings:
        if name not in allowed:
            close = difflib.get_close_matches(name, allowed, n=1)
            known = f"those here are {', '.join(allowed) or 'none'}"
            hint = f"did you mean {close[0]}?" if close else known
            raise InputError(f"{key}.{name} is not a setting: {hint}")
    missing = [name for name, (_, required) in allowed.items() if required and name not in settings]
    if missing:
        raise InputError(f"{key}.{missing[0]} is missing")
    return {name: _as(allowed[name][0], value, f"{key}.{name}") for name, value in settings.items()}


def _as(kind: TypeAdapter[Any], value: Setting, key: str) -> Any:
    most = LARGEST_DEPTH if key.endswith(".num_layers") else LARGEST_SETTING
    if isinstance(value, int | float) and value > most:
        raise InputError(f"{key} is {shown(value)}: use at most {most:,}")
    # -S models.lstm.hidden_size=32.0 means 32: for DVC they are equal, so nothing would rerun
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    try:
        return kind.validate_python(whole, strict=True)
    except ValidationError as error:
        raise InputError(f"{key} is {shown(value)}: {error.errors()[0]['msg']}") from None
