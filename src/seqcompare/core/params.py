"""params.yaml as frozen, strict types: all of its sections, and what binds one to another."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqcompare.core.calibration import fewest_errors
from seqcompare.core.errors import ParamsError
from seqcompare.core.limits import (
    MOST_VALUES,
    MOST_WORK,
    Count,
    ModelName,
    Seeds,
    check_can_be_built,
    check_each_once,
)
from seqcompare.core.schema import Section, load_settings
from seqcompare.core.sections.adding_problem import AddingProblem
from seqcompare.core.sections.cost import Cost
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.core.sections.executor import Executor
from seqcompare.core.sections.report import Report
from seqcompare.core.sections.split import Split
from seqcompare.core.sections.training import Training
from seqcompare.core.types import Models, Setting

PARAMS = Path("params.yaml")
PORTABLE = "portable"  # what reproducibility can be, beside fast
# A model's name becomes a column and a metric beside these.
RESERVED = {"time", "truth", "epoch", "persistence", "ar", "seasonal", "oracle", "comparison"}


class Params(Section):
    """All of params.yaml."""

    seq_len: Count = Field(description="past values that a model sees")
    seeds: Seeds = Field(description="one trial of every model for each")
    reproducibility: Literal["fast", "portable"] = Field(
        description="fast: the same bytes on one machine; portable: on every x86-64 with AVX2"
    )
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:[0-9]+)?)$")] = Field(
        description="auto, cpu, cuda, cuda:N or mps"
    )
    data: Data
    split: Split
    training: Training
    evaluation: Evaluation
    cost: Cost
    adding_problem: AddingProblem
    executor: Executor
    report: Report
    models: Annotated[dict[ModelName, dict[str, Setting]], Field(min_length=1)] = Field(
        description="the models to train, each with its settings"
    )

    @model_validator(mode="after")
    def _seeds_are_distinct(self) -> Self:
        check_each_once("seeds", self.seeds)
        return self

    @model_validator(mode="after")
    def _names_are_free(self) -> Self:
        for name in RESERVED & set(self.models):
            raise ParamsError(f"models.{name} is a name that reports use themselves")
        return self

    @model_validator(mode="after")
    def _every_model_can_be_trained_so(self) -> Self:
        self.training.check(self.split, self.models)
        return self

    @model_validator(mode="after")
    def _what_is_portable_is_in_float32(self) -> Self:
        for name in self.models if self.reproducibility == PORTABLE else ():
            if self.training.of(name).precision != "float32":
                raise ParamsError(
                    f"{self.training.key(name, 'precision')} is bfloat16, which processors add up "
                    "differently, but reproducibility is portable: set precision to float32, or "
                    "reproducibility to fast"
                )
        return self

    @model_validator(mode="after")
    def _sizes_of_models_can_be_built(self) -> Self:
        for section, models in {"models": self.models, **self.changes_of_models()}.items():
            for name, settings in models.items():
                check_can_be_built(f"{section}.{name}", settings)
        return self

    @model_validator(mode="after")
    def _a_sine_is_long_enough(self) -> Self:
        if self.data.source == "sine":
            self.check_work(self.data.size)
        return self

    def changes_of_models(self) -> dict[str, Models]:
        """Section of params.yaml -> what differs from `models` there."""
        sizes = {f"cost.sizes.{size}": changes for size, changes in self.cost.sizes.items()}
        return {**sizes, "adding_problem.models": self.adding_problem.models}

    def check_work(self, size: int) -> None:
        """Raises InputError when a series of `size` values is too short, or would take too much."""
        folds = self.split.targets(size, self.seq_len)
        held = max(len(part) for fold in folds for part in fold) * self.seq_len
        if held > MOST_VALUES:
            raise ParamsError(
                f"seq_len is {self.seq_len}, so that windows hold {held:,} values at "
                f"once: at most {MOST_VALUES:,} fit: lower seq_len, data.size or split.test"
            )
        epochs, longest = max((self.training.of(model).epochs, model) for model in self.models)
        seeds = len(self.seeds)
        work = sum(len(train) for train, _, _ in folds) * self.seq_len * epochs * seeds
        if work > MOST_WORK:
            raise ParamsError(
                f"{self.training.key(longest, 'epochs')} is {epochs}, which with {seeds} seeds and "
                f"windows of seq_len {self.seq_len} takes {work:,} values: at most {MOST_WORK:,} "
                "are trained on"
            )

    @model_validator(mode="after")
    def _forecasts_can_be_calibrated(self) -> Self:
        """Nine tenths of what is held out calibrate intervals, the last tenth checks them."""
        confidence, horizon = self.evaluation.confidence, self.evaluation.horizon
        origins = self.evaluation.calibrating(self.split.validation + self.split.test)
        needed = fewest_errors(confidence)
        if origins < needed:
            raise ParamsError(
                f"evaluation.horizon is {horizon}, which leaves {origins} "
                f"forecasts to calibrate an interval of {confidence:.0%}, but {needed} are needed: "
                "lower horizon or confidence, or raise split.test or evaluation.origins"
            )
        return self

    @model_validator(mode="after")
    def _a_season_fits_into_a_window(self) -> Self:
        if self.data.period is not None and self.data.period > self.seq_len:
            raise ParamsError(
                f"data.period is {self.data.period}, but a window has seq_len "
                f"{self.seq_len} values: raise seq_len, or set data.period to null"
            )
        return self


def load_params(path: Path = PARAMS) -> Params:
    """Read and check every setting. Raises InputError for the first that is wrong."""
    return load_settings(Params, path, path.name)
