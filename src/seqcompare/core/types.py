"""Types that modules hand to one another, but for arrays: those are in core.arrays."""

from collections.abc import Mapping
from typing import Any, TypeAlias

# one row of a table, or one block of a JSON file: column or key -> what stands there
Row: TypeAlias = Mapping[str, Any]

# what params.yaml may say of a model, and of several: model -> its settings
Setting: TypeAlias = int | float | bool | str
Models: TypeAlias = Mapping[str, Mapping[str, Setting]]
