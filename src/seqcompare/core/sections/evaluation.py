"""Section `evaluation`: intervals, forecasts, and what the studies of trained models look at."""

import math
from typing import Annotated, Self

from pydantic import Field, PositiveInt, Strict, model_validator

from seqcompare.core.errors import ParamsError
from seqcompare.core.limits import LARGEST_SERIES, Confidence, Equivalence, Seed
from seqcompare.core.schema import Section


class Evaluation(Section):
    confidence: Confidence = Field(description="of every interval")
    horizon: Annotated[PositiveInt, Field(le=100_000)] = Field(
        description="steps ahead that free-running forecasts go"
    )
    equivalence: Equivalence = Field(
        description="share by which errors may differ and still count as equivalent"
    )
    seed: Seed = Field(description="of the older values that the study of lookback draws")
    origins: Annotated[int, Field(ge=20, le=LARGEST_SERIES)] = Field(
        description="points, at most, that forecasts start from"
    )
    lookback_windows: Annotated[PositiveInt, Field(le=2_000)] = Field(
        description="test windows, at most, that the study of lookback looks at"
    )
    convergence_targets: Annotated[
        tuple[Annotated[float, Field(gt=1, le=1e6)], ...],
        Strict(False),
        Field(min_length=1, max_length=10),
    ] = Field(description="training errors to arrive at, times the oracle's or the linear model's")

    @model_validator(mode="after")
    def _targets_descend(self) -> Self:
        targets = list(self.convergence_targets)
        if targets != sorted(set(targets), reverse=True):
            raise ParamsError(
                f"evaluation.convergence_targets is {targets}: list each once, the largest first"
            )
        return self

    def calibrating(self, held_out: int) -> int:
        """Forecasts that calibrate an interval while a tenth of them checks it, about.

        held_out: values that were not trained on. None whose values meet the checked ones count.
        """
        every = max(0, held_out - self.horizon + 1)
        apart = every - math.ceil(every / 10) - 2 * (self.horizon - 1)
        return max(0, min(every, self.origins) * apart // every) if every else 0
