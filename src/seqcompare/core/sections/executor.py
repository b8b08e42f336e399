"""Section `executor`: who carries the trials."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from seqcompare.core.errors import ParamsError
from seqcompare.core.schema import Section


class Executor(Section):
    kind: Literal["local", "dask"] = Field(description="who carries the trials")
    workers: Literal["auto"] | Annotated[PositiveInt, Field(le=1024)] = Field(
        description="local: trials side by side; auto: one per core"
    )
    address: str | None = Field(description="dask: of the scheduler, like tcp://10.0.0.1:8786")

    @model_validator(mode="after")
    def _a_cluster_has_an_address(self) -> Self:
        if self.kind == "dask" and self.address is None:
            raise ParamsError(
                "executor.address is null, but executor.kind is dask: "
                "give the scheduler's, like tcp://10.0.0.1:8786"
            )
        return self
