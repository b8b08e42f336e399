"""Trained models to use: the pipeline's predictions, forecasts with intervals, a command."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from conftest import MODELS, run_stages

from seqcompare import __main__ as of_the_command
from seqcompare import load_models
from seqcompare.core.errors import InputError
from seqcompare.core.paths import PREDICTIONS
from seqcompare.core.tables import load_table
from seqcompare.data.series import load_series
from seqcompare.data.windows import cut_windows, load_folds
from seqcompare.evaluation.forecasts import conformal_radius, roll_out

TRAINED = ("generate", "split", "train lstm", "train transformer")
DATA = {"source": "csv", "path": "data/input/own.csv", "time": "day", "value": "sold"}
CSV: dict[str, Any] = {"data": DATA | {"centre": "last"}, "split": {"folds": 2}, "seq_len": 8}
DAYS = pd.date_range("2024-01-01", periods=120, freq="D")


def walk(seed: int = 0, size: int = 120) -> Any:
    return np.random.default_rng(seed).normal(0.1, 1, size).cumsum()


def write_csv(path: Path, times: Any, **columns: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"day": times, **columns}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def of_a_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("csv")
    write_csv(folder / "data/input/own.csv", DAYS.date, sold=walk())
    run_stages(folder, *TRAINED, "evaluate", **CSV)
    return folder


@pytest.fixture(scope="module")
def of_two_shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shops")
    shops = np.repeat(["north", "south"], 120)
    sold = np.concatenate([walk(1), 100 + walk(2)])
    write_csv(folder / "data/input/own.csv", [*DAYS.date, *DAYS.date], sold=sold, shop=shops)
    changes = CSV | {"data": CSV["data"] | {"id": "shop"}, "split": {"folds": 1}, "seeds": [0]}
    run_stages(folder, *TRAINED, **changes)
    return folder


@pytest.fixture
def csv(of_a_csv: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project, entered; its params.yaml may be changed."""
    monkeypatch.chdir(of_a_csv)
    params = (of_a_csv / "params.yaml").read_text()
    yield of_a_csv
    (of_a_csv / "params.yaml").write_text(params)


@pytest.mark.parametrize("fold", [0, 1])
def test_predictions_are_those_of_the_pipeline(csv: Path, fold: int) -> None:
    published, loaded = load_table(PREDICTIONS), load_models(fold=fold)
    windows = cut_windows(load_series()["sold"].values, 8, load_folds()["sold"][fold].test).inputs
    assert list(loaded) == [*MODELS, "linear"]
    for name, column in zip(loaded, (*MODELS, "ar"), strict=True):
        each_trial = zip(loaded[name].trials, loaded[name].predict_each(windows), strict=True)
        for (_, seed), each in each_trial:
            rows = published[(published["seed"] == seed) & (published["fold"] == fold)]
            np.testing.assert_allclose(each, rows[column], 0 if name in MODELS else 1e-12)


def test_a_model_predicts_the_mean_of_its_trials(csv: Path) -> None:
    windows = walk(3, 40).reshape(5, 8)
    for model in load_models(MODELS).values():
        each = model.predict_each(windows)
        assert each.shape == (2, 5)
        assert np.ptp(each, axis=0).min() > 0
        assert np.array_equal(model.predict(windows), each.mean(axis=0))


def test_a_forecast_feeds_on_itself_and_its_interval_on_held_out_errors(csv: Path) -> None:
    model, values = load_models("lstm")["lstm"], load_series()["sold"].values

    def mean_path(history: Any) -> Any:
        paths = [roll_out(each, history[None], 3)[0] for each in model.trials.values()]
        return np.mean(paths, axis=0)

    table = model.forecast(values[:90], 3, 0.9)
    np.testing.assert_allclose(table["mean"], mean_path(values[82:90]))
    starts = range(80, 118)  # all that is held out
    errors = [mean_path(values[at - 8 : at]) - values[at : at + 3] for at in starts]
    radius = conformal_radius(np.array(errors), 0.9)
    np.testing.assert_allclose(table["high"] - table["mean"], radius, rtol=1e-4)
    np.testing.assert_allclose(table["mean"] - table["low"], radius, rtol=1e-4)


