"""Section `data`: where the series comes from, and what is done to it before training."""

import math
import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, model_validator

from seqcompare.core.errors import ParamsError
from seqcompare.core.limits import LARGEST_SERIES, Count, Seed
from seqcompare.core.paths import INPUT
from seqcompare.core.schema import Section


class Data(Section):
    source: Literal["sine", "csv"] = Field(description="where the series comes from")
    seed: Literal["each"] | Seed = Field(
        description="of the sine's noise; each: every trial has a draw of its own"
    )
    size: Annotated[int, Field(ge=3, le=LARGEST_SERIES)] = Field(description="points of the sine")
    x_max: Annotated[PositiveFloat, Field(le=1e12)] = Field(
        description="end of the sine's x axis in radians"
    )
    noise: Annotated[NonNegativeFloat, Field(le=1e6)] = Field(
        description="standard deviation of the sine's noise"
    )
    path: str | None = Field(description="a CSV file in data/input/")
    value: str = Field(description="the column of the CSV file to predict")
    time: str | None = Field(description="its column of times, if it has one")
    missing: Literal["refuse", "interpolate"] = Field(
        description="what is done with the CSV file's missing values"
    )
    period: Count | None = Field(description="values in a season, if there is one")
    scale: Literal["auto", "none", "standard"] = Field(
        description="what is done before training; auto: standard for a CSV, none for the sine"
    )
    centre: Literal["none", "last"] = Field(
        description="last: models see each window, and its target, less the window's last value"
    )

    @property
    def scaling(self) -> Literal["none", "standard"]:
        """`scale`, with `auto` decided: a CSV may be in any unit, the sine lies within ±1."""
        if self.scale != "auto":
            return self.scale
        return "standard" if self.source == "csv" else "none"

    @model_validator(mode="after")
    def _noise_has_no_sign(self) -> Self:
        if math.copysign(1, self.noise) < 0:  # a negative zero passes for 0 or more
            raise ParamsError(f"data.noise is {self.noise}: write 0.0")
        return self

    @model_validator(mode="after")
    def _values_and_times_are_two_columns(self) -> Self:
        if self.value == self.time:
            raise ParamsError(
                f"data.value and data.time are both {self.value!r:.60}: name two "
                "columns, or set data.time to null"
            )
        return self

    @model_validator(mode="after")
    def _a_csv_has_a_path_that_dvc_watches(self) -> Self:
        if self.source == "csv" and (self.path is None or not _is_below(self.path, INPUT)):
            raise ParamsError(
                f"data.path is {self.path!r}, but data.source is csv: put the file "
                f"into {INPUT}/ and give its path, like {INPUT}/sunspots.csv"
            )
        return self


def _is_below(path: str, folder: Path) -> bool:
    return Path(os.path.normpath(path)).parent.is_relative_to(folder)
