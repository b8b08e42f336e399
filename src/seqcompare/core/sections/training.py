"""Section `training`: what models are trained with."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from seqcompare.core.errors import ParamsError
from seqcompare.core.limits import Count, ModelName
from seqcompare.core.schema import Section, checked_params
from seqcompare.core.sections.split import Split


class Recipe(Section):
    """What one model is trained with."""

    epochs: Annotated[PositiveInt, Field(le=1_000_000)] = Field(
        description="passes over the training windows"
    )
    batch_size: Count = Field(description="windows per optimiser step")
    learning_rate: Annotated[PositiveFloat, Field(le=100)] = Field(description="of Adam")
    schedule: Literal["constant", "cosine"] = Field(
        description="of the learning rate; cosine: down to 0 over all steps"
    )
    keep: Literal["last", "best"] = Field(
        description="the epoch whose weights are tested; best: of the lowest validation error"
    )
    precision: Literal["float32", "bfloat16"] = Field(
        description="of products of matrices, in training alone"
    )


class Training(Recipe):
    """What all models are trained with, but for what `own` says of one."""

    own: dict[ModelName, dict[str, Any]] = Field(
        description="settings of training for one model, like {transformer: {epochs: 40}}"
    )

    @model_validator(mode="after")
    def _own_settings_are_sound(self) -> Self:
        for model in self.own:
            self._recipe(model)
        return self

    def of(self, model: str) -> Training:
        """What one model is trained with: its own settings are in their places, and own is {}."""
        return Training(**self._recipe(model).model_dump(), own={})

    def check(self, split: Split, models: Collection[str]) -> None:
        """Raises InputError for settings of no model, or best weights that nothing can tell."""
        for name in self.own:
            if name not in models:
                raise ParamsError(
                    f"training.own.{name} is of no model: those here are {', '.join(models)}"
                )
        for name in models:
            if split.validation == 0 and self.of(name).keep == "best":
                raise ParamsError(
                    f"{self.key(name, 'keep')} is best, but split.validation is 0: without a "
                    "validation part no epoch is the best: raise split.validation, or keep last"
                )

    def key(self, model: str, name: str) -> str:
        """Where in params.yaml a setting of training stands that holds for one model."""
        section = f"training.own.{model}" if name in self.own.get(model, {}) else "training"
        return f"{section}.{name}"

    def _recipe(self, model: str) -> Recipe:
        common = self.model_dump(include=set(Recipe.model_fields))
        content = common | self.own.get(model, {})
        return checked_params(Recipe, content, f"training.own.{model}.")