BERLIN = pd.date_range("2024-10-26", periods=31, freq="h", tz="Europe/Berlin")  # winter begins
INDEXES: list[tuple[Any, str, Any]] = [
    (None, "step", 1),
    (pd.RangeIndex(30), "time", 30),
    (pd.Index(np.arange(30) * 0.5), "time", 15.0),
    (DAYS[:30], "time", DAYS[30]),
    (pd.date_range("2022-01-31", periods=30, freq="ME"), "time", pd.Timestamp("2024-07-31")),
    (pd.period_range("2022-01", periods=30, freq="M"), "time", pd.Timestamp("2024-07-01")),
    (BERLIN[:30], "time", BERLIN[30]),
    (DAYS[[*range(29), 60]], "step", 1),  # uneven
]


@pytest.mark.parametrize(("index", "column", "first"), INDEXES)
def test_the_index_of_a_history_goes_on(csv: Path, index: Any, column: str, first: Any) -> None:
    values = walk(4, 30)
    history = values if index is None else pd.Series(values, index)
    model = load_models("linear")["linear"]
    table = model.forecast(history)  # steps and confidence are those of params
    assert list(table) == [column, "mean", "low", "high"]
    assert table[column][0] == first
    pd.testing.assert_frame_equal(table, model.forecast(history, 2, 0.95))


@pytest.mark.parametrize("days", [DAYS[:30], DAYS[:30].strftime("%Y-%m-%d")])
def test_a_table_with_the_columns_of_params_is_a_history(csv: Path, days: Any) -> None:
    model = load_models("linear")["linear"]
    table = model.forecast(pd.DataFrame({"day": days, "other": 1, "sold": walk(4, 30)}))
    assert [str(time)[:10] for time in table["time"]] == ["2024-01-31", "2024-02-01"]
    assert np.array_equal(table["mean"], model.forecast(walk(4, 30))["mean"])


