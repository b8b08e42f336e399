"""Every mistake in tests/bad_inputs/ ends in one line that names it, and leaves all as it was."""

import hashlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, default_settings, default_sweeps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.files import load_csv, load_json, load_weights, save
from seqcompare.core.params import load_params
from seqcompare.core.sweep_params import SWEEP_PARAMS, load_sweeps
from seqcompare.data.series import Draws
from seqcompare.data.storage import load_series, load_split, save_series, save_split
from seqcompare.data.windows import Folds
from seqcompare.execution.devices import check_size
from seqcompare.models import build, check_changes
from seqcompare.training.checkpoint import Checkpoint
from seqcompare.training.storage import save_runs, save_timing

HERE = ROOT / "tests/bad_inputs"
PARAMS = (ROOT / "params.yaml").read_text()
SWEEPS = (ROOT / SWEEP_PARAMS).read_text()
Case = dict[str, Any]


def cases(name: str) -> Any:
    """The cases of a file, each a parameter with its name."""
    found: list[Case] = YAML(typ="safe", pure=True).load(HERE / name)
    return pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in found])


def content_of(case: Case) -> bytes:
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    text: str = case.get("head", "") + case["text"] * case.get("repeat", 1)
    return text.encode()


def one_line_or(action: Callable[[], object]) -> object:
    """What the action returns, or the one line that it ends in."""
    try:
        return action()
    except InputError as error:
        message = str(error)
    return the_line_of(message)


def the_line_of(message: str) -> str:
    assert len(message.splitlines()) == 1
    assert len(message) < 700
    return message


def the_line(action: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        action()
    return the_line_of(str(caught.value))


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_there_are_more_than_a_hundred() -> None:
    assert sum((HERE / name).read_text().count("- name: ") for name in NAMES) > 150


NAMES = (
    "params.yaml",
    "sweeps.yaml",
    "files.yaml",
)  # those of CSV files are in tests/data/csv_cases.yaml


def check_params(path: Path) -> None:
    """As the stage `split` does."""
    params = load_params(path)
    for name, model in params.models.items():
        check_size(build, name, model, params.seq_len)
    check_changes(params.changes_of_models(), params.models)
    adding = params.adding_problem
    for name, model in params.models.items():
        there = adding.settings_of(name, model)
        check_size(build, name, there, max(adding.lags), "adding_problem.models")


def keys(section: dict[str, Any], above: str = "") -> list[str]:
    """Dotted keys of all settings."""
    nested = [
        keys(value, f"{above}{key}.") if isinstance(value, dict) else [above + key]
        for key, value in section.items()
    ]
    return [key for inner in nested for key in inner]


AGAIN = "adding_problem.models."  # holds settings of models


@pytest.mark.parametrize(
    "key", [key for key in keys(default_settings()) if not key.startswith(AGAIN)]
)
def test_there_is_a_case_for_every_setting(key: str) -> None:
    lines = [case["says"] for case in YAML(typ="safe", pure=True).load(HERE / "params.yaml")]
    assert any(line.startswith((f"{key} is", f"{key}.")) for line in lines)


@pytest.mark.parametrize("key", keys(default_sweeps()["base"], "base."))
def test_what_sweeps_start_from_is_checked_as_strictly(key: str) -> None:
    content = default_sweeps()
    *above, name = key.split(".")
    section = content
    for part in above:
        section = section[part]
    section[name] = {"no": "setting"}
    YAML(typ="safe").dump(content, Path("params.yaml"))
    with pytest.raises(InputError, match=rf"^sweeps/params\.yaml: {key}[. ]"):
        load_sweeps(Path("params.yaml"))


def replaced(text: str, case: Case) -> str:
    old, new = case["replace"]
    assert old in text
    return text.replace(old, new, 1)


@cases("params.yaml")
def test_bad_params(case: Case) -> None:
    path = Path("params.yaml")
    if "replace" in case:
        path.write_text(replaced(PARAMS, case))
    else:
        path.write_bytes(content_of(case))
    started_at = time.perf_counter()
    message = the_line(lambda: check_params(path))
    assert time.perf_counter() - started_at < 2
    assert message.startswith("params.yaml: ")
    assert case["says"] in message


@cases("sweeps.yaml")
def test_bad_sweeps(case: Case) -> None:
    path = Path("params.yaml")
    path.write_text(replaced(SWEEPS, case))
    message = the_line(lambda: load_sweeps(path))
    assert message.startswith(f"sweeps/params.yaml: {case['says']}")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"seq_len": 1000, "data": {"size": 9_000_000}},
            "seq_len is 1000, so that windows hold 8,",
        ),
        ({"seeds": list(range(1000)), "training": {"epochs": 10**6}}, "training.epochs is 1000000"),
        (
            {
                "seq_len": 10,
                "data": {"size": 9_000_000},
                "split": {"test": 1000, "folds": 1000},
            },
            "training.epochs is 20, which with 10 seeds",
        ),
    ],
)
def test_settings_that_together_ask_for_too_much(
    write_params: Callable[..., Path], changes: Case, says: str
) -> None:
    assert says in the_line(lambda: load_params(write_params(**changes)))


