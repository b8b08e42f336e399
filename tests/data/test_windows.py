"""Windows are views; parts of a split share no target; scales see no future; checks come first."""

import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from conftest import small_params
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.errors import InputError
from seqcompare.core.params import Params, Split
from seqcompare.core.paths import SPLIT
from seqcompare.core.types import Floats
from seqcompare.data.series import Series
from seqcompare.data.windows import (
    check_series,
    cut_scaled,
    cut_windows,
    fit_scale,
    folds_from,
    load_folds,
    make_folds,
    save_folds,
    split_table,
)

VALUES = np.random.default_rng(0).normal(size=1000).cumsum()
NOISE = np.random.default_rng(0).normal(size=60)
HEADER = "series,fold,train_start,validation_start,test_start,test_end,mean,std,centre"
PATH = "data/input/own.csv"
CSV = {"source": "csv", "path": PATH}


def params(seq_len: int = 4, data: dict[str, Any] = CSV, **split: Any) -> Params:
    """With a split of any size; that of params.yaml must suit its sine and its forecasts."""
    parts = {"train": None, "validation": 0, "test": 20, "folds": 1} | split
    changes = {"seq_len": seq_len, "split": Split(**parts)}
    return small_params(data=data).model_copy(update=changes)


def one(values: Floats, *filled: int, name: str = "value") -> dict[str, Series]:
    times = np.arange(len(values), dtype=np.float64)
    return {name: Series(name, times, values, np.isin(times, filled))}


@given(st.integers(1, 30), st.integers(31, 60), st.integers(0, 40))
def test_a_window_is_the_values_just_before_its_target(seq_len: int, start: int, n: int) -> None:
    windows = cut_windows(VALUES, seq_len, range(start, start + n))
    assert windows.inputs.shape == (n, seq_len)
    for row, target in enumerate(range(start, start + n)):
        assert windows.targets[row] == VALUES[target]
        assert (windows.inputs[row] == VALUES[target - seq_len : target]).all()


@pytest.mark.parametrize("targets", [range(19, 30), range(990, 1001)], ids=["early", "late"])
def test_targets_that_do_not_fit_the_series_are_refused(targets: range) -> None:
    with pytest.raises(InputError, match=f"targets {targets.start} to {targets.stop} do not fit"):
        cut_windows(VALUES, 20, targets)


@pytest.mark.parametrize("centre", ["none", "last"])
def test_models_see_scaled_windows_and_targets_in_32_bits(centre: Literal["none", "last"]) -> None:
    scale = fit_scale(VALUES[:820], "standard", centre)
    plain = cut_windows(VALUES, 20, range(820, 900))
    seen = cut_scaled(VALUES, 20, range(820, 900), scale)
    assert seen.inputs.dtype == seen.targets.dtype == np.float32
    assert seen.inputs == pytest.approx(scale.apply(plain.inputs), rel=1e-5, abs=1e-6)
    assert scale.undo(seen.targets, plain.inputs) == pytest.approx(plain.targets, rel=1e-5)


@given(later=st.floats(-1e6, 1e6), folds=st.integers(1, 5), train=st.integers(2, 50) | st.none())
def test_a_scale_is_fitted_on_all_up_to_the_last_training_target_and_on_nothing_later(
    later: float, folds: int, train: int | None
) -> None:
    settings = params(validation=10, test=180, folds=folds, train=train)
    for number, fold in enumerate(make_folds(VALUES, settings)):
        assert fold.scale == fit_scale(VALUES[: fold.train.stop], "standard")
        future = np.append(VALUES[: fold.train.stop], np.full(1000 - fold.train.stop, later))
        assert make_folds(future, settings)[number] == fold


@pytest.mark.parametrize("scale", ["none", "standard"])
def test_a_split_is_read_back_as_it_was(in_tmp: Path, scale: str) -> None:
    settings = params(data=CSV | {"scale": scale, "centre": "last"}, folds=3, validation=3)
    table = split_table(one(NOISE, name="a,b") | one(NOISE[:50], name="07"), settings)
    save_folds(table)
    assert load_folds() == folds_from(table)
    assert load_folds()["07"] == make_folds(NOISE[:50], settings)
    assert (in_tmp / SPLIT).read_text().splitlines()[0] == HEADER


def test_a_series_that_is_too_short_is_refused_by_name_with_what_fits() -> None:
    several = one(NOISE) | one(NOISE[:25], name="b")
    with pytest.raises(InputError, match=f"^{PATH}: column value, series b: seq_len is 4, but"):
        split_table(several, params(data=CSV | {"id": "id"}, validation=5))


@pytest.mark.parametrize("row", ["a,0,4.5,40,40,60,0.5,1.5,none", "a,0,4,40,40,60,0.5,,none"])
def test_a_damaged_split_is_one_line_that_names_it(in_tmp: Path, row: str) -> None:
    (in_tmp / SPLIT).parent.mkdir()
    (in_tmp / SPLIT).write_text(f"{HEADER}\n{row}\n")
    with pytest.raises(InputError, match=rf"^{SPLIT}: cannot be read .*: run `dvc repro`$"):
        load_folds()


def check(series: dict[str, Series], settings: Params) -> None:
    check_series(series, folds_from(split_table(series, settings)), settings.data)


CONSTANT = np.append(np.full(40, 3.3), NOISE[:20])


@pytest.mark.parametrize(
    ("values", "data", "says"),
    [
        (CONSTANT, {"scale": "none"}, "column value: the first 40 values, which train, differ by 0 "
         "at most, which beside 3.3 is lost in rounding: give a series that varies more, set"),
        (CONSTANT, {}, "the first 40 values, which train, do not vary: give a series that varies"),
        (np.append(np.full(59, 3.3), 5), {"centre": "last"}, "which train, do not vary"),
        (np.append(NOISE[:40], np.full(20, NOISE[39])), {}, f"column value: the last 20 values, "
         f"which test, are all {NOISE[39]:g}: give a series that varies more, or raise split.test"),
        (1e-200 * NOISE, {}, "which train, do not vary"),
        (1e-20 * NOISE, {}, "lost in rounding"),
        (1e12 + 100 * NOISE, {}, "differ by 381.846 at most, which beside 1e+12 is lost in "),
        (1e6 + NOISE, {"scale": "none"}, "lost in rounding: give a series that varies more, set "),
    ],
)  # fmt: skip
def test_a_series_that_no_model_can_learn_or_be_scored_on_is_refused(
    values: Floats, data: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        check(one(values), params(data=CSV | data))


@pytest.mark.parametrize("unit", [1e-12, 1, 1e12])
def test_any_ordinary_unit_passes(unit: float) -> None:
    check(one(unit * NOISE), params(folds=3))
    check(one(unit * np.append(NOISE[:40], np.full(20, 1.5))), params())  # one step is enough


def test_a_part_of_which_nothing_was_measured_is_refused() -> None:
    check(one(NOISE, *range(41, 60)), params())
    with pytest.raises(InputError, match="all values of rows 41 to 60 were missing"):
        check(one(NOISE, *range(40, 60)), params())
