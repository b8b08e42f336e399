"""Growth of the stages: slopes where they are known, and params that the pipeline takes."""

import math
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from ruamel.yaml import YAML

from benchmarks.clone import change_params
from benchmarks.scale import AXES, STAGES, Axis, after_training, slope, table
from seqcompare.core.params import load_params

LINEAR = Axis((1, 10, 100), dict, {"evaluate": 1})


def test_a_slope_is_that_of_the_last_two_points() -> None:
    assert slope([1, 10, 100], [5, 1, 100]) == pytest.approx(2)
    assert slope([20, 80], [3, 3]) == 0


def test_a_slope_steeper_than_its_mathematics_is_bold() -> None:
    found = [{"evaluate": (n**1.5, 100.0 + n), "page": (math.nan, 0.5)} for n in LINEAR.counts]
    head, _, evaluate, page = table(LINEAR.counts, found, LINEAR)
    assert head == "| | 1 | 10 | 100 | slope: s | MB | at most |"
    assert evaluate == (
        "| evaluate | 1.00 s, 101 MB | 31.62 s, 110 MB | 1000.00 s, 200 MB | **1.50** | 0.26 | 1 |"
    )
    assert page == "| page | 0.5 MB | 0.5 MB | 0.5 MB |  | 0.00 | 1 |"


def test_stages_after_training_are_shares_of_training_at_all_epochs() -> None:
    used = dict.fromkeys(STAGES, (1.0, 1.0))  # six of them come after two that train
    assert after_training(used, epochs=20) == pytest.approx(6 / 40)


def test_every_stage_of_the_pipeline_is_measured_and_bounded_on_every_axis() -> None:
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    assert {stage.split()[0] for stage in STAGES} == set(stages)
    for axis in AXES.values():
        assert set(axis.bounds) == set(STAGES)


@pytest.mark.parametrize("name", AXES)
def test_the_pipeline_takes_the_params_of_both_ends(name: str, tmp_path: Path) -> None:
    axis = AXES[name]
    for count in (axis.counts[0], axis.counts[-1]):
        shutil.copy(ROOT / "params.yaml", tmp_path)
        change_params(tmp_path, axis.params(count))
        params = load_params(tmp_path / "params.yaml")
        size = count if name == "rows" else params.data.size
        assert params.split.targets(size, params.seq_len)