def test_each_of_many_series_is_forecast_by_the_models_that_it_trained(
    of_two_shops: Path, forecast: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_models("linear", root=of_two_shops)["linear"]
    north, south = 5 + walk(5, 30), 95 + walk(6, 30)
    days = [*DAYS[:30].strftime("%Y-%m-%d")]
    shops = ["south"] * 30 + ["north"] * 30
    both = pd.DataFrame({"day": days * 2, "sold": np.append(south, north), "shop": shops})
    table = model.forecast(both)
    for shop, values in (("north", north), ("south", south)):
        alone = model.forecast(values, series=shop)
        assert np.array_equal(table[table["shop"] == shop]["mean"], alone["mean"])
    with pytest.raises(InputError, match="series is None: give one that was trained, like north"):
        model.forecast(north)
    monkeypatch.chdir(of_two_shops)
    both.to_csv("new.csv", index=False)
    printed = forecast("new.csv", "--model=linear")
    assert printed.startswith("shop,time,mean,low,high\nsouth,2024-01-31,")


@pytest.mark.usefixtures("torch_as_it_was")
def test_models_are_loaded_from_any_folder_and_leave_it_and_torch_as_they_were(
    of_a_csv: Path, in_tmp: Path
) -> None:
    torch.set_num_threads(2)
    assert load_models("lstm", root=of_a_csv)["lstm"].forecast(walk()).shape == (2, 4)
    assert Path.cwd() == in_tmp
    assert torch.get_num_threads() == 2
    assert (torch.tensor([5e-324], dtype=torch.float64) * 1).item() > 0


NO_NUMBERS = "but needed are plain numbers without gaps"
UNKNOWN = "unknown model 'gru': choose among lstm, transformer, linear"
REFUSED: list[tuple[Callable[[Any], object], str]] = [
    (lambda m: m.predict(np.zeros((2, 7))), r"shape \[2, 7\]: lstm takes \[batch, 8\]"),
    (lambda m: m.predict(np.zeros(8)), r"shape \[8\]: lstm takes"),
    (lambda m: m.predict(np.full((1, 8), np.nan)), "windows: 8 of 8 values are NaN or infinite"),
    (lambda m: m.predict(np.ones((1, 8), complex)), f"type complex128, {NO_NUMBERS}"),
    (lambda m: m.predict(np.full((1, 8), 1e39)), r"windows: found 1e\+39: use values within"),
    (lambda m: m.forecast(DAYS), r"found of the type datetime64\[\w+\]"),
    (lambda m: m.forecast(list("12345678")), "history: found of the type <U1"),
    (lambda m: m.forecast(np.ma.masked_less(walk(), 0)), "history: found a masked array"),
    (lambda m: m.forecast(np.zeros(7), 3), r"shape \[7\]: lstm needs at least 8 values"),
    (lambda m: m.forecast(np.zeros((9, 2))), r"shape \[9, 2\]"),
    (lambda m: m.forecast(walk(), 0), "steps is 0: .* use 1 to 40"),
    (lambda m: m.forecast(walk(), 41), "steps is 41: .* use 1 to 40"),
    (lambda m: m.forecast(walk(), 2, 1), "confidence is 1: give a share"),
    (lambda m: m.forecast(pd.DataFrame({"a": [1.0]})), "no column 'day' .*it has a"),
    (lambda m: m.forecast(pd.Series(walk(), DAYS[::-1])), "its times do not ascend"),
    (lambda _: load_models("gru"), UNKNOWN),
    (lambda _: load_models(fold=2), "fold is 2: use 0 to 1"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED)
def test_what_no_model_can_answer_is_refused_in_one_line(
    csv: Path, call: Callable[[Any], object], words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        call(load_models("lstm")["lstm"])
    assert "\n" not in str(caught.value)


def test_a_split_of_other_params_is_refused(csv: Path) -> None:
    text = (csv / "params.yaml").read_text()
    (csv / "params.yaml").write_text(text.replace("centre: last", "centre: none"))
    with pytest.raises(InputError, match=r"params.yaml: split, data.scale or data.centre is not"):
        load_models()


@pytest.fixture
def new(csv: Path, tmp_path: Path) -> Path:
    return write_csv(tmp_path / "new.csv", DAYS[:30].date, sold=walk(7, 30))


@pytest.fixture
def forecast(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs the command in this process, and returns what it prints."""

    def run(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["seqcompare", "forecast", *map(str, arguments)])
        of_the_command._forecast(of_the_command._options())
        return capfd.readouterr().out

    return run


def test_the_command_forecasts_any_file(new: Path, forecast: Callable[..., str]) -> None:
    header, *rows = forecast(new, "--model=transformer", "--steps=3").splitlines()
    table = load_models("transformer")["transformer"].forecast(walk(7, 30), 3)
    numbers = [f"{table[name][0]:.6g}" for name in ("mean", "low", "high")]
    assert header == "time,mean,low,high"
    assert rows[0] == ",".join(["2024-01-31", *numbers])
    assert len(rows) == 3


def test_other_columns_can_be_named_and_a_zone_is_kept(
    new: Path, forecast: Callable[..., str]
) -> None:
    hours = pd.date_range("2024-10-30", periods=30, freq="h", tz="Europe/Paris").astype(str)
    pd.DataFrame({"ts": hours, "price": walk(7, 30)}).to_csv(new, index=False)
    printed = forecast(new, "--model=linear", "--time=ts", "--value=price")
    assert printed.splitlines()[1].startswith("2024-10-31 06:00:00+01:00,")


def test_the_command_writes_into_what_is_there(new: Path, forecast: Callable[..., str]) -> None:
    pipe, out = new.with_name("pipe"), new.with_name("out.csv")
    os.mkfifo(pipe)
    out.touch(0o600)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
        assert forecast(new, "--model=linear", f"--out={pipe}") == ""
        through_pipe = reader.communicate(timeout=60)[0]
    assert forecast(new, "--model=linear", f"--out={out}") == ""
    assert forecast(new, "--model=linear", "--out=/dev/stdout") == through_pipe == out.read_text()
    assert through_pipe.startswith("time,mean,low,high\n")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_reader_that_ends_early_is_no_error(new: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "seqcompare", "forecast", new, "--model=linear"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.csv",), "none.csv: cannot be read: No such file or directory"),
        (("{new}", "--out="), "--out is '': give a file"),
        (("{new}", "--out={folder}"), "--out is '{folder}': give a file"),
        (("{new}", "--out=/dev/full"), "/dev/full: cannot be written: No space left on device"),
        (("{new}", "--out=no/such.csv"), "no/such.csv: cannot be written: No such file"),
        (("{new}", "--value=other"), "{new}: "),
    ],
)
def test_the_command_refuses_in_one_line(
    new: Path, forecast: Callable[..., str], arguments: tuple[str, ...], words: str
) -> None:
    filled = [each.format(new=new, folder=new.parent) for each in arguments]
    with pytest.raises(InputError) as caught:
        forecast(*filled, "--model=linear")
    assert str(caught.value).startswith(words.format(new=new, folder=new.parent))
    assert "\n" not in str(caught.value)
