"""Section `cost`: which window lengths and sizes of models are timed, and how often."""

from typing import Annotated, Self

from pydantic import Field, PositiveFloat, Strict, model_validator

from seqcompare.core.errors import ParamsError
from seqcompare.core.limits import Length, ModelName
from seqcompare.core.schema import Section
from seqcompare.core.types import Models, Setting


class Cost(Section):
    seq_lens: Annotated[tuple[Length, ...], Strict(False), Field(min_length=2, max_length=100)] = (
        Field(description="window lengths to measure, ascending")
    )
    processes: Annotated[int, Field(ge=2, le=100)] = Field(
        description="fresh processes that time every length, one after another"
    )
    repeats: Annotated[int, Field(ge=1, le=10_000)] = Field(
        description="timed steps per length in each process"
    )
    memory_limit_gb: Annotated[PositiveFloat, Field(le=1e6)] = Field(
        description="for one measurement, in 10^9 bytes"
    )
    time_budget_s: Annotated[PositiveFloat, Field(le=1e12)] = Field(
        description="of each model at each size, in all processes"
    )
    sizes: Annotated[dict[ModelName, dict[ModelName, dict[str, Setting]]], Field(min_length=1)] = (
        Field(description="named sizes of the models, each with what differs from `models` in it")
    )

    def settings_of(self, models: Models) -> dict[str, Models]:
        """size -> model -> its settings there; without a size that comes out like one before it.

        What a size says of a model that is not in models waits until it is there again.
        """
        found: dict[str, Models] = {}
        for size, changes in self.sizes.items():
            there = {name: {**own, **changes.get(name, {})} for name, own in models.items()}
            if there not in found.values():
                found[size] = there
        return found

    @model_validator(mode="after")
    def _lengths_ascend(self) -> Self:
        if list(self.seq_lens) != sorted(set(self.seq_lens)):
            raise ParamsError(
                f"cost.seq_lens is {list(self.seq_lens)}: list each length once, the shortest first"
            )
        return self
