"""Sweeps: what runs in which cell, what is chosen by what, the same tables whatever came before."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import CHOOSE, ROOT, SMALL_SWEEPS, Project, default_sweeps, merged, new_project
from ruamel.yaml import YAML
from scipy import stats

from seqcompare.core.errors import InputError, WorkerDiedError
from seqcompare.core.schema import checked
from seqcompare.core.sweep import MadeFrom, SweepSummary
from seqcompare.core.sweep_params import Sweep, Sweeps, load_sweeps
from seqcompare.data.series import Draws, make_draws
from seqcompare.studies.sweep import cells as of_cells
from seqcompare.studies.sweep import plan, trials
from seqcompare.studies.sweep.cells import Cell, make_cells, with_training
from seqcompare.studies.sweep.doublings import doublings
from seqcompare.studies.sweep.identity import made_from
from seqcompare.studies.sweep.ledger import Ledger
from seqcompare.studies.sweep.plan import Choice, choose_best, choosing_trials, final_trials
from seqcompare.studies.sweep.results import FinishedCell, results_table
from seqcompare.studies.sweep.run import run_sweep, summary
from seqcompare.studies.sweep.trials import SweepTrial, completed, run_trial, run_trials
from seqcompare.training.state import capture
from seqcompare.training.trial import checkpoint_of, start

pytestmark = pytest.mark.usefixtures("torch_as_it_was")

CSV = {"source": "csv", "path": "data/input/rows.csv", "value": "v"}


class Here(Executor):
    """Calls at once, in this process, and remembers them."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.calls.append(args)
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def sweeps(**sweep: Any) -> Sweeps:
    """With a sweep of these keys, the others as in the small one."""
    settings = merged(default_sweeps(), SMALL_SWEEPS)
    small = settings["sweeps"]["small"] | sweep
    return checked(Sweeps, settings | {"sweeps": {"small": small}}, "sweeps/params.yaml")


def sweep_of(read: Sweeps) -> Sweep:
    return read.sweeps["small"]


def cells_of(**sweep: Any) -> list[Cell]:
    read = sweeps(**sweep)
    return make_cells("small", read.base, sweep_of(read))


def unchosen(cell: Cell) -> dict[str, Choice]:
    return {model: Choice() for model in cell.params.models}


def finals_of(**sweep: Any) -> list[SweepTrial]:
    seeds = sweep_of(sweeps(**sweep)).seeds
    return [
        trial
        for cell in cells_of(**sweep)
        for trial in final_trials(cell, unchosen(cell), seeds, "cpu")
    ]


def swept(folder: Path, executor: Executor | None = None, **sweep: Any) -> list[FinishedCell]:
    ledger = Ledger(folder / "trials.txt")
    wanted = sweep_of(sweeps(**sweep))
    return run_sweep(
        cells_of(**sweep), wanted, "cpu", executor or Here(), folder / "c", ledger
    )  # fmt: skip


def test_every_model_and_seed_runs_in_every_cell() -> None:
    names = [trial.name() for trial in finals_of()]
    assert names == [
        f"{setting} seq_len={seq_len} {model} seed={seed}"
        for setting in ("tutorial", "tuned")
        for seq_len in (4, 8)
        for model in ("lstm", "transformer")
        for seed in (0, 1)
    ]


@pytest.mark.parametrize(
    "grid", [{"training.learning_rate": [0.1, 0.2]}, {"training": {"learning_rate": [0.1, 0.2]}}]
)
def test_a_key_of_the_grid_may_stand_in_its_section_or_with_dots(grid: dict[str, Any]) -> None:
    trials = finals_of(grid=grid)
    assert {trial.task.training.learning_rate for trial in trials} == {0.1, 0.2}


def test_a_sweep_may_vary_the_series_itself() -> None:
    one, *_, other = finals_of(grid={"data.noise": [0.0, 1.0]}, settings={"tutorial": {}})
    assert (one.task.values != other.task.values).any()


def test_training_targets_are_the_same_at_every_length() -> None:
    parts = [trial.task.parts for trial in finals_of(grid={"seq_len": [4, 8, 30]})]
    assert {part.train for part in parts} == {range(30, 80)}
    assert {part.test for part in parts} == {range(80, 120)}


