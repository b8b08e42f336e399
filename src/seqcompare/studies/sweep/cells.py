"""Cells of a sweep: every setting at every point of the grid, with its params and its series."""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from seqcompare.core.errors import InputError, ParamsError
from seqcompare.core.grid import GridValue, flat_grid
from seqcompare.core.schema import checked_params
from seqcompare.core.sweep_params import SWEEP_PARAMS, Choose, Sweep, SweepBase
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
    cells = []
    for setting, point, here in list(_places(name, base, sweep)):
        with _naming(name, setting, point):
            draws = make_draws(here.data, sweep.seeds)
            folds = cut_folds(draws.times.size, here.seq_len, here.split, here.data.scaling)
            for model, settings in here.models.items():
                build(model, settings, here.seq_len)
        cells.append(Cell(setting, point, here, sweep.settings[setting].choose, draws, folds))
    longest = max(cell.params.seq_len for cell in cells)
    return [_training_from(longest, name, cell) for cell in cells]


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
    return checked_params(SweepBase, content)


def _places(name: str, base: SweepBase, sweep: Sweep) -> Iterator[tuple[str, Point, SweepBase]]:
    grid = flat_grid(sweep.grid)
    content = merge(json.loads(base.model_dump_json()), sweep.base.model_dump())
    for setting, override in sweep.settings.items():
        here = merge(content, override.model_dump(exclude={"choose"}))
        for values in itertools.product(*grid.values()):
            point = dict(zip(grid, values, strict=True))
            with _naming(name, setting, point):
                params = checked_params(SweepBase, merge(here, _nested(point)))
            yield setting, point, params


def _nested(point: Point) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key, value in point.items():
        *above, last = key.split(".")
        section = content
        for part in above:
            section = section.setdefault(part, {})
        section[last] = value
    return content


def _training_from(first: int, name: str, cell: Cell) -> Cell:
    """The cell without the training targets before `first`; refused if it cannot be trained on."""
    with _naming(name, cell.setting, cell.point):
        for train, _, _ in cell.folds.targets:
            if first >= train.stop:
                raise InputError(
                    f"the sweep's longest window has {first} values, and training ends after "
                    f"{train.stop}: shorten the window, or give a longer series"
                )
        targets = tuple(
            (range(max(train.start, first), train.stop), validation, test)
            for train, validation, test in cell.folds.targets
        )
        folds = Folds(targets, cell.folds.scale)
        check_draws(cell.draws, folds, cell.params.data)
    return replace(cell, folds=folds)


@contextmanager
def _naming(name: str, setting: str, point: Point) -> Iterator[None]:
    """Within it, mistakes name the cell."""
    try:
        yield
    except InputError as error:
        where = ", ".join(f"{key}={value}" for key, value in point.items())
        said = error.message if isinstance(error, ParamsError) else str(error)
        raise InputError(
            f"{SWEEP_PARAMS}: sweeps.{name}, setting {setting} at {where}: {said}"
        ) from None
