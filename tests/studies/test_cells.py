"""Cells of a map: the params, series and trials of each, and what may choose values of training."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, small_params

from seqcompare.core.errors import InputError
from seqcompare.core.params import load_params
from seqcompare.core.study_params import Map, load_studies
from seqcompare.studies.cells import (
    CHOOSING_SEEDS,
    Cell,
    make_cells,
    map_params,
    with_chosen,
)
from seqcompare.studies.maps import trials_of

CHOOSE = {"validation": 0.2, "seeds": 1, "grid": {"training": {"learning_rate": [0.001, 0.01]}}}
CSV = {"source": "csv", "path": "data/input/rows.csv", "value": "v"}


def map_of(**changes: Any) -> Map:
    settings = {"tutorial": {}, "tuned": {"choose": CHOOSE}}
    return Map.model_validate({"grid": {"seq_len": [4, 8]}, "settings": settings, **changes})


def cells_of(**changes: Any) -> list[Cell]:
    """Of a map with these keys, the others as in a small one."""
    return make_cells("small", small_params(), map_of(**changes))


def test_a_cell_has_the_params_that_dvc_exp_run_would_have() -> None:
    changes = {"models": {"lstm": {"hidden_size": 5}}, "training": {"epochs": 3}}
    _, cell = cells_of(
        grid={"seq_len": [4], "data.noise": [0.2, 0.3]}, settings={"other": changes}, seeds=[5]
    )
    assert cell.params == small_params(seq_len=4, data={"noise": 0.3}, seeds=[5], **changes)
    assert cell.name == "other seq_len=4 data.noise=0.3"
    cells = cells_of(grid={"data": {"noise": [0.2]}}, params={"data": {"period": 9}})
    wanted = small_params(data={"noise": 0.2, "period": 9})
    assert [cell.params for cell in cells] == [wanted] * 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grid": {"seq_len": [4, 80]}},
         "maps.small, setting tutorial at seq_len=80: seq_len is 80, but the series has 120"),
        ({"grid": {"seqlen": [4]}}, "at seqlen=4: seqlen is not a setting: did you mean seq_len?"),
        ({"settings": {"odd": {"models": {"transformer": {"nhead": 3}}}}},
         "maps.small, setting odd at seq_len=4: models.transformer: "),
        ({"settings": {"odd": {"choose": CHOOSE | {"grid": {"training": {"epochs": [2, 0]}}}}}},
         "setting odd at seq_len=4: training.epochs is 0: Input should be greater"),
        ({"settings": {"odd": {"choose": CHOOSE | {"grid": {"seq_len": [5, 8]}}}}},
         "setting odd at seq_len=4: choose.grid.seq_len has no value up to seq_len 4"),
        ({"settings": {"odd": {"choose": CHOOSE | {"grid": {"models": {"gru": {"size": [1]}}}}}}},
         "choose.grid.models.gru.size is of no model: those are lstm, transformer"),
        ({"settings": {"odd": {"choose": CHOOSE | {"grid": {"models": {"lstm": {"size": [1]}}}}}}},
         "setting odd at seq_len=4: models.lstm.size"),
        ({"settings": {"odd": {"choose": CHOOSE | {"validation": 0.999}}}},
         "setting odd at seq_len=4: choose.validation is 0.999, which leaves 0 of 76 training"),
        ({"params": {"data": CSV}}, "setting tutorial at seq_len=4: data/input/rows.csv"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_cell_is_one_line_that_names_map_setting_and_point(
    in_tmp: Path,
    changes: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(InputError) as error:
        cells_of(**changes)
    assert str(error.value).startswith("studies/params.yaml: maps.small, setting ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["settings", "data_amount", "gallery"])
def test_the_committed_maps_can_be_planned(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # where the file of the gallery is
    params = load_params(ROOT / "params.yaml").model_copy(update={"seeds": (0,)})
    cells = make_cells(name, params, load_studies(ROOT / "studies/params.yaml").maps[name])
    tried = {"tuned": [8] * 6, "best_window": [8, 16, 24, 32]}
    for setting, group in itertools.groupby(cells, lambda cell: str(cell.place["setting"])):
        combinations = [len(trials_of(cell, "cpu")) / (2 * 2) for cell in group]  # models, seeds
        assert combinations == tried.get(setting, [0] * 6)[: len(combinations)]


def test_what_chooses_knows_nothing_of_what_is_tested() -> None:
    """It has other seeds and series, its test part ends before the cell's, and it scales itself."""
    *_, cell = cells_of(seeds=[0, CHOOSING_SEEDS], params={"data": {"scale": "standard"}})
    run = cell.choosing
    assert run
    assert set(run.params.seeds).isdisjoint(cell.params.seeds)
    assert set(run.series).isdisjoint(cell.series)
    assert cell.folds["0"][0].train == range(8, 80)
    for name, series in run.series.items():
        fold = run.folds[name][0]
        assert (fold.train, fold.test) == (range(8, 66), range(66, 80))
        assert len(series.values) == 80  # where the cell's test part begins
        assert fold.scale.mean == pytest.approx(np.mean(series.values[:66]))