def test_a_setting_differs_in_what_it_names_alone() -> None:
    changed = {"models": {"lstm": {"hidden_size": 5}}, "training": {"epochs": 3}}
    plain, other = cells_of(grid={"seq_len": [4]}, settings={"plain": {}, "other": changed})
    expected = merged(json.loads(plain.params.model_dump_json()), changed)
    assert json.loads(other.params.model_dump_json()) == expected


def test_what_all_settings_of_a_sweep_share_stands_in_its_base() -> None:
    cells = cells_of(base={"data": {"noise": 0.5}})
    assert {cell.params.data.noise for cell in cells} == {0.5}


@pytest.mark.parametrize(
    ("sweep", "says"),
    [
        ({"grid": {}}, "sweeps.small.grid is {}: "),
        ({"grid": {"seq_len": 20}}, "sweeps.small.grid.seq_len is 20: give a list of values, like"),
        ({"grid": {"seq_len": []}}, "sweeps.small.grid.seq_len is []: give a list"),
        ({"grid": {"seq_len": [[4]]}}, "sweeps.small.grid.seq_len is [[4]]: give a list"),
        ({"grid": {"seq_len": [4, 4]}}, "grid.seq_len is [4, 4]: each may stand there once"),
        (
            {"grid": {"seq_len": [4, 80]}},
            "sweeps.small, setting tutorial at seq_len=80: seq_len is 80, but the",
        ),
        (
            {"grid": {"seq_len": [4, "x"]}},
            "setting tutorial at seq_len=x: seq_len is 'x': Input",
        ),
        ({"grid": {"seqlen": [4]}}, "at seqlen=4: seqlen is not a setting: those"),
        ({"grid": {"training.epoch": [4]}}, "training.epoch is not a setting: those here are"),
        ({"grid": {"evaluation.horizon": [1]}}, "evaluation is not a setting: those here are"),
        (
            {"settings": {"odd": {"models": {"transformer": {"nhead": 3}}}}},
            "sweeps.small, setting odd at seq_len=4: models.transformer: ",
        ),
        (
            {"settings": {"odd": {"training": {"epochs": 0}}}},
            "setting odd at seq_len=4: training.epochs is 0: Input should be greater",
        ),
        (
            {"settings": {"odd": {"choose": CHOOSE | {"seed": 1}}}},
            "sweeps.small.settings.odd.choose.seed is not a setting: those here are validation",
        ),
        (
            {"settings": {"odd": {"choose": CHOOSE | {"training": {"epochs": 3}}}}},
            "sweeps.small.settings.odd.choose.training.epochs is 3: give a list of values",
        ),
        ({"seeds": [1, 1]}, "sweeps.small.seeds is [1, 1]: each may stand there once"),
    ],
)
def test_a_mistake_in_a_sweep_is_one_line_that_names_it(sweep: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        cells_of(**sweep)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_value_to_choose_that_no_training_has_is_one_line() -> None:
    (cell,) = cells_of(
        grid={"seq_len": [4]},
        settings={"odd": {"choose": CHOOSE | {"training": {"epochs": [1, 0]}}}},
    )
    with pytest.raises(InputError, match=r"training.epochs is 0: Input"):
        choosing_trials(cell, [0], "cpu")


@pytest.mark.parametrize("name", ["settings", "data_amount"])
def test_a_committed_sweep_can_be_planned(name: str) -> None:
    read = load_sweeps(ROOT / "sweeps/params.yaml")
    cells = make_cells(name, read.base, read.sweeps[name])
    assert len(cells) == 12
    for cell in cells:
        chosen = {model: Choice() for model in cell.params.models}
        choosing = choosing_trials(cell, [0], "cpu")
        assert len(choosing) == (2 * 8 * 2 if cell.choose else 0)
        assert len(final_trials(cell, chosen, [0], "cpu")) == 2


def test_who_chooses_has_other_seeds_and_draws_than_who_is_tested() -> None:
    *_, cell = cells_of()
    choosing = [trial.task for _, _, trial in choosing_trials(cell, [0, 1], "cpu")]
    final = [trial.task for trial in final_trials(cell, unchosen(cell), [0, 1], "cpu")]
    assert not {task.seed for task in choosing} & {task.seed for task in final}
    drawn = {task.values[:80].tobytes() for task in final}
    assert not {task.values[:80].tobytes() for task in choosing} & drawn
    taken = [plan.CHOOSING_SEEDS]
    assert {t.task.seed for _, _, t in choosing_trials(cell, taken, "cpu")}.isdisjoint(taken)


def test_who_chooses_is_judged_by_the_last_training_targets_and_trained_on_none_of_them() -> None:
    *_, cell = cells_of()
    for _, _, trial in choosing_trials(cell, [0], "cpu"):
        assert trial.task.parts.train == range(8, 66)
        assert trial.judged.targets == (range(66, 80),)
        assert len(trial.judged.values) == len(trial.task.values) == 80  # where the test starts
    for trial in final_trials(cell, unchosen(cell), [0], "cpu"):
        assert trial.task.parts.train == range(8, 80)
        assert trial.judged.targets == (range(80, 120),)


def test_absurd_test_targets_change_no_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = swept(tmp_path / "honest")

    def absurd(data: Any, seeds: Any) -> Draws:
        draws = make_draws(data, seeds)
        planted = {}
        for seed, values in draws.values.items():
            planted[seed] = values.copy()
            planted[seed][80:] = 1e3 * np.cos(np.arange(40))
        return Draws(draws.times, planted)

    monkeypatch.setattr(of_cells, "make_draws", absurd)
    monkeypatch.setattr(plan, "make_draws", absurd)
    planted = swept(tmp_path / "planted")
    assert [cell.chosen for cell in planted] == [cell.chosen for cell in honest]
    for one, other in zip(planted, honest, strict=True):
        assert one.losses["lstm"].mean() > 1e3 * other.losses["lstm"].mean()
        for model, results in one.results.items():
            weights = [result.weights_sha256 for result in other.results[model]]
            assert [result.weights_sha256 for result in results] == weights


def test_the_lowest_mean_error_is_chosen_and_what_diverged_is_not() -> None:
    choose = CHOOSE | {"seeds": 2, "training": {"learning_rate": [0.1, 0.2, 0.3]}}
    (cell,) = cells_of(grid={"seq_len": [4]}, settings={"tuned": {"choose": choose}})
    choosing = choosing_trials(cell, [0], "cpu")
    errors = {
        "lstm": [None, 0.1, 3.0, 5.0, 4.0, 4.5],
        "transformer": [2.0, 2.0, 1.0, 3.0, 9.0, 9.0],
    }
    results = [result_of(error) for model in ("lstm", "transformer") for error in errors[model]]
    assert choose_best(cell, choosing, results) == {
        "lstm": Choice({"learning_rate": 0.2}, 4.0),
        "transformer": Choice({"learning_rate": 0.1}, 2.0),  # the first of two
    }
    with pytest.raises(InputError, match=r"^tuned seq_len=4: training of lstm diverged with all"):
        choose_best(cell, choosing, [result_of(None)] * len(choosing))


def result_of(mse: float | None) -> trials.SweepResult:
    return trials.SweepResult(mse, None, 1, 1.0, "0")


def test_final_trials_train_as_was_chosen_for_their_model() -> None:
    *_, cell = cells_of()
    chosen = {"lstm": Choice({"learning_rate": 0.5}), "transformer": Choice({"epochs": 7})}
    training = {
        trial.task.model: trial.task.training for trial in final_trials(cell, chosen, [0], "cpu")
    }
    assert training["lstm"].learning_rate == 0.5
    assert training["transformer"].epochs == 7
    assert with_training(cell.params, "lstm", {}) == cell.params


def test_what_is_done_is_not_done_again_and_the_table_is_the_same(tmp_path: Path) -> None:
    first, second, third = Here(), Here(), Here()
    table = results_table(swept(tmp_path, first))
    again = results_table(swept(tmp_path, second))
    assert (len(first.calls), len(second.calls)) == (8 + 8 + 8, 0)  # 4 points x 2 choose, 16 final
    assert json.dumps(again) == json.dumps(table)
    swept(tmp_path, third, base={"split": {"test": 41}})  # other test values
    assert len(third.calls) == 24


def test_trials_that_are_the_same_in_two_settings_run_once(tmp_path: Path) -> None:
    here = Here()
    finished = swept(tmp_path, here, grid={"seq_len": [4]}, settings={"one": {}, "two": {}})
    assert len(here.calls) == 4
    assert finished[0].results == finished[1].results


def test_the_longest_trials_start_first(tmp_path: Path) -> None:
    here = Here()
    swept(tmp_path, here, settings={"short": {}, "long": {"training": {"epochs": 3}}})
    work = [tasks[0].seq_len * tasks[0].training.epochs for tasks, *_ in here.calls]
    assert work == sorted(work, reverse=True)


def test_a_trial_whose_worker_dies_loses_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = trials.run_trial

    def dies_at_lstm(tasks: Any, judged: Any, checkpoints: Path) -> Any:
        if tasks[0].model == "lstm":
            raise WorkerDiedError("its process ended by signal 9 (SIGKILL)")
        return real(tasks, judged, checkpoints)

    monkeypatch.setattr(trials, "run_trial", dies_at_lstm)
    says = r"^one seq_len=4 lstm seed=0: its process .* and 1 more trials: .* kept, `make sweeps`"
    with pytest.raises(InputError, match=says):
        swept(tmp_path, grid={"seq_len": [4]}, settings={"one": {}})
    assert len(Ledger(tmp_path / "trials.txt").load()) == 2


def test_trials_leave_no_checkpoint_behind(tmp_path: Path) -> None:
    swept(tmp_path, grid={"seq_len": [4]})
    assert list((tmp_path / "c").iterdir()) == []


def test_a_trial_that_ends_leaves_the_checkpoints_of_other_trials_alone(tmp_path: Path) -> None:
    checkpoints = tmp_path / "c"
    first, *_, last = finals_of(settings={"one": {}})
    half_done = checkpoint_of(first.task, checkpoints)
    half_done.save(capture(start(first.task, torch.device("cpu"))))
    run_trial(last.tasks, last.judged, checkpoints)
    assert half_done.load() is not None


def test_the_summary_holds_every_pair_and_whether_the_line_beats_all(tmp_path: Path) -> None:
    wanted = sweep_of(sweeps())
    found = summary(swept(tmp_path), wanted, MadeFrom(params="a", code="b", data="c"))
    assert SweepSummary.model_validate(json.loads(found.model_dump_json())) == found
    for cell in found.cells:
        families = [(pair.first, pair.second, pair.family) for pair in cell.pairs]
        assert families == [
            ("lstm", "transformer", "models"),
            ("lstm", "ar", "line"),
            ("transformer", "ar", "line"),
            ("lstm", "oracle", "limit"),
            ("transformer", "oracle", "limit"),
        ]
        winners = {pair.winner for pair in cell.pairs if pair.family == "line"}
        assert cell.line_beats_all == (winners == {"ar"})
        chosen = cell.predictors["lstm"].chosen
        assert bool(chosen) == (cell.setting == "tuned")
        assert (cell.design, cell.training_targets, cell.test_targets) == ("draws", 72, 40)


@pytest.mark.parametrize("design", ["draws", "series"])
def test_the_last_doubling_compares_the_same_trials_with_more_data_and_with_less(
    tmp_path: Path, design: str
) -> None:
    base = {"data": {"size": 125, "seed": "each" if design == "draws" else 0}}
    choose = {"choose": CHOOSE}
    finished = swept(
        tmp_path,
        base=base,
        grid={"split.train": [20, 33, 65]},
        settings={"tutorial": {}, "tuned": choose},
    )
    found = summary(finished, sweep_of(sweeps()), MadeFrom(params="a", code="b", data="c"))
    assert SweepSummary.model_validate(json.loads(found.model_dump_json())) == found
    assert found.data["size"] == 125
    told = [(each.setting, each.model, each.fewer, each.more) for each in found.doublings]
    assert told == [
        (setting, model, 33, 65)
        for setting in ("tutorial", "tuned")
        for model in ("lstm", "transformer")
    ]
    first = found.doublings[0]
    less, more = (each.losses["lstm"].mean(axis=1) for each in finished[1:3])
    logs = np.log(more / less)
    ratio = np.exp(logs.mean()) if design == "draws" else more.mean() / less.mean()
    assert first.ratio == pytest.approx(ratio, rel=1e-12)
    assert first.confidence == 0.975
    if design == "draws":
        ends = stats.t.interval(0.975, 1, logs.mean(), stats.sem(logs))
        assert (first.low, first.high) == pytest.approx(np.exp(ends), rel=1e-9)


@pytest.mark.parametrize(
    "grid",
    [{"seq_len": [4, 8]}, {"split.train": [20, 50]}, {"split.train": [20, 40], "seq_len": [4]}],
)
def test_other_grids_tell_of_no_doubling(tmp_path: Path, grid: dict[str, Any]) -> None:
    finished = swept(tmp_path, grid=grid, settings={"tutorial": {}}, seeds=[0])
    assert list(doublings(finished)) == []


def test_of_series_that_differ_from_cell_to_cell_no_data_are_named(tmp_path: Path) -> None:
    finished = swept(tmp_path, grid={"data.noise": [0.1, 0.2]}, settings={"one": {}}, seeds=[0])
    made = MadeFrom(params="a", code="b", data="c")
    assert summary(finished, sweep_of(sweeps()), made).data == {}


def test_the_table_has_a_row_for_each_trial_of_each_predictor(tmp_path: Path) -> None:
    table = results_table(swept(tmp_path))
    assert list(table[0]) == [
        "setting", "seq_len", "model", "seed", "test_mse", "validation_mse", "parameters",
    ]  # fmt: skip
    assert [row["model"] for row in table[:10:2]] == [
        "lstm", "transformer", "persistence", "ar", "oracle",
    ]  # fmt: skip
    assert len(table) == 4 * 5 * 2
    for row in table:
        trained = row["model"] in {"lstm", "transformer"}
        assert (row["validation_mse"] is None) == (not trained or row["setting"] == "tutorial")
        assert (row["parameters"] is None) == (not trained)


def test_a_sweep_on_a_csv_speaks_of_one_series_and_skips_interpolated_targets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"{value:.3f}" for value in np.sin(np.arange(120) / 3) + 0.1 * rng.normal(size=120)]
    rows[100] = "NA"
    (tmp_path / "data/input").mkdir(parents=True)
    (tmp_path / "data/input/rows.csv").write_text("\n".join(["v", *rows]) + "\n")
    base = {"data": CSV | {"missing": "interpolate"}, "split": {"test": 50}}
    finished = swept(tmp_path, base=base, grid={"seq_len": [4]})
    found = summary(finished, sweep_of(sweeps()), MadeFrom(params="a", code="b", data="c"))
    assert {(cell.design, cell.test_targets) for cell in found.cells} == {("series", 49)}
    assert finished[0].losses["lstm"].shape == finished[0].losses["ar"].shape == (2, 49)
    assert found.cells[0].predictors["ar"].low is not None


