"""Section `adding_problem`: its lags, and what models are trained with there."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, PositiveFloat, PositiveInt, Strict, model_validator

from seqcompare.core.errors import ParamsError
from seqcompare.core.limits import (
    MOST_VALUES,
    Count,
    Length,
    ModelName,
    Seeds,
    check_each_once,
)
from seqcompare.core.schema import Section
from seqcompare.core.types import Setting


class AddingProblem(Section):
    lags: Annotated[
        tuple[Annotated[Length, Field(ge=2)], ...],
        Strict(False),
        Field(min_length=1, max_length=100),
    ] = Field(description="how many steps back the older of two numbers to add lies")
    seeds: Seeds = Field(description="one trial of every model at every lag for each")
    steps: Annotated[PositiveInt, Field(le=10_000_000)] = Field(
        description="optimiser steps that a trial may take"
    )
    batch_size: Count = Field(description="sequences per optimiser step")
    learning_rate: Annotated[PositiveFloat, Field(le=100)] = Field(description="of Adam")
    solved_below: Annotated[float, Field(ge=1e-6, lt=0.5)] = Field(
        description="share of 1/6; without the oldest number no one gets below 0.5"
    )
    models: dict[ModelName, dict[str, Setting]] = Field(
        description="what differs from models here, like {transformer: {dim_feedforward: 64}}"
    )

    @model_validator(mode="after")
    def _each_seed_and_lag_counts_once(self) -> Self:
        check_each_once("adding_problem.lags", self.lags)
        check_each_once("adding_problem.seeds", self.seeds)
        return self

    def settings_of(self, model: str, settings: Mapping[str, Setting]) -> dict[str, Setting]:
        """What a model of `models` has here. What is set for one that is not there is left out."""
        return {**settings, **self.models.get(model, {})}

    @model_validator(mode="after")
    def _a_batch_fits_into_memory(self) -> Self:
        lag = max(self.lags)
        if self.batch_size * lag > MOST_VALUES:
            raise ParamsError(
                f"adding_problem.batch_size is {self.batch_size}, which at a lag of "
                f"{lag} is {self.batch_size * lag:,} values: at most {MOST_VALUES:,} fit"
            )
        return self
