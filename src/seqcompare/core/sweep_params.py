"""Sweeps of sweeps/params.yaml as frozen, strict types, and what all of them start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, PositiveInt, model_validator

from seqcompare.core.errors import ParamsError
from seqcompare.core.grid import flat_grid, is_list_of_values
from seqcompare.core.limits import Confidence, Count, Equivalence, ModelName, Seeds, check_each_once
from seqcompare.core.schema import Section, load_settings, shown
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.split import Split
from seqcompare.core.sections.training import Training
from seqcompare.core.types import Setting

SWEEP_PARAMS = Path("sweeps/params.yaml")


class SweepBase(Section):
    """The params that every trial of every sweep starts from, whatever the main pipeline has."""

    seq_len: Count = Field(description="past values that a model sees")
    confidence: Confidence = Field(description="of every interval")
    equivalence: Equivalence = Field(
        description="share by which errors may differ and still count as equivalent"
    )
    data: Data
    split: Split
    training: Training
    models: Annotated[dict[ModelName, dict[str, Setting]], Field(min_length=1)] = Field(
        description="the models to train, each with its settings"
    )

    @model_validator(mode="after")
    def _training_fits(self) -> Self:
        self.training.check(self.split, self.models)
        return self


class SweepOverride(Section):
    """Params that differ from those of `base`; what is not named stays as it is there."""

    data: dict[str, Any] = Field(default={}, description="what differs in base.data")
    split: dict[str, Any] = Field(default={}, description="what differs in base.split")
    training: dict[str, Any] = Field(default={}, description="what differs in base.training")
    models: dict[str, Any] = Field(default={}, description="what differs in base.models")


class Choose(Section):
    """Training params of which each model gets the values that suit it best."""

    validation: Annotated[float, Field(gt=0, lt=1)] = Field(
        description="share of the training targets, the last ones, by which values are chosen"
    )
    seeds: Annotated[PositiveInt, Field(le=1000)] = Field(
        description="how many trials judge each combination of values"
    )
    training: Annotated[dict[str, Any], Field(min_length=1)] = Field(
        description="keys of training, each with the values to choose from"
    )


class SweepSetting(SweepOverride):
    choose: Choose | None = Field(default=None, description="what each model has chosen for it")


class Sweep(Section):
    seeds: Seeds = Field(description="one trial of every model in every cell for each")
    grid: Annotated[dict[str, Any], Field(min_length=1)] = Field(
        description="params and the values of each to try, like seq_len: [20, 50]"
    )
    base: SweepOverride = Field(
        default=SweepOverride(), description="what differs from base in every setting"
    )
    settings: Annotated[dict[ModelName, SweepSetting], Field(min_length=1)] = Field(
        description="the settings to compare the models in, each with what differs in it"
    )

    def check(self, where: str) -> None:
        """Raises InputError for seeds that repeat and lists of values that are none."""
        check_each_once(f"{where}.seeds", self.seeds)
        lists = {f"{where}.grid": self.grid} | {
            f"{where}.settings.{name}.choose.training": setting.choose.training
            for name, setting in self.settings.items()
            if setting.choose
        }
        for above, content in lists.items():
            for key, values in flat_grid(content).items():
                if not is_list_of_values(values):
                    raise ParamsError(
                        f"{above}.{key} is {shown(values)}: give a list of values, like [20, 50]"
                    )
                check_each_once(f"{above}.{key}", values)


class Sweeps(Section):
    """All of sweeps/params.yaml."""

    base: SweepBase
    sweeps: dict[ModelName, Sweep] = Field(
        description="every model in every setting at every point of a grid"
    )

    @model_validator(mode="after")
    def _sweeps_name_lists(self) -> Self:
        for name, sweep in self.sweeps.items():
            sweep.check(f"sweeps.{name}")
        return self


def load_sweeps(path: Path = SWEEP_PARAMS) -> Sweeps:
    """Read and check every sweep. Raises InputError for the first setting that is wrong."""
    return load_settings(Sweeps, path, str(SWEEP_PARAMS))