def test_the_readme_s_own_sweep_takes_eight_lines_and_can_be_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = re.findall(r"```yaml\n(  sunspots:\n.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert len(block.splitlines()) <= 8
    monkeypatch.chdir(tmp_path)
    rows = [f"{1700 + n},{50 + 40 * np.sin(n)}" for n in range(309)]
    (tmp_path / "data/input").mkdir(parents=True)
    (tmp_path / "data/input/sunspots.csv").write_text("\n".join(["YEAR,SUNACTIVITY", *rows]) + "\n")
    read = checked(Sweeps, default_sweeps() | {"sweeps": YAML(typ="safe").load(block)}, "README")
    cells = make_cells("sunspots", read.base, read.sweeps["sunspots"])
    assert [len(cell.folds.targets[0][0]) for cell in cells] == [309 - 80 - 44] * 6
    assert len(choosing_trials(cells[-1], [0], "cpu")) == 2 * 2 * 2


def test_another_csv_code_or_param_is_another_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read = sweeps(base={"data": CSV})
    now = made_from(read.base, sweep_of(read), "fast", "auto")
    (tmp_path / "data/input").mkdir(parents=True)
    (tmp_path / "data/input/rows.csv").write_text("v\n1\n2\n3\n")
    later = made_from(read.base, sweep_of(read), "fast", "auto")
    assert (later.params, later.code) == (now.params, now.code)
    assert later.data != now.data
    assert made_from(read.base, sweep_of(read), "fast", "cpu").params != now.params


def test_calls_are_handed_over_only_as_earlier_ones_are_done() -> None:
    taken = []

    def calls() -> Iterator[tuple[int, tuple[int, ...]]]:
        for number in range(20):
            taken.append(number)
            yield number, (number,)

    with ThreadPoolExecutor(2) as executor:
        results = {}
        for label, future in completed(executor, lambda n: n * n, calls(), in_flight=3):
            results[label] = future.result()
            assert len(taken) <= len(results) + 3
    assert results == {n: n * n for n in range(20)}


def test_every_trial_is_told_once_with_its_work(tmp_path: Path) -> None:
    told: list[tuple[str, int, bool]] = []
    wanted = finals_of(settings={"one": {}})
    ledger = Ledger(tmp_path / "trials.txt")
    for known in (False, True):
        told.clear()
        run_trials(wanted, Here(), tmp_path / "c", ledger, lambda *event: told.append(event))
        expected = [(trial.name(), trial.work, known) for trial in wanted]
        assert sorted(told) == sorted(expected)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "project")
    project.run("dvc", "repro", "sweeps/dvc.yaml")
    return project


