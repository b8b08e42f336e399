"""The gate: a series that cannot be trained or scored on is refused before anything trains."""

from typing import Any

import numpy as np
import pytest
from conftest import default_settings

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.split import Split
from seqcompare.data.gate import check_draws
from seqcompare.data.series import Draws, make_draws
from seqcompare.data.windows import cut_folds

PATH = "data/input/own.csv"
NOISE = np.random.default_rng(0).normal(size=60)


def data(**changes: Any) -> Data:
    return Data(**{**default_settings()["data"], **changes})


def own(**changes: Any) -> Data:
    return data(source="csv", path=PATH, **changes)


def check(values: Floats, settings: Data, folds: int = 1) -> None:
    split = Split(train=None, validation=0, test=20, folds=folds)
    check_draws(
        Draws(np.arange(len(values), dtype=float), {None: values}),
        cut_folds(len(values), 4, split, settings.scaling),
        settings,
    )


def the_line(values: Floats, settings: Data) -> str:
    with pytest.raises(InputError) as caught:
        check(values, settings)
    return str(caught.value)


@pytest.mark.parametrize("scale", ["none", "standard"])
@pytest.mark.parametrize("constant", [0, 3.3, 1.1, -1e15])
def test_a_constant_training_part_is_refused(scale: str, constant: float) -> None:
    values = np.append(np.full(40, constant), NOISE[:20])
    assert the_line(values, own(scale=scale)) == (
        f"{PATH}: column value: the first 40 values, which train, are all {constant:g}: "
        "give a series that varies, or lower split.test"
    )


def test_a_series_constant_but_for_its_last_value_is_refused() -> None:
    assert "which train, are all 3.3" in the_line(np.append(np.full(59, 3.3), 5), own())


def test_a_constant_test_part_is_refused() -> None:
    assert the_line(np.append(NOISE[:40], np.full(20, NOISE[39])), own()) == (
        f"{PATH}: column value: the last 20 values, which test, are all {NOISE[39]:g}: "
        "give a series that varies, or raise split.test"
    )


def test_one_step_in_the_test_part_is_enough() -> None:
    check(np.append(NOISE[:40], np.full(20, 1.5)), own())


@pytest.mark.parametrize("scale", ["none", "standard"])
def test_values_whose_squares_vanish_are_refused(scale: str) -> None:
    line = the_line(1e-200 * NOISE, own(scale=scale))
    assert "which train, differ by 3.81846e-200 at most" in line
    assert line.endswith("cannot be squared: give them in a smaller unit")


def test_a_spread_that_rounding_loses_is_refused_with_the_way_out() -> None:
    offset = 1e12 + 100 * NOISE
    assert the_line(offset, own()).endswith(
        "differ by 381.846 at most, which beside 1e+12 is lost in rounding: "
        "subtract a constant from all values"
    )
    offset = 1e6 + NOISE
    check(offset, own())
    assert the_line(offset, own(scale="none")).endswith(
        "which beside 1e+06 is lost in rounding: set data.scale to standard"
    )


@pytest.mark.parametrize("unit", [1e-12, 1, 1e12])
def test_any_ordinary_unit_passes(unit: float) -> None:
    check(unit * NOISE, own(), folds=3)


def test_a_sine_too_short_to_rise_is_refused_by_its_settings() -> None:
    flat = data(x_max=1e-300, noise=0.0, size=60)
    assert the_line(make_draws(flat, [0]).of_trial(0), flat) == (
        "params.yaml: data.x_max is 1e-300 and data.noise 0: the first 40 values, which train, "
        "differ by 6.61017e-301 at most, but errors below 1e-15 cannot be squared: raise "
        "data.x_max or data.noise"
    )


def test_every_draw_passes_the_gate() -> None:
    draws = Draws(np.arange(60.0), {0: NOISE, 1: np.ones(60)})
    folds = cut_folds(60, 4, Split(train=None, validation=0, test=20, folds=1), "none")
    with pytest.raises(InputError, match=r"are all 1: raise data\.x_max or data\.noise"):
        check_draws(draws, folds, data())


def test_a_negative_zero_is_no_noise() -> None:
    with pytest.raises(InputError, match=r"^params\.yaml: data\.noise is -0\.0: write 0\.0$"):
        data(noise=-0.0)
