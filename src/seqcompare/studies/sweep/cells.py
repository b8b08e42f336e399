"""Cells of a sweep: every setting at every point of the grid, with its params and its series."""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seqcompare.core.errors import InputError
from seqcompare.core.grid import GridValue, flat_grid
from seqcompare.core.params import PARAMS, Choose, Sweep, SweepBase
from seqcompare.core.schema import checked
from seqcompare.data.gate import check_draws
from seqcompare.data.series import Draws, make_draws
from seqcompare.data.windows import Folds, cut_folds
from seqcompare.models import build

Point = Mapping[str, GridValue]  # dotted key -> value


@dataclass(frozen=True, eq=False)
class Cell:
    """One setting at one point: what its trials share. folds: of the final trials."""

    setting: str
    point: Point
    params: SweepBase
    choose: Choose | None
    draws: Draws
    folds: Folds

    def name(self) -> str:
        return " ".join([self.setting, *(f"{key}={value}" for key, value in self.point.items())])


def make_cells(name: str, base: SweepBase, sweep: Sweep) -> list[Cell]:
    """All cells of a sweep: settings in their order, then points in the grid's.

    The training targets of all begin where the longest window of the sweep allows one, so that its
    length changes nothing else. Raises InputError that names the first cell that cannot be.
    """
    places = list(_places(name, base, sweep))
    longest = max(params.seq_len for _, _, params in places)
    cells = []
    for setting, point, params in places:
        try:
            draws = make_draws(params.data, sweep.seeds)
            folds = cut_folds(draws.times.size, params.seq_len, params.split, params.data.scaling)
            folds = Folds(_training_from(longest, folds), folds.scale)
            check_draws(draws, folds, params.data)
            for model, settings in params.models.items():
                build(model, settings, params.seq_len)
        except InputError as error:
            raise _in_cell(name, setting, point, error) from None
        choose = sweep.settings[setting].choose
        cells.append(Cell(setting, point, params, choose, draws, folds))
    return cells


def merge(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The content with the changes made in their sections."""
    merged = dict(content)
    for key, value in changes.items():
        inside = merged.get(key)
        if isinstance(inside, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(inside, value)
        else:
            merged[key] = value
    return merged


def with_training(params: SweepBase, model: str, chosen: Mapping[str, GridValue]) -> SweepBase:
    """The params with training as chosen for a model. Raises InputError for no such training."""
    content = json.loads(params.model_dump_json())
    training = content["training"]
    own = training.get("own", {}).get(model, {})  # would come before what is chosen
    for key, value in chosen.items():
        training[key] = value
        own.pop(key, None)
    return checked(SweepBase, content, str(PARAMS))


def _places(name: str, base: SweepBase, sweep: Sweep) -> Iterator[tuple[str, Point, SweepBase]]:
    grid = flat_grid(sweep.grid)
    content = merge(json.loads(base.model_dump_json()), sweep.base.model_dump())
    for setting, override in sweep.settings.items():
        here = merge(content, override.model_dump(exclude={"choose"}))
        for values in itertools.product(*grid.values()):
            point = dict(zip(grid, values, strict=True))
            try:
                yield setting, point, checked(SweepBase, merge(here, _nested(point)), str(PARAMS))
            except InputError as error:
                raise _in_cell(name, setting, point, error) from None


def _nested(point: Point) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key, value in point.items():
        *above, last = key.split(".")
        section = content
        for part in above:
            section = section.setdefault(part, {})
        section[last] = value
    return content


def _training_from(first: int, folds: Folds) -> tuple[tuple[range, range, range], ...]:
    """The targets of every fold, those that train not before `first`."""
    cut = []
    for train, validation, test in folds.targets:
        if first >= train.stop:
            raise InputError(
                f"the sweep's longest window has {first} values, and training ends after "
                f"{train.stop}: shorten the window, or give a longer series"
            )
        cut.append((range(max(train.start, first), train.stop), validation, test))
    return tuple(cut)


def _in_cell(name: str, setting: str, point: Point, error: InputError) -> InputError:
    where = ", ".join(f"{key}={value}" for key, value in point.items())
    return InputError(f"sweeps.{name}, setting {setting} at {where}: {error}")
