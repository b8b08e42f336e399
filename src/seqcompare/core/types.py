"""Types that rooms hand to one another. Loads no NumPy, which reads the environment at import."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Setting: TypeAlias = int | float | bool | str  # what params.yaml may say of a model
Models: TypeAlias = "Mapping[str, Mapping[str, Setting]]"  # model -> its settings
Floats: TypeAlias = "NDArray[np.floating]"
# windows [batch, seq_len] -> the value that follows each [batch], both in the series' unit
Predictor: TypeAlias = "Callable[[Floats], Floats]"

# The two models that the theory makes claims about.
LSTM, TRANSFORMER = "lstm", "transformer"
# Predictors without training by gradient, by their columns and metrics.
ORACLE, AR, SEASONAL, PERSISTENCE = "oracle", "ar", "seasonal", "persistence"
BASELINES = (ORACLE, AR, SEASONAL, PERSISTENCE)  # in the order in which they are shown
# A model's name becomes a column and an outcome beside these.
RESERVED = {
    *BASELINES, "series", "seed", "fold", "epoch", "time", "truth", "step", "linear",
    "equivalent", "undecided", "nan", "none", "null", "true", "false",
}  # fmt: skip
