"""The types that modules hand to one another."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating]

# one row of a table, or one block of a JSON file: column or key -> what stands there
Row: TypeAlias = Mapping[str, Any]

# windows [batch, seq_len] -> the value that follows each of them [batch]
Predictor: TypeAlias = Callable[[Floats], Floats]

# what params.yaml may say of a model, and of several: model -> its settings
Setting: TypeAlias = int | float | bool | str
Models: TypeAlias = Mapping[str, Mapping[str, Setting]]
