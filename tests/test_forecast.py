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

from seqcompare import __main__ as command
from seqcompare import load_models
from seqcompare.core.errors import InputError
from seqcompare.core.params import load_params
from seqcompare.core.paths import PREDICTIONS
from seqcompare.core.tables import load_table
from seqcompare.data.series import load_series
from seqcompare.data.windows import cut_windows, load_folds
from seqcompare.evaluation.baselines import fit_ar
from seqcompare.evaluation.forecasts import conformal_radius, roll_out

TRAINED = ("generate", "split", "train lstm", "train transformer")
CSV: dict[str, Any] = {
    "data": {
        "source": "csv", "path": "data/input/own.csv", "time": "day", "value": "sold",
        "centre": "last",
    },
    "split": {"folds": 2},
    "seq_len": 8,
}  # fmt: skip
DAYS = pd.date_range("2024-01-01", periods=120, freq="D")


def walk(seed: int = 0, size: int = 120) -> Any:
    return np.random.default_rng(seed).normal(0.1, 1, size).cumsum()


def write_csv(path: Path, times: Any, **columns: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"day": times, **columns}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def of_a_sine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sine")
    run_stages(folder, *TRAINED, "evaluate", seq_len=8)
    return folder


@pytest.fixture(scope="module")
def of_a_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("csv")
    write_csv(folder / "data/input/own.csv", DAYS.date, sold=walk())
    run_stages(folder, *TRAINED, **CSV)
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
def sine(of_a_sine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(of_a_sine)
    return of_a_sine


@pytest.fixture
def csv(of_a_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project, entered; its params.yaml may be changed."""
    monkeypatch.chdir(of_a_csv)
    params = (of_a_csv / "params.yaml").read_text()
    yield of_a_csv
    (of_a_csv / "params.yaml").write_text(params)


def test_predictions_are_those_of_the_pipeline(sine: Path) -> None:
    published = load_table(PREDICTIONS)
    loaded, series, folds = load_models(), load_series(), load_folds()
    assert list(loaded) == [*MODELS, "linear"]
    for name, column in zip(loaded, (*MODELS, "ar"), strict=True):
        for place, (of_series, seed) in enumerate(loaded[name].trials):
            values, test = series[of_series].values, folds[of_series][0].test
            rows = published[published["seed"] == seed]
            each = loaded[name].predict_each(cut_windows(values, 8, test).inputs)
            np.testing.assert_allclose(each[place], rows[column], 0 if name in MODELS else 1e-12)


def test_a_model_predicts_the_mean_of_its_trials(csv: Path) -> None:
    windows = walk(3, 40).reshape(5, 8)
    for model in load_models(MODELS).values():
        each = model.predict_each(windows)
        assert each.shape == (2, 5)
        assert np.ptp(each, axis=0).min() > 0
        assert np.array_equal(model.predict(windows), each.mean(axis=0))


def test_the_linear_model_is_fitted_to_each_training_part(csv: Path) -> None:
    (series,), (folds,) = load_series().values(), load_folds().values()
    training = cut_windows(series.values, 8, folds[1].train)
    expected = fit_ar(training.inputs, training.targets, "last")
    windows = walk(3, 40).reshape(5, 8)
    assert np.array_equal(
        load_models("linear", fold=1)["linear"].predict(windows), expected(windows)
    )


def test_a_forecast_feeds_on_itself_and_its_interval_on_held_out_errors(sine: Path) -> None:
    model, series = load_models("lstm")["lstm"], load_series()

    def mean_path(history: Any) -> Any:
        return np.mean([roll_out(each, history, 3) for each in model.trials.values()], axis=0)

    past = series["0"].values[:90]
    table = model.forecast(past, 3, 0.9)
    assert list(table) == ["step", "mean", "low", "high"]
    np.testing.assert_allclose(table["mean"], mean_path(past[None, -8:])[0])
    errors = [
        mean_path(each.values[None, start - 8 : start])[0] - each.values[start : start + 3]
        for each in series.values()
        for start in range(80, 118)
    ]
    radius = conformal_radius(np.array(errors), 0.9)
    np.testing.assert_allclose(table["high"] - table["mean"], radius, rtol=1e-4)
    np.testing.assert_allclose(table["mean"] - table["low"], radius, rtol=1e-4)


def test_steps_and_confidence_are_those_of_params_where_not_given(csv: Path) -> None:
    model = load_models("linear")["linear"]
    pd.testing.assert_frame_equal(model.forecast(walk()), model.forecast(walk(), 2, 0.95))


@pytest.mark.parametrize(
    ("index", "column", "first"),
    [
        (None, "step", 1),
        (pd.RangeIndex(30), "time", 30),
        (pd.Index(np.arange(30) * 0.5), "time", 15.0),
        (DAYS[:30], "time", pd.Timestamp("2024-01-31")),
        (pd.date_range("2022-01-31", periods=30, freq="ME"), "time", pd.Timestamp("2024-07-31")),
        (pd.period_range("2022-01", periods=30, freq="M"), "time", pd.Timestamp("2024-07-01")),
        (
            pd.date_range("2024-10-26", periods=30, freq="h", tz="Europe/Berlin"),
            "time",
            pd.Timestamp("2024-10-27 05:00", tz="Europe/Berlin"),
        ),
        (DAYS[[*range(29), 60]], "step", 1),  # uneven
    ],
)
def test_the_index_of_a_history_goes_on(csv: Path, index: Any, column: str, first: Any) -> None:
    values = walk(4, 30)
    history = values if index is None else pd.Series(values, index)
    table = load_models("linear")["linear"].forecast(history, 2)
    assert list(table) == [column, "mean", "low", "high"]
    assert table[column][0] == first


def test_a_table_with_the_columns_of_params_is_a_history(csv: Path) -> None:
    model = load_models("linear")["linear"]
    table = pd.DataFrame({"day": DAYS[:30], "other": 1, "sold": walk(4, 30)})
    of_series = model.forecast(pd.Series(walk(4, 30), DAYS[:30]))
    pd.testing.assert_frame_equal(model.forecast(table), of_series)
    as_text = model.forecast(table.assign(day=table["day"].dt.strftime("%Y-%m-%d")))
    assert list(as_text["time"]) == ["2024-01-31", "2024-02-01"]


def test_each_of_many_series_is_forecast_by_the_models_that_it_trained(
    of_two_shops: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_models("linear", root=of_two_shops)["linear"]
    north, south = 5 + walk(5, 30), 95 + walk(6, 30)
    days = [*DAYS[:30].strftime("%Y-%m-%d")]
    shops = ["south"] * 30 + ["north"] * 30
    both = pd.DataFrame({"day": days * 2, "sold": np.append(south, north), "shop": shops})
    table = model.forecast(both)
    assert list(table) == ["shop", "time", "mean", "low", "high"]
    for shop, values in (("north", north), ("south", south)):
        alone = model.forecast(values, series=shop)
        assert np.array_equal(table[table["shop"] == shop]["mean"], alone["mean"])
    with pytest.raises(InputError, match="series is None: give one that was trained, like north"):
        model.forecast(north)
    monkeypatch.chdir(of_two_shops)
    both.to_csv("new.csv", index=False)
    assert forecast(monkeypatch, capsys, "new.csv", "--model=linear").startswith(
        "shop,time,mean,low,high\nsouth,2024-01-31,"
    )


def test_what_is_loaded_is_shown_in_a_line(csv: Path) -> None:
    loaded = load_models()
    assert repr(loaded["lstm"]) == "LoadedModel(lstm, seq_len 8, 2 trials)"
    assert len(repr(loaded)) < 250


def test_models_are_loaded_from_any_folder(
    of_a_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_models("lstm", root=of_a_csv)["lstm"].forecast(walk()).shape == (2, 4)
    assert Path.cwd() == tmp_path


def test_torch_is_left_as_it_was(csv: Path) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    load_models("lstm")["lstm"].forecast(walk())
    assert torch.get_num_threads() == 2
    assert (torch.tensor([5e-324], dtype=torch.float64) * 1).item() > 0
    torch.set_num_threads(threads)


NOT_NUMBERS = "but needed are plain numbers without gaps"
REFUSED: dict[str, tuple[Callable[[Any], object], str]] = {
    "short windows": (
        lambda m: m.predict(np.zeros((2, 7))),
        r"shape \[2, 7\]: lstm takes \[batch, 8\]",
    ),
    "one window": (lambda m: m.predict(np.zeros(8)), r"shape \[8\]: lstm takes"),
    "NaN": (
        lambda m: m.predict(np.full((1, 8), np.nan)),
        "windows: 8 of 8 values are NaN or infinite",
    ),
    "complex": (lambda m: m.predict(np.ones((1, 8), complex)), f"type complex128, {NOT_NUMBERS}"),
    "dates": (lambda m: m.forecast(DAYS), r"found of the type datetime64\[\w+\]"),
    "text": (lambda m: m.forecast(list("12345678")), "history: found of the type <U1"),
    "masked": (lambda m: m.forecast(np.ma.masked_less(walk(), 0)), "history: found a masked array"),
    "too large": (
        lambda m: m.predict(np.full((1, 8), 1e39)),
        "windows: found 1e\\+39: use values within",
    ),
    "short history": (
        lambda m: m.forecast(np.zeros(7), 3),
        r"shape \[7\]: lstm needs at least 8 values",
    ),
    "a table of columns": (lambda m: m.forecast(np.zeros((9, 2))), r"shape \[9, 2\]"),
    "no steps": (lambda m: m.forecast(walk(), 0), "steps is 0: .* use 1 to 40"),
    "many steps": (lambda m: m.forecast(walk(), 41), "steps is 41: .* use 1 to 40"),
    "confidence": (lambda m: m.forecast(walk(), 2, 1), "confidence is 1: give a share"),
    "no column": (lambda m: m.forecast(pd.DataFrame({"a": [1.0]})), "no column 'day' .*it has a"),
    "descending": (lambda m: m.forecast(pd.Series(walk(), DAYS[::-1])), "its times do not ascend"),
    "unknown": (
        lambda _: load_models("gru"),
        "unknown model 'gru': choose among lstm, transformer, linear",
    ),
    "fold": (lambda _: load_models(fold=2), "fold is 2: use 0 to 1"),
}


@pytest.mark.parametrize(("call", "words"), REFUSED.values(), ids=REFUSED)
def test_what_no_model_can_answer_is_refused_in_one_line(
    csv: Path,
    call: Callable[[Any], object],
    words: str,
) -> None:
    model = load_models("lstm")["lstm"]
    with pytest.raises(InputError, match=words) as caught:
        call(model)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("nhead: 2", "nhead: 4", "trained with models.transformer.nhead 2, but it is 4 now"),
        ("epochs: 2", "epochs: 3", "trained with training.epochs 2, but it is 3 now"),
        ("seq_len: 8", "seq_len: 9", "was trained with|is not what the models"),
        ("- 0\n- 1\n", "- 0\n", "seeds"),
        ("test: 40", "test: 41", "params.yaml: split, data.scale or data.centre is not what"),
        ("centre: last", "centre: none", "params.yaml: split, data.scale or data.centre is not"),
    ],
)
def test_weights_of_other_params_are_refused(csv: Path, old: str, new: str, words: str) -> None:
    text = (csv / "params.yaml").read_text()
    assert old in text
    (csv / "params.yaml").write_text(text.replace(old, new))
    load_params()
    with pytest.raises(InputError, match=words):
        load_models()


def forecast(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[Any], *arguments: str
) -> str:
    """What the command prints, run in this process."""
    monkeypatch.setattr(sys, "argv", ["seqcompare", "forecast", *arguments])
    command._forecast(command._options())
    printed: str = capfd.readouterr().out
    return printed


def test_the_command_forecasts_any_file(
    csv: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    values = walk(7, 30)
    file = write_csv(tmp_path / "new.csv", DAYS[:30].date, sold=values)
    printed = forecast(monkeypatch, capsys, str(file), "--model=transformer", "--steps=3")
    header, *rows = printed.splitlines()
    table = load_models("transformer")["transformer"].forecast(values, 3)
    assert header == "time,mean,low,high"
    assert (
        rows[0] == f"2024-01-31,{table['mean'][0]:.6g},{table['low'][0]:.6g},{table['high'][0]:.6g}"
    )
    assert len(rows) == 3


def test_other_columns_can_be_named_and_a_zone_is_kept(
    csv: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hours = pd.date_range("2024-10-30", periods=30, freq="h", tz="Europe/Paris").astype(str)
    pd.DataFrame({"ts": hours, "price": walk(7, 30)}).to_csv(tmp_path / "price.csv", index=False)
    options = (str(tmp_path / "price.csv"), "--model=linear", "--time=ts", "--value=price")
    printed = forecast(monkeypatch, capsys, *options)
    assert printed.splitlines()[1].startswith("2024-10-31 06:00:00+01:00,")


@pytest.fixture
def new(csv: Path, tmp_path: Path) -> Path:
    return write_csv(tmp_path / "new.csv", DAYS[:30].date, sold=walk(7, 30))


@pytest.mark.parametrize("mode", [None, 0o600, 0o664])
def test_a_file_keeps_its_mode_and_a_new_one_has_that_of_umask(
    new: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], mode: int | None
) -> None:
    out = new.with_name("out.csv")
    if mode is not None:
        out.write_text("old")
        out.chmod(mode)
    before = os.umask(0o027)
    try:
        assert forecast(monkeypatch, capsys, str(new), "--model=linear", f"--out={out}") == ""
    finally:
        os.umask(before)
    assert stat.S_IMODE(out.stat().st_mode) == (0o640 if mode is None else mode)
    assert out.read_text().startswith("time,mean,low,high\n")


def test_what_is_no_regular_file_is_written_through(
    new: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pipe = new.with_name("pipe")
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
        assert forecast(monkeypatch, capfd, str(new), "--model=linear", f"--out={pipe}") == ""
        through_pipe = reader.communicate(timeout=60)[0]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    printed = forecast(monkeypatch, capfd, str(new), "--model=linear", "--out=/dev/stdout")
    assert printed == through_pipe
    assert printed.startswith("time,mean,low,high\n")


def test_a_reader_that_ends_early_is_no_error(new: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "seqcompare", "forecast", str(new), "--model=linear"]
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
    new: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    filled = [each.format(new=new, folder=new.parent) for each in arguments]
    with pytest.raises(InputError) as caught:
        forecast(monkeypatch, capsys, *filled, "--model=linear")
    assert str(caught.value).startswith(words.format(new=new, folder=new.parent))
    assert "\n" not in str(caught.value)
