"""seqcompare: LSTM or Transformer for this series, this window length and this machine?

`from seqcompare import load_models` gives the trained models to use: docs/USE.md.
"""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """`load_models`, imported when it is asked for, since it imports torch."""
    if name == "load_models":
        return import_module("seqcompare.forecast").load_models
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
