"""Mistakes and damage, met by real stages: one line, and earlier results as they were."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from unittest.mock import Mock

import pytest
from conftest import Project

import stages
from seqcompare.core.errors import InputError

CUT = b"\x10\0\0\0\0\0\0\0{"
NO = "cannot be read"
DAMAGED = {  # stage -> file, what becomes of it, what the line says
    "a cut weight": ("evaluate", "data/weights/lstm/0001.safetensors", lambda _: CUT, NO),
    "an empty series": ("train lstm", "data/series.csv", lambda _: b"", NO),
    "a word in a series": (
        "train lstm", "data/series.csv", lambda b: b.replace(b"\n0,", b"\n0,x", 3), NO,
    ),
    "a split of another series": (
        "train lstm", "data/split.csv", lambda b: b.replace(b",80,", b",999,"), "data/split.csv",
    ),
    "a table without rows": (
        "render", "reports/scores.csv", lambda b: b.splitlines()[0] + b"\n", "it has no rows",
    ),
    "a table without a column": (
        "render", "reports/pairs.csv", lambda b: b.replace(b"first,", b"other,", 1), "no column",
    ),
    "no mapping": ("render", "reports/timing/lstm.json", lambda _: b"[]", "it holds no mapping"),
    "weights of another setting": (
        "evaluate", "params.yaml", lambda b: b.replace(b"nhead: 2", b"nhead: 4"), "nhead 2",
    ),
    "params that are no YAML": ("split", "params.yaml", lambda _: b"models: [", "not valid YAML"),
    "params without models": ("split", "params.yaml", lambda _: b"seq_len: 3", "is missing"),
}  # fmt: skip


@pytest.fixture(scope="module")
def damaged(finished_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished project; each test puts back what it has damaged."""
    return finished_project.copy_to(tmp_path_factory.mktemp("damaged") / "project")


@pytest.mark.parametrize(("stage", "file", "damage", "says"), DAMAGED.values(), ids=DAMAGED)
def test_damage_is_one_line_that_names_the_file(
    damaged: Project,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    file: str,
    damage: Callable[[bytes], bytes],
    says: str,
) -> None:
    monkeypatch.chdir(damaged.path)
    monkeypatch.setattr(sys, "argv", stage.split())
    path, before = damaged.path / file, damaged.read(file)
    after = damage(before)
    assert after != before
    path.unlink()
    path.write_bytes(after)
    try:
        with pytest.raises(InputError) as caught:
            import_module(f"stages.{stage.split()[0]}").main()
    finally:
        path.write_bytes(before)
    line = str(caught.value)
    assert says in line
    assert "\n" not in line
    assert len(line) < 400


def fails(project: Project, *stage: str) -> str:
    """The one line that a stage ends in, started as DVC starts it."""
    before = contents(project)
    done = project.run("python3", "-m", f"stages.{stage[0]}", *stage[1:], check=False)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert contents(project) == before
    return line


def contents(project: Project) -> dict[Path, bytes]:
    folders = [project.path / name for name in ("data", "reports")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in files}


def test_a_bad_setting_ends_a_stage_in_one_line(fresh_project: Project) -> None:
    fresh_project.change_params(seq_len=10**30)
    assert "params.yaml: seq_len is 1000000000000000000000" in fails(fresh_project, "generate")


def test_a_model_that_no_memory_holds_is_refused_before_any_result_goes(project: Project) -> None:
    project.change_params(models={"lstm": {"hidden_size": 65_536, "num_layers": 100}})
    assert "params.yaml: models.lstm would have 3,4" in fails(project, "split")


@pytest.mark.parametrize("changed", [False, True])
def test_a_stage_whose_params_changed_while_it_ran_is_refused_and_keeps_its_checkpoints(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    monkeypatch.setattr("seqcompare.execution.runtime.gc", Mock())  # else frozen for all tests
    params, forget_checkpoints = in_tmp / "params.yaml", Mock()
    params.write_text("seq_len: 20\n")

    def main() -> Callable[[], None]:
        params.write_text(f"seq_len: {20 + changed}\n")
        return forget_checkpoints

    line = r"^error: params\.yaml: was changed while this stage ran: run `dvc repro` again, and "
    with pytest.raises(SystemExit, match=line) if changed else nullcontext():
        stages.run(main)
    assert forget_checkpoints.called is not changed


@pytest.fixture
def read_only(fresh_project: Project) -> Iterator[Path]:
    """The project's folder of data, in which nothing may be written."""
    folder = fresh_project.path / "data"
    if subprocess.run(["chattr", "+i", folder], capture_output=True).returncode == 0:
        yield folder
        subprocess.run(["chattr", "-i", folder], check=True)
        return
    folder.chmod(0o555)
    try:
        (folder / "probe").touch()
    except OSError:
        yield folder
    else:
        pytest.skip("this user may write everywhere, and this file system has no chattr +i")
    finally:
        folder.chmod(0o755)


def test_a_folder_that_may_not_be_written_to(fresh_project: Project, read_only: Path) -> None:
    line = fails(fresh_project, "generate")
    assert line.startswith(f"error: {read_only.name}/series.csv: ")
    assert "ermitted" in line or "denied" in line


@pytest.mark.slow
def test_a_reader_that_ends_early_does_not_hang_a_stage(fresh_project: Project) -> None:
    for stage in ("generate", "split"):
        fresh_project.run("python3", "-m", f"stages.{stage}")
    piped = "python3 -m stages.train lstm 2>&1 | head -1"
    subprocess.run(
        piped, shell=True, cwd=fresh_project.path, env=fresh_project.environment(),
        timeout=120, check=True,
    )  # fmt: skip
