"""Maps: a cell is a run, no trial runs twice, and nothing is chosen by a test number."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import run_stages, small_params
from pandas.testing import assert_frame_equal

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.params import Params
from seqcompare.core.study_params import Map
from seqcompare.data import series as of_series
from seqcompare.data.series import load_series
from seqcompare.data.windows import load_folds
from seqcompare.evaluation.comparison import compare_pairs, losses_table, mse_table
from seqcompare.evaluation.trials import load_trials, test_trial
from seqcompare.studies import maps
from seqcompare.studies.cells import Cell, make_cells
from seqcompare.studies.maps import (
    MapTrial,
    choose_best,
    load_finished,
    planned_work,
    run_map,
    save_finished,
    trials_of,
)

pytestmark = pytest.mark.usefixtures("torch_as_it_was")

CHOOSE = {"validation": 0.2, "seeds": 1, "grid": {"training": {"learning_rate": [0.001, 0.01]}}}
TUTORIAL: dict[str, Any] = {"grid": {"seq_len": [4]}, "settings": {"tutorial": {}}}
TUNED: dict[str, Any] = {"settings": {"tuned": {"choose": CHOOSE}}}


class Here(list[MapTrial]):
    """Runs calls at once, in this process, and remembers their trials."""

    def submit(self, fn: Callable[..., Any], trial: MapTrial, *args: Any) -> Future[Any]:
        self.append(trial)
        future: Future[Any] = Future()
        try:
            future.set_result(fn(trial, *args))
        except InputError as error:
            future.set_exception(error)
        return future


def cells_of(run: Params | None = None, **changes: Any) -> list[Cell]:
    return make_cells("small", run or small_params(), Map.model_validate(TUTORIAL | changes))


def ran(
    folder: Path,
    cells: list[Cell],
    submit: Callable[..., Any] | None = None,
    on_done: Callable[..., object] = lambda *_: None,
) -> dict[str, pd.DataFrame]:
    """The map's tables, with checkpoints and finished trials in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "CHECKPOINTS", folder / "checkpoints")
        patch.setattr(paths, "FINISHED_TRIALS", folder / "finished")
        return run_map("small", cells, "cpu", submit or Here().submit, on_done)


def run_of(folder: Path, params: Params, **changes: Any) -> pd.DataFrame:
    """The losses of the run's own stages."""
    folder.mkdir()
    run_stages(folder, "generate", "split", "train lstm", "train transformer", **changes)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        trials = load_trials(params, load_series(), load_folds())
    return losses_table([test_trial(trial, params) for trial in trials])


