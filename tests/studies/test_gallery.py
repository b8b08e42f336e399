"""The gallery: what a row and a rate say, where the answer is known."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import SMALL_MODELS, default_settings, merged
from ruamel.yaml import YAML

from benchmarks.gallery import Example, Result, compare_on, page
from seqcompare.core.comparison import Pair
from seqcompare.core.params import Params, load_params

VALUES = 50 + np.arange(130) + 10 * np.sin(np.arange(130) * 2 * np.pi / 12)


@pytest.fixture
def params(tmp_path: Path) -> Params:
    small = {"seeds": [0, 1], "seq_len": 6, "training": {"epochs": 1}, "models": SMALL_MODELS}
    YAML(typ="safe").dump(merged(default_settings(), small), tmp_path / "params.yaml")
    return load_params(tmp_path / "params.yaml")


@pytest.mark.usefixtures("torch_as_it_was")
def test_a_row_s_errors_of_what_is_not_trained_are_those_of_their_formulas(
    params: Params,
) -> None:
    with ThreadPoolExecutor(1) as executor:
        found = compare_on(Example("a trend and a season", VALUES, 12), params, executor)
    test = np.arange(130 - 26, 130)
    assert found.size == 130
    assert found.mse["persistence"] == pytest.approx(np.mean(np.diff(VALUES)[test - 1] ** 2))
    assert found.mse["seasonal"] == pytest.approx(12**2)
    assert found.mse["ar"] < 1e-9  # centred, a trend and a sine are linear in the window
    assert set(found.mse) == {"lstm", "transformer", "persistence", "ar", "seasonal"}
    assert (found.pair.first, found.pair.second) == ("lstm", "transformer")


def result(name: str, lstm: float, transformer: float) -> Result:
    mse = {"lstm": lstm, "transformer": transformer, "ar": 0.5, "persistence": 2.0}
    pair = Pair(
        first="lstm", second="transformer", family="models", ratio=lstm / transformer, low=0.4,
        high=0.6, confidence=0.95, outcome="better", winner="lstm",
    )  # fmt: skip
    return Result(name, 1234, mse, pair)


def test_the_page_has_a_row_a_series_and_rates_over_them(params: Params) -> None:
    text = page([result("one", 0.25, 0.5), result("two", 1.0, 3.0)], params)
    assert "| one | 1,234 | **0.25** | 0.5 | 0.5 | – | 2 | 0.50 [0.40, 0.60], lstm better |" in text
    assert "- LSTM below Transformer: 2 of 2, 1.00 [0.34, 1.00]" in text
    assert "- LSTM below the linear model: 1 of 2, 0.50 [0.09, 0.91]" in text
    assert "- Transformer below persistence: 1 of 2, 0.50 [0.09, 0.91]" in text
