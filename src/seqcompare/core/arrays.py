"""Arrays that modules hand to one another. Not in core.types, which must not load NumPy.

NumPy reads the environment when it is loaded: params.yaml is read before, and may change it.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating]

# windows [batch, seq_len] -> the value that follows each of them [batch]
Predictor: TypeAlias = Callable[[Floats], Floats]