@pytest.mark.slow
def test_the_pipeline_of_a_sweep_runs_once_and_comes_back_without_training(
    project: Project,
) -> None:
    made = {
        name: project.read(f"reports/sweeps/small{name}")
        for name in (".csv", ".json", "_seconds.csv", ".md", ".png", ".svg")
    }
    assert made[".csv"].startswith(b"setting,seq_len,model,seed,test_mse,validation_mse,parameters")
    assert made[".png"].startswith(b"\x89PNG")
    assert "Running" not in project.run("dvc", "repro", "sweeps/dvc.yaml").stdout
    for name in made:
        (project.path / f"reports/sweeps/small{name}").unlink()
    (project.path / "sweeps/dvc.lock").unlink()
    again = project.run("dvc", "repro", "sweeps/dvc.yaml")
    assert "known from before" in again.stderr
    for name, content in made.items():
        assert project.read(f"reports/sweeps/small{name}") == content, name


@pytest.mark.slow
def test_a_sweep_trains_what_the_pipeline_trains(project: Project) -> None:
    project.change_sweeps(sweeps={"small": {"grid": {"seq_len": [20]}}})
    project.run("dvc", "repro", "sweeps/dvc.yaml")
    project.run("dvc", "repro", "evaluate")
    metrics = json.loads(project.read("reports/metrics.json"))
    rows = [line.split(",") for line in project.read("reports/sweeps/small.csv").decode().split()]
    for model in ("lstm", "transformer", "ar", "oracle"):
        mses = [float(row[4]) for row in rows if row[0] == "tutorial" and row[2] == model]
        assert sum(mses) / len(mses) == pytest.approx(metrics[model]["mse"], rel=1e-5)


