"""Trained models to use: the pipeline's predictions, forecasts with intervals, a command."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SMALL, default_settings, merged
from ruamel.yaml import YAML

from seqcompare import __main__ as command
from seqcompare import load_models
from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.files import load_csv, save
from seqcompare.core.params import load_params
from seqcompare.data.series import make_draws
from seqcompare.data.storage import load_series, load_split, save_series, save_split
from seqcompare.data.windows import cut_folds, cut_windows
from seqcompare.evaluation.forecasts import conformal_radius, roll_out
from seqcompare.evaluation.results import evaluate, load_trials
from seqcompare.training.storage import save_runs
from seqcompare.training.trial import train
from seqcompare.training.trials import history, plan_trials

MODELS = ("lstm", "transformer")
CSV: dict[str, Any] = {
    "data": {"source": "csv", "path": "data/input/own.csv", "time": "year", "centre": "last"},
    "split": {"folds": 2},
}


def make_project(folder: Path, **changes: Any) -> None:
    """What `dvc repro` leaves of training and evaluation, without DVC, in the working directory."""
    settings = merged(merged(default_settings(), SMALL), {"seq_len": 8, **changes})
    YAML(typ="safe").dump(settings, folder / "params.yaml")
    values = np.random.default_rng(0).normal(0.1, 1, 120).cumsum()
    write_csv(folder / "data/input/own.csv", values)
    params = load_params()
    data = params.data
    draws = make_draws(data, params.seeds)
    folds = cut_folds(draws.times.size, params.seq_len, params.split, data.scaling, data.centre)
    save_series(draws)
    save_split(folds, draws.dated)
    for name in params.models:
        tasks = plan_trials(
            name, params.models[name], params.training, params.seq_len, params.seeds, draws,
            folds, "cpu",
        )  # fmt: skip
        trained = [train(task, folder / "checkpoints", 2) for task in tasks]
        save_runs(
            name, {(each.seed, each.fold): each.weights for each in trained}, history(trained)
        )
    trials = load_trials(params.models, params.seq_len, params.seeds, draws, folds)
    made = evaluate(params.models, params.seq_len, trials, draws, data, params.evaluation)
    save(paths.PREDICTIONS_BY_SEED, made[paths.PREDICTIONS_BY_SEED])


def write_csv(path: Path, values: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{1900 + row},{value}\n" for row, value in enumerate(values))
    path.write_text(f"year,value\n{rows}")


of_a_csv = pytest.mark.parametrize("kind", ["csv"], indirect=True)


@pytest.fixture(scope="module", params=["draws", "csv"])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp(request.param)
    with chdir(folder):
        make_project(folder, **(CSV if request.param == "csv" else {}))
        yield request.param


@pytest.fixture
def own_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> Path:
    """A project with a series of its own, which a test may change; its working directory."""
    assert kind == "csv"
    shutil.copytree(".", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def forecast(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["seqcompare", "forecast", *arguments])
    command.main()


def table(text: str) -> dict[str, list[float]]:
    header, *rows = (line.split(",") for line in text.splitlines())
    return {name: [float(row[place]) for row in rows] for place, name in enumerate(header)}


def test_the_package_alone_loads_no_torch() -> None:
    code = "import sys, seqcompare; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_predictions_are_those_of_the_pipeline_to_the_last_bit(kind: str) -> None:
    folds = load_split().targets
    draws, published = load_series(), load_csv(paths.PREDICTIONS_BY_SEED)
    for fold, (_, _, test) in enumerate(folds):
        for name, model in load_models(fold=fold).items():
            for seed, predict in model.trials.items():
                windows = cut_windows(draws.of_trial(seed), 8, test).inputs
                own = published[name][published["seed"] == seed]
                place = test.start - folds[0][2].start
                assert np.array_equal(predict(windows), own[place : place + len(test)])
    assert len(folds) == (2 if kind == "csv" else 1)


def test_a_model_predicts_the_mean_of_its_trials(kind: str) -> None:  # noqa: ARG001
    windows = np.random.default_rng(0).normal(size=(5, 8))
    for name in MODELS:
        model = load_models([name])[name]
        each = model.predict_each(windows)
        assert list(model.trials) == [0, 1]
        assert each.shape == (2, 5)
        assert np.ptp(each, axis=0).min() > 0
        assert np.array_equal(each[1], model.trials[1](windows))
        assert np.array_equal(model.predict(windows), each.mean(axis=0))


def test_a_forecast_feeds_on_itself_and_its_interval_on_held_out_errors(kind: str) -> None:
    model, draws = load_models()["lstm"], load_series()
    past = draws.of_trial(0)[:90]

    def mean_path(history: Any) -> Any:
        return np.mean([roll_out(each, history, 3) for each in model.trials.values()], axis=0)

    made = model.forecast(past, 3, 0.9)
    assert np.array_equal(made.mean, mean_path(past[None, -8:])[0])
    errors = [
        mean_path(values[None, start - 8 : start])[0] - values[start : start + 3]
        for values in draws.values.values()
        for start in range(80, 118)
    ]
    radius = conformal_radius(np.array(errors), 0.9)
    np.testing.assert_allclose(made.high - made.mean, radius, rtol=1e-4)
    np.testing.assert_allclose(made.mean - made.low, radius, rtol=1e-4)
    wider = model.forecast(past, 3, 0.95)
    assert (wider.high >= made.high).all()
    assert len(errors) == (38 if kind == "csv" else 76)


def test_what_no_model_can_see_or_promise_is_refused(kind: str) -> None:  # noqa: ARG001
    model = load_models(["lstm"])["lstm"]
    refused = {
        "windows have the shape [2, 7]: lstm takes finite values in [batch, 8]": (
            partial(model.predict, np.zeros((2, 7)))
        ),
        "windows have the shape [1, 8]": partial(model.predict, np.full((1, 8), np.nan)),
        "the history has 7 values: lstm needs at least 8 (seq_len)": (
            partial(model.forecast, np.zeros(7), 3, 0.9)
        ),
        "steps is 0: the interval rests on 40 held-out values": (
            partial(model.forecast, np.zeros(9), 0, 0.9)
        ),
        "steps is 41": partial(model.forecast, np.zeros(9), 41, 0.9),
        "confidence is 1: give a share": partial(model.forecast, np.zeros(9), 3, 1),
        "gru is no model of params.yaml: those are lstm, transformer": partial(
            load_models, ["gru"]
        ),
        "fold is 2: those that were trained are 0 to": partial(load_models, ["lstm"], 2),
    }
    for words, call in refused.items():
        with pytest.raises(InputError) as caught:
            call()
        assert words in str(caught.value)


@of_a_csv
def test_the_command_forecasts_a_file_of_one_s_own(
    own_csv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    values = np.random.default_rng(1).normal(0.1, 1, 30).cumsum()
    write_csv(own_csv / "data/input/new.csv", values)
    arguments = ["data/input/new.csv", "--model", "transformer", "--steps", "4"]
    forecast(monkeypatch, *arguments)
    printed = capsys.readouterr().out
    made = load_models()["transformer"].forecast(values, 4, 0.95)
    expected = {"time": np.array([1930.0, 1931, 1932, 1933]), **vars(made)}
    for name, column in expected.items():
        np.testing.assert_array_equal(table(printed)[name], column)
    forecast(monkeypatch, *arguments, "--out", "made.csv")
    assert (own_csv / "made.csv").read_text() == printed
    assert capsys.readouterr().out == ""


@of_a_csv
def test_where_times_are_uneven_steps_are_counted(
    own_csv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(own_csv / "data/input/new.csv", range(30))
    text = (own_csv / "data/input/new.csv").read_text()
    (own_csv / "data/input/new.csv").write_text(text.replace("1929,", "1949,"))
    forecast(monkeypatch, "data/input/new.csv", "--model", "lstm", "--steps", "2")
    printed = capsys.readouterr()
    assert table(printed.out)["step"] == [1, 2]
    assert "the median step is 1" in printed.err


@of_a_csv
def test_dates_go_on_as_dates(
    own_csv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{2022 + row // 12}-{row % 12 + 1:02},{row}\n" for row in range(30))
    (own_csv / "data/input/new.csv").write_text(f"year,value\n{rows}")
    forecast(monkeypatch, "data/input/new.csv", "--model", "lstm", "--steps", "3")
    header, *lines = capsys.readouterr().out.splitlines()
    assert header == "time,mean,low,high"
    assert [line.split(",")[0] for line in lines] == ["2024-07-01", "2024-08-01", "2024-09-01"]


@of_a_csv
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("short", "data/input/new.csv: has 7 values, but a model sees the last 8 (seq_len)"),
        ("words", "data/input/new.csv: row 3 (line 4), column value: 'two' is not a finite number"),
        ("runs", "data/runs/lstm/seed-0.safetensors: cannot be read (No such file"),
        ("params", "params.yaml: seq_len, split, data.scale or data.centre is not what the models"),
        ("model", "gru is no model of params.yaml"),
    ],
)
def test_the_command_refuses_in_one_line(
    own_csv: Path, monkeypatch: pytest.MonkeyPatch, change: str, words: str
) -> None:
    new = own_csv / "data/input/new.csv"
    write_csv(new, range(7 if change == "short" else 30))
    if change == "words":
        new.write_text(new.read_text().replace(",2\n", ",two\n"))
    if change == "runs":
        (own_csv / "data/runs/lstm/seed-0.safetensors").unlink()
    if change == "params":
        params = own_csv / "params.yaml"
        params.write_text(params.read_text().replace("centre: last", "centre: none", 1))
    with pytest.raises(InputError) as caught:
        forecast(monkeypatch, str(new.relative_to(own_csv)), "--model",
                 "gru" if change == "model" else "lstm")  # fmt: skip
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@of_a_csv
def test_the_command_ends_without_a_traceback(own_csv: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "seqcompare", "forecast", "data/input/none.csv", "--model", "lstm"],
        cwd=own_csv, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "error: data/input/none.csv: cannot be read: No such file or directory\n"