def test_each_model_chooses_among_its_own_values_and_windows_that_the_cell_has() -> None:
    grid = {"seq_len": [4, 6, 9], "models": {"lstm": {"hidden_size": [3, 5]}}}
    settings = {"best": {"choose": CHOOSE | {"grid": grid}}}
    (cell,) = cells_of(grid={"seq_len": [6]}, settings=settings)
    sizes = [{"seq_len": n, "models.lstm.hidden_size": size} for n in (4, 6) for size in (3, 5)]
    assert list(cell.candidates["lstm"]) == sizes
    assert list(cell.candidates["transformer"]) == [{"seq_len": 4}, {"seq_len": 6}]
    for trial in trials_of(cell, "cpu"):
        (task,) = trial.tasks
        assert task.seq_len == trial.chosen["seq_len"]
        assert task.split == cell.choosing.folds[task.series][0]  # type: ignore[union-attr]


def test_what_chooses_has_a_validation_part_where_the_run_has_one() -> None:
    (cell,) = cells_of(
        params={"split": {"validation": 10}, "training": {"keep": "best"}},
        grid={"seq_len": [4]}, settings={"tuned": {"choose": CHOOSE}},
    )  # fmt: skip
    assert cell.choosing
    (fold,) = next(iter(cell.choosing.folds.values()))
    assert (fold.train, fold.validation, fold.test) == (range(4, 47), range(47, 57), range(57, 70))


def test_a_model_is_trained_as_was_chosen_for_it_whatever_overrides_say() -> None:
    params = small_params(training={"overrides": {"lstm": {"learning_rate": 0.9}}})
    (cell,) = make_cells("small", params, map_of(grid={"seq_len": [4]}, settings={"one": {}}))
    for chosen, rate in (({}, 0.9), ({"training.learning_rate": 0.5}, 0.5)):
        trials = trials_of(cell, "cpu", {"lstm": (chosen, None)})
        assert {trial.tasks[0].recipe.learning_rate for trial in trials} == {rate}
    assert with_chosen(cell.params, "lstm", {}) == cell.params


def test_the_published_params_are_those_of_all_cells_and_the_maps_definition() -> None:
    wanted = map_of(params={"data": {"noise": 0.5}})
    published = map_params(small_params(), wanted)
    run = small_params(data={"noise": 0.5}).model_dump(mode="json")
    assert published == {key: run[key] for key in published if key != "map"} | {
        "map": {"params": {"data": {"noise": 0.5}}, "grid": {"seq_len": [4, 8]},
                "settings": {"tutorial": {}, "tuned": {"choose": CHOOSE}}}
    }  # fmt: skip
    assert run.keys() - published == {"executor", "device", "report"}