@pytest.mark.slow
def test_a_bad_point_leaves_the_last_table_in_place(project: Project) -> None:
    table = project.read("reports/sweeps/small.csv")
    failed = project.run(
        "dvc", "exp", "run", "sweeps/dvc.yaml",
        "-S", "sweeps/params.yaml:sweeps.small.grid.seq_len=[4,80]",
        check=False,
    )  # fmt: skip
    assert (
        "error: sweeps/params.yaml: sweeps.small, setting tutorial at seq_len=80: seq"
        in failed.stderr
    )
    assert project.read("reports/sweeps/small.csv") == table


@pytest.mark.slow
def test_params_of_the_main_pipeline_make_no_sweep_stale(project: Project) -> None:
    project.change_params(seq_len=5, seeds=[3], training={"epochs": 1}, data={"noise": 0.2})
    assert "Running" not in project.run("dvc", "repro", "sweeps/dvc.yaml").stdout


@pytest.mark.slow
def test_a_stale_sweep_that_dvc_takes_for_current_is_found(project: Project) -> None:
    command = [sys.executable, "-m", "seqcompare.verify", "--sweeps"]
    assert "1 sweeps: all hold" in project.run(*command).stdout
    project.change_sweeps(base={"training": {"epochs": 3}})
    project.run("dvc", "commit", "-f", "sweeps/dvc.yaml")  # as `dvc exp save` does
    assert "Running" not in project.run("dvc", "repro", "sweeps/dvc.yaml").stdout
    found = project.run(*command, check=False)
    assert found.returncode == 1
    assert (
        "reports/sweeps/small.json: was made from other params than are here: run" in found.stdout
    )
    drawn = project.run("python3", "-m", "stages.render_sweep", "small", check=False)
    assert drawn.stderr.startswith("error: reports/sweeps/small.json: was made from other params")
    assert len(drawn.stderr.splitlines()) == 1