HISTORY = ("seed", "fold", "epoch", "train_mse")
LOADERS: dict[str, Callable[[], object]] = {
    "data/runs/lstm/seed-0.safetensors": lambda: load_weights(paths.weights("lstm", 0)),
    "data/runs/lstm/history.csv": lambda: load_csv(paths.history("lstm"), *HISTORY),
    "data/split.json": load_split,
    "data/series.csv": load_series,
    "reports/predictions.csv": lambda: load_csv(paths.PREDICTIONS, "time", "truth"),
    "reports/metrics.json": lambda: load_json(paths.METRICS),
    "reports/timing/lstm.json": lambda: load_json(paths.timing("lstm")),
}


def save_good_results() -> None:
    weights = {(0, 0): {"w": np.arange(6, dtype=np.float32).reshape(2, 3)}}
    save_runs("lstm", weights, {"seed": [0], "fold": [0], "epoch": [1], "train_mse": [0.5]})
    save_series(Draws(np.arange(9.0), {None: np.arange(9.0)}))
    save_split(Folds(((range(2, 6), range(6, 6), range(6, 9)),), "none"), dated=False)
    save(paths.PREDICTIONS, {"time": [6.0], "truth": [1.0]})
    save(paths.METRICS, {"lstm": {"mse": 0.5}})
    save_timing("lstm", {"seconds_per_run": 1.0}, {"epoch_seconds": [1.0]})


def test_good_results_are_read() -> None:
    save_good_results()
    for load in LOADERS.values():
        load()


@cases("files.yaml")
def test_damaged_results(case: Case) -> None:
    save_good_results()
    path = Path(case["file"])
    good = bytearray(path.read_bytes())
    if "cut" in case:
        good = good[: case["cut"]]
    elif "flip" in case:
        good[case["flip"]] ^= 1
    else:
        good = bytearray(content_of(case))
    path.write_bytes(good)
    message = the_line(LOADERS[case["file"]])
    assert message.startswith(case["file"])
    assert case["says"] in message


@pytest.mark.parametrize("load", LOADERS.values(), ids=LOADERS)
@pytest.mark.parametrize("kind", ["missing", "a folder", "a link to nothing", "a link to itself"])
def test_results_that_are_no_files(load: Callable[[], object], kind: str) -> None:
    save_good_results()
    path = Path(next(name for name, each in LOADERS.items() if each is load))
    path.unlink()
    if kind == "a folder":
        path.mkdir()
    elif kind != "missing":
        path.symlink_to(path.name if kind == "a link to itself" else "nowhere")
    assert str(path) in the_line(load)


def test_a_link_in_place_of_an_output_is_replaced_and_what_it_points_to_is_left_alone() -> None:
    Path("mine").mkdir()
    Path("mine/precious").write_text("precious")
    Path("data/runs").mkdir(parents=True)
    Path("data/runs/lstm").symlink_to(Path("mine").resolve())
    Path("data/series.csv").symlink_to(Path("mine/precious").resolve())
    save_good_results()
    assert [(path.name, path.read_text()) for path in Path("mine").iterdir()] == [
        ("precious", "precious")
    ]
    assert not Path("data/series.csv").is_symlink()


def test_a_file_that_a_killed_stage_left_half_written_is_gone_after_the_next() -> None:
    Path("reports").mkdir()
    Path("reports/.metrics.json.tmp").write_text("{")
    save(paths.METRICS, {})
    assert [path.name for path in Path("reports").iterdir()] == ["metrics.json"]


@pytest.mark.parametrize("content", [b"", b"half", b"\x80\x04\x95.", b"\xff" * 10])
def test_a_checkpoint_with_the_right_hash_and_the_wrong_content_is_not_used(content: bytes) -> None:
    checkpoint = Checkpoint(Path(), "lstm-seed-0", "a" * 64)
    checkpoint.path.write_bytes(hashlib.sha256(content).digest() + content)
    assert checkpoint.load() is None


quick = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_no_bytes_of_params_end_in_anything_but_an_input_error(content: bytes) -> None:
    path = Path("params.yaml")
    path.write_bytes(content)
    the_line(lambda: load_params(path))


@quick
@given(st.integers(0, len(PARAMS.encode()) - 1), st.binary(max_size=6), st.integers(0, 6))
def test_no_change_of_some_bytes_of_params_ends_in_anything_but_an_input_error(
    start: int, put: bytes, dropped: int
) -> None:
    path = Path("params.yaml")
    good = PARAMS.encode()
    path.write_bytes(good[:start] + put + good[start + dropped :])
    one_line_or(lambda: load_params(path))


@quick
@given(st.data())
def test_no_flip_or_cut_of_results_ends_in_anything_but_results_or_an_input_error(
    data: st.DataObject,
) -> None:
    shutil.rmtree("data", ignore_errors=True)
    save_good_results()
    name = data.draw(st.sampled_from(sorted(LOADERS)))
    content = bytearray(Path(name).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    Path(name).write_bytes(content[: data.draw(st.integers(0, len(content)))])
    one_line_or(LOADERS[name])
