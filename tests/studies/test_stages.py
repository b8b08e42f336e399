"""Stages of the studies, run for real on small params in a folder of their own."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from conftest import ROOT, merged, run_stages

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.yaml import load_yaml
from seqcompare.execution.workers import WorkerDiedError

pytestmark = pytest.mark.usefixtures("torch_as_it_was")

CHOOSE = {"validation": 0.2, "seeds": 1, "grid": {"training": {"learning_rate": [0.001, 0.01]}}}
SMALL_MAP: dict[str, Any] = {
    "grid": {"split.train": [40, 60]}, "settings": {"tutorial": {}, "tuned": {"choose": CHOOSE}},
}  # fmt: skip
SMALL_STUDIES: dict[str, Any] = {
    "cost": {"seq_lens": [4, 8], "processes": 2, "calls": 5},
    "adding_problem": {"lags": [2, 3], "seeds": [0], "steps": 10},
}


@pytest.fixture
def small_project(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with small studies and a map called small."""
    studies = merged(load_yaml(ROOT / "studies/params.yaml"), SMALL_STUDIES)
    studies["cost"]["sizes"] = {"as_configured": {}}
    studies["maps"] = {"small": SMALL_MAP}
    paths.STUDY_PARAMS.parent.mkdir()
    paths.STUDY_PARAMS.write_text(yaml.safe_dump(studies))
    monkeypatch.setattr(paths, "FINISHED_TRIALS", in_tmp / ".trials")
    return in_tmp


def test_cost_and_adding_problem_leave_a_row_for_each_that_was_asked(small_project: Path) -> None:
    run_stages(small_project, "cost", "adding_problem lstm")
    cost = pd.read_csv(paths.COST)
    assert set(cost["status"]) == {"measured"}
    train = cost[cost["kind"] == "train"].groupby(["size", "model", "seq_len"]).size()
    assert train.tolist() == [2] * 2 * 2
    assert set(cost[cost["kind"] == "attention"]["model"]) == {"transformer"}
    lags = pd.read_csv(paths.of_model(paths.ADDING_PROBLEM, "lstm"))
    assert lags[["lag", "seed", "steps"]].to_numpy().tolist() == [[2, 0, 10], [3, 0, 10]]


@pytest.mark.parametrize(
    ("stage", "changes", "key"),
    [
        ("cost", {"sizes": {"odd": {"lstm": {"size": 3}}}}, "cost.sizes.odd.lstm.size"),
        ("adding_problem lstm", {"models": {"lstm": {"num_layers": 0}}},
         "adding_problem.models.lstm.num_layers"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_built_is_refused_where_it_stands(
    small_project: Path, stage: str, changes: dict[str, Any], key: str
) -> None:
    studies = merged(load_yaml(paths.STUDY_PARAMS), {stage.split()[0]: changes})
    paths.STUDY_PARAMS.write_text(yaml.safe_dump(studies))
    with pytest.raises(InputError) as error:
        run_stages(small_project, stage)
    assert str(error.value).startswith(f"studies/params.yaml: {key} is ")


def test_a_map_leaves_its_tables_and_the_params_that_made_them(small_project: Path) -> None:
    run_stages(small_project, "map small")
    folder = paths.MAP_TRIALS / "small"
    trials, scores = (pd.read_csv(folder / f"{name}.csv") for name in ("trials", "scores"))
    assert len(trials) == 2 * 2 * 2 * 5  # settings, points, seeds, predictors
    tuned = scores[(scores["setting"] == "tuned") & (scores["predictor"] == "lstm")]
    assert tuned["chosen"].str.startswith("training.learning_rate=").all()
    assert load_yaml(folder / "params.yaml")["map"] == SMALL_MAP
    assert len(list((small_project / ".trials").iterdir())) == 2 * 2 * 2 + 2 * (2 * 2 + 2 * 2)
    (folder / "trials.csv").unlink()
    run_stages(small_project, "map small")  # of finished trials alone
    assert pd.read_csv(folder / "trials.csv").equals(trials)


def test_a_map_whose_worker_was_killed_says_how_to_go_on(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise WorkerDiedError("a worker died: what finished is kept, and `dvc repro` goes on")

    monkeypatch.setattr("stages.map.run_map", killed)
    with pytest.raises(InputError, match=r"is kept, and `make studies` goes on$"):
        run_stages(small_project, "map small")
