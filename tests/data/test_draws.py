"""Draws: one series for all trials, or one for each, the same for the same seed."""

from typing import Any

import numpy as np
import pytest
from conftest import default_settings
from hypothesis import given
from hypothesis import strategies as st
from sine import noisy_sine

from seqcompare.core.errors import InputError
from seqcompare.core.sections.data import Data
from seqcompare.data.series import make_draws
from seqcompare.data.storage import load_series, save_series


def data(**changes: Any) -> Data:
    return Data(**{**default_settings()["data"], **changes})


def test_each_trial_has_the_draw_of_its_seed() -> None:
    draws = make_draws(data(seed="each"), [0, 7])
    for seed in (0, 7):
        assert np.allclose(draws.of_trial(seed), noisy_sine(seed), rtol=0, atol=1e-15)


@given(seed=st.integers(0, 2**32 - 1))
def test_a_trial_s_draw_is_the_one_series_of_that_seed(seed: int) -> None:
    each = make_draws(data(seed="each", size=20), [seed]).of_trial(seed)
    assert np.array_equal(each, make_draws(data(seed=seed, size=20), [0]).of_trial(0))


def test_the_draws_of_others_change_nothing() -> None:
    alone = make_draws(data(seed="each"), [5]).of_trial(5)
    assert np.array_equal(alone, make_draws(data(seed="each"), [1, 5, 9]).of_trial(5))


def test_one_draw_serves_all_trials() -> None:
    draws = make_draws(data(seed=3), [0, 1])
    assert not draws.vary
    assert draws.of_trial(0) is draws.of_trial(1)


@pytest.mark.parametrize(("seed", "header"), [("each", "time,draw_0,draw_1"), (3, "time,value")])
def test_draws_are_read_back_as_they_were(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, seed: Any, header: str
) -> None:
    monkeypatch.chdir(tmp_path)
    draws = make_draws(data(seed=seed), [0, 1])
    save_series(draws)
    assert (tmp_path / "data/series.csv").read_text().splitlines()[0] == header
    loaded = load_series()
    assert loaded.vary == draws.vary
    assert all(np.array_equal(loaded.of_trial(s), draws.of_trial(s)) for s in (0, 1))


def test_a_trial_without_a_draw_is_refused() -> None:
    with pytest.raises(InputError, match=r"series\.csv: has no draw of seed 4: run `dvc repro`"):
        make_draws(data(seed="each"), [0, 1]).of_trial(4)
