"""Files of trained models: read back as they were; what nobody asks for any more is removed."""

from pathlib import Path

import numpy as np
import pytest

from seqcompare.core import paths
from seqcompare.core.files import load_weights
from seqcompare.training.storage import save_runs, save_timing

ONE = {"w": np.zeros(1, np.float32)}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_weights_are_read_back_as_they_were() -> None:
    weights = {
        (seed, fold): {"w": np.full((2, 3), 10 * seed + fold, dtype=np.float32)}
        for seed in (0, 7)
        for fold in (0, 1)
    }
    save_runs("lstm", weights, {"seed": [0, 7]})
    loaded = {run: load_weights(paths.weights("lstm", *run)) for run in weights}
    assert loaded.keys() == weights.keys()
    assert all((loaded[run]["w"] == weights[run]["w"]).all() for run in weights)


def test_the_first_fold_has_the_file_that_it_would_have_alone() -> None:
    save_runs("lstm", {(3, fold): ONE for fold in range(3)}, {"seed": [3]})
    assert {path.name for path in paths.RUNS.glob("lstm/*.safetensors")} == {
        "seed-3.safetensors",
        "seed-3-fold-1.safetensors",
        "seed-3-fold-2.safetensors",
    }


def test_runs_of_seeds_and_folds_that_are_no_longer_asked_for_are_removed() -> None:
    save_runs("lstm", {(1, 0): ONE, (2, 0): ONE, (2, 1): ONE}, {"seed": [1, 2, 2]})
    save_runs("lstm", {(2, 0): ONE}, {"seed": [2]})
    assert [path.name for path in paths.RUNS.glob("lstm/*.safetensors")] == ["seed-2.safetensors"]


def test_results_of_models_that_are_gone_are_removed() -> None:
    for model in ("lstm", "gru"):
        save_runs(model, {}, {"seed": [0]})
        save_timing(model, {}, {"seed": [0]})
    paths.remove_other_models(["lstm"])
    left = {path.stem for path in Path().rglob("*") if path.is_file()}
    assert left == {"history", "lstm"}
    assert not (paths.RUNS / "gru").exists()
