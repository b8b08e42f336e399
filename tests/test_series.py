"""The built-in series: the tutorial's sine, the same for the same seed."""

import numpy as np
import pytest
from conftest import ROOT

from seqcompare.params import Data, load_params
from seqcompare.series import make_series


@pytest.fixture
def data() -> Data:
    return load_params(ROOT / "params.yaml").data


def test_the_series_is_a_sine_with_noise_of_the_given_spread(data: Data) -> None:
    series = make_series(data)
    noise = series.values - np.sin(series.times)
    assert (len(series.times), series.times[0], series.times[-1]) == (1000, 0, 50)
    assert noise.std() == pytest.approx(0.1, rel=0.05)


def test_the_same_seed_gives_the_same_series(data: Data) -> None:
    assert (make_series(data).values == make_series(data).values).all()


def test_another_seed_gives_other_noise(data: Data) -> None:
    other = data.model_copy(update={"seed": 1})
    assert (make_series(data).values != make_series(other).values).any()


def test_no_noise_gives_the_sine_itself(data: Data) -> None:
    clean = make_series(data.model_copy(update={"noise": 0.0}))
    assert (clean.values == np.sin(clean.times)).all()
