"""Files of trained models: read back as they were; what nobody asks for any more is removed."""

from pathlib import Path

import numpy as np
import pytest

from seqcompare.core import paths
from seqcompare.core.files import load_weights
from seqcompare.training.storage import save_runs, save_timing


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_weights_are_read_back_as_they_were() -> None:
    weights = {(seed, 0): {"w": np.full((2, 3), seed, dtype=np.float32)} for seed in (0, 7)}
    save_runs("lstm", weights, {"seed": [0, 7]})
    for (seed, fold), tensors in weights.items():
        assert (load_weights(paths.weights("lstm", seed, fold))["w"] == tensors["w"]).all()


def test_runs_of_seeds_that_are_no_longer_asked_for_are_removed() -> None:
    save_runs("lstm", {(1, 0): {"w": np.zeros(1, np.float32)}}, {"seed": [1]})
    save_runs("lstm", {(2, 0): {"w": np.zeros(1, np.float32)}}, {"seed": [2]})
    assert not paths.weights("lstm", 1, 0).exists()


def test_results_of_models_that_are_gone_are_removed() -> None:
    for model in ("lstm", "gru"):
        save_runs(model, {}, {"seed": [0]})
        save_timing(model, {}, {"seed": [0]})
    paths.remove_other_models(["lstm"])
    left = {path.stem for path in Path().rglob("*") if path.is_file()}
    assert left == {"history", "lstm"}
    assert not (paths.RUNS / "gru").exists()
