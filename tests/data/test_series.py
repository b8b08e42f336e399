"""The built-in series is a noisy sine, the same for the same seed. CSV files are in test_csv.py."""

import numpy as np
import pytest
from conftest import ROOT

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.core.params import load_params
from seqcompare.core.sections.data import Data
from seqcompare.data.series import make_draws, sine_times


@pytest.fixture
def data() -> Data:
    return load_params(ROOT / "params.yaml").data.model_copy(update={"seed": 0})


def values(data: Data) -> Floats:
    return make_draws(data, [0]).of_trial(0)


def test_the_series_is_a_sine_with_noise_of_the_given_spread(data: Data) -> None:
    times = make_draws(data, [0]).times
    noise = values(data) - np.sin(times)
    assert (len(times), times[0], times[-1]) == (1000, 0, 50)
    assert noise.std() == pytest.approx(0.1, rel=0.05)


def test_the_same_seed_gives_the_same_series(data: Data) -> None:
    assert (values(data) == values(data)).all()


def test_another_seed_gives_other_noise(data: Data) -> None:
    other = data.model_copy(update={"seed": 1})
    assert (values(data) != values(other)).any()


def test_no_noise_gives_the_sine_itself(data: Data) -> None:
    clean = data.model_copy(update={"noise": 0.0})
    assert (values(clean) == np.sin(sine_times(clean))).all()


def test_draws_that_no_memory_holds_are_refused_before_any_is_made(data: Data) -> None:
    each = data.model_copy(update={"seed": "each", "size": 10**7})
    with pytest.raises(InputError) as caught:
        make_draws(each, range(100))
    assert str(caught.value) == (
        "params.yaml: data.seed is each, which for 100 seeds is 1,000,000,000 values: at most "
        "250,000,000 fit: lower data.size, or give data.seed a number"
    )