@pytest.mark.parametrize(
    "changes", [{}, {"data": {"seed": 3}}, {"training": {"tested_epochs": 2, "keep": "mean"}}]
)
def test_the_cell_at_the_main_setting_has_the_numbers_of_the_run_to_the_last_digit(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    params = small_params(seq_len=4, **changes)
    losses = run_of(tmp_path / "run", params, seq_len=4, **changes)
    found = ran(tmp_path, cells_of(params))
    errors = losses.groupby(level=["series", "seed"], sort=False).mean()
    trials = found["trials"].pivot(index=["series", "seed"], columns="predictor", values="mse")
    assert_frame_equal(
        trials[list(errors)], errors, check_exact=True, check_names=False, check_dtype=False
    )
    pairs = compare_pairs(losses, list(params.models), params.evaluation)
    assert_frame_equal(found["pairs"][list(pairs)], pairs, check_exact=True)
    scores = mse_table(losses, params.evaluation.confidence).reset_index()
    assert_frame_equal(found["scores"][list(scores)], scores, check_exact=True, check_dtype=False)
    assert list(found["scores"])[:3] == ["setting", "seq_len", "predictor"]
    beside = ["parameters", "training_targets", "test_targets", "chosen"]
    assert list(found["scores"])[6:] == beside
    assert found["scores"].loc[0, beside[1:3]].tolist() == [76, 40]


def test_what_is_done_is_not_done_again_and_the_tables_are_the_same(tmp_path: Path) -> None:
    first, second, other_test_values = Here(), Here(), Here()
    found, again = (ran(tmp_path, cells_of(**TUNED), here.submit) for here in (first, second))
    assert (len(first), len(second)) == (2 * 2 + 2 * 2, 0)
    for name, table in found.items():
        assert_frame_equal(table, again[name], check_exact=True)
    assert list((tmp_path / "checkpoints").glob("*")) == []
    ran(tmp_path, cells_of(params={"split": {"test": 41}}), other_test_values.submit)
    assert len(other_test_values) == 4


def test_shared_trials_run_once_the_longest_first_and_progress_hears_of_all(tmp_path: Path) -> None:
    here, heard = Here(), []
    cells = cells_of(settings={"one": {}, "two": {}, "long": {"training": {"epochs": 3}}})
    ran(tmp_path, cells, here.submit, lambda *event: heard.append(event))
    assert [trial.tasks[0].recipe.epochs for trial in here] == [3] * 4 + [2] * 4
    assert sum(known for *_, known in heard) == 4
    assert sorted(work for _, work, _ in heard) == sorted(planned_work(cells, "cpu"))


def test_the_lowest_mean_error_is_chosen_and_what_diverged_is_not() -> None:
    choose = CHOOSE | {"seeds": 2, "grid": {"training": {"learning_rate": [0.1, 0.2, 0.3]}}}
    (cell,) = cells_of(settings={"tuned": {"choose": choose}})
    trials = trials_of(cell, "cpu")  # of each model, rate and seed, in this order
    errors = [None, 0.1, 3.0, 5.0, 4.0, 4.5, *(2, 2, 1, 3, 9, 9)]
    results = {trial.file: {"mse": mse} for trial, mse in zip(trials, errors, strict=True)}
    assert choose_best(cell, trials, results) == {
        "lstm": ({"training.learning_rate": 0.2}, 4.0),
        "transformer": ({"training.learning_rate": 0.1}, 2.0),  # the first of two
    }
    with pytest.raises(InputError, match=r"^tuned seq_len=4: training of lstm diverged with all"):
        choose_best(cell, trials, {file: {"mse": None} for file in results})


def test_a_model_at_a_shorter_window_is_tested_on_the_same_targets_beside_the_same_baselines(
    tmp_path: Path,
) -> None:
    choose = CHOOSE | {"grid": {"seq_len": [4]}}
    settings = {"tutorial": {}, "best": {"choose": choose}}
    found = ran(tmp_path, cells_of(grid={"seq_len": [8]}, settings=settings))
    mse = found["trials"].pivot_table("mse", ["series", "seed"], ["setting", "predictor"])
    baselines = ["ar", "oracle", "persistence"]
    assert_frame_equal(mse["best"][baselines], mse["tutorial"][baselines], check_exact=True)
    # the same training targets, which a run at 4 has if split.train says so
    losses = run_of(tmp_path / "run", small_params(seq_len=4, split={"train": 72}), seq_len=4,
                    split={"train": 72})  # fmt: skip
    errors = losses.groupby(level=["series", "seed"], sort=False).mean()[["lstm", "transformer"]]
    of_run = mse["best"][["lstm", "transformer"]].set_axis(errors.index)
    assert_frame_equal(of_run, errors, check_exact=True, check_names=False)


def test_absurd_test_targets_change_no_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = ran(tmp_path / "honest", cells_of(**TUNED))
    sine = of_series.noisy_sine

    def absurd(data: Any, seed: int) -> Any:
        values = sine(data, seed)
        values[80:] = 1e3 * np.cos(np.arange(40))
        return values

    monkeypatch.setattr(of_series, "noisy_sine", absurd)
    planted = ran(tmp_path / "planted", cells_of(**TUNED))
    same = ["predictor", "seed", "validation_mse", "chosen"]
    assert_frame_equal(planted["trials"][same], honest["trials"][same], check_exact=True)
    assert planted["trials"]["mse"].min() > 1e3 * honest["trials"]["mse"].max()


@pytest.mark.parametrize(
    ("whole", "damaged"), [("", ""), ("{", "["), ('"mse": 0.5', '"mse": 0.6'), ("sha256", "sha")]
)
def test_a_damaged_finished_trial_is_one_line_and_starts_over(
    tmp_path: Path, whole: str, damaged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trial.json"
    assert load_finished(path) is None
    save_finished(path, {"mse": 0.5})
    assert load_finished(path) == {"mse": 0.5}
    path.write_text(path.read_text().replace(whole, damaged) if whole else "")
    assert load_finished(path) is None
    assert capsys.readouterr().err == f"{path}: is damaged: this trial starts over\n"


def test_a_trial_that_diverges_is_one_line_that_names_it_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = maps.run_trial

    def diverges(trial: MapTrial, checkpoints: Path) -> Any:
        if trial.tasks[0].model == "lstm":
            raise InputError("not finite: lower training.learning_rate")
        return real(trial, checkpoints)

    monkeypatch.setattr(maps, "run_trial", diverges)
    with pytest.raises(InputError) as error:
        ran(tmp_path, cells_of())
    assert str(error.value) == (
        "map small: tutorial seq_len=4, lstm, seed 0: not finite: lower training.learning_rate: "
        "2 of 4 trials finished and are kept, and `make studies` goes on"
    )
    assert len(list((tmp_path / "finished").iterdir())) == 2
