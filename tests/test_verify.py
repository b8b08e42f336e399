"""A flipped byte is found wherever it lies, and a number that does not follow is named."""

import random
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import ROOT, Project
from ruamel.yaml import YAML

from seqcompare.core.errors import InputError
from seqcompare.verify import IGNORED, check_files, read_lock

FLIPS = 200


def cache(project: Project) -> Path:
    return project.path / ".dvc/cache"


def problems(project: Project, recorded: Mapping[str, str] | None = None) -> list[str]:
    found = recorded_by_dvc(project) if recorded is None else recorded
    return check_files(project.path, cache(project), found).problems


def recorded_by_dvc(project: Project) -> dict[str, str]:
    return read_lock(project.path / "dvc.lock", stages(project))


def stages(project: Project) -> list[str]:
    return project.run("dvc", "stage", "list", "--name-only").stdout.splitlines()


def verify(project: Project) -> subprocess.CompletedProcess[str]:
    """As `make verify` does."""
    return project.run("env", "PYTHONPATH=src", "python3", "-m", "seqcompare.verify", check=False)


def flip(path: Path, byte: int) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[byte] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize(
    "text", ["", "\0", "stages: 3", "stages: [", "stages: {train: {outs: [{path: x}]}}"]
)
def test_a_damaged_dvc_lock_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "dvc.lock").write_text(text)
    with pytest.raises(InputError, match=r"dvc\.lock: .*"):
        read_lock(tmp_path / "dvc.lock", ["train"])


def test_what_dvc_recorded_of_stages_that_are_gone_is_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(
        "stages: {now: {outs: [{path: x, md5: a}]}, then: {outs: [{path: y, md5: b}]}}"
    )
    assert read_lock(tmp_path / "dvc.lock", ["now"]) == {"x": "a"}


def recorded_files(project: Project) -> list[Path]:
    """Every output of every stage in the workspace, and every object in the cache."""
    lock = YAML(typ="safe").load(project.path / "dvc.lock")
    now = stages(project)
    outs = [
        project.path / out["path"]
        for name, stage in lock["stages"].items()
        if name in now
        for out in stage["outs"]
    ]
    inside = [file for out in outs for file in ([out] if out.is_file() else out.rglob("*"))]
    objects = [file for file in (cache(project) / "files/md5").glob("*/*") if file.stat().st_size]
    return sorted(inside + objects)


def names(project: Project, path: Path, recorded: Mapping[str, str]) -> list[str]:
    """A file of the cache, of the workspace, or of a folder whose list the cache does not hold."""
    inside = path.relative_to(project.path)
    return [str(path), str(inside), *(str(up) for up in inside.parents if str(up) in recorded)]


@pytest.mark.slow
def test_each_of_200_flipped_bytes_is_found_and_its_file_named(project: Project) -> None:
    rng = random.Random(0)
    files = recorded_files(project)
    recorded = recorded_by_dvc(project)  # takes longer than all the hashing
    assert problems(project) == []
    found = 0
    for _ in range(FLIPS):
        path = rng.choice(files)
        byte = rng.randrange(path.stat().st_size)
        flip(path, byte)
        found += any(
            line.startswith(tuple(f"{name}: " for name in names(project, path, recorded)))
            for line in problems(project, recorded)
        )
        flip(path, byte)
    print(f"{found} of {FLIPS} flips found")
    assert found == FLIPS
    assert problems(project) == []


@pytest.mark.slow
def test_verify_says_how_much_holds(project: Project) -> None:
    said = verify(project).stdout
    assert said.startswith("verified ")
    assert said.endswith("8 results that follow from others, 0 sweeps: all hold\n")


@pytest.mark.slow
def test_models_that_were_trained_by_code_that_was_edited_meanwhile_are_named(
    project: Project,
) -> None:
    """DVC takes the edited code for what has run: dvc.lock holds its hash."""
    code = project.path / "src/seqcompare/models/lstm.py"
    code.write_text(code.read_text() + "# edited while it trained\n")
    project.run("dvc", "commit", "-f", "dvc.yaml")
    failed = verify(project)
    assert failed.returncode == 1
    (line, _) = failed.stdout.splitlines()
    assert line.startswith("data/runs/lstm: was trained by other code than is here now: run `dvc")


@pytest.mark.slow
def test_damaged_code_is_named_and_no_traceback(project: Project) -> None:
    code = project.path / "src/seqcompare/evaluation/metrics.py"
    code.write_text("this is no Python\n")
    failed = verify(project)
    assert failed.returncode == 1
    assert failed.stdout.startswith("src/seqcompare/evaluation: its MD5 is ")
    assert "invalid syntax (metrics.py, line 1)" in failed.stdout
    assert failed.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("reports/metrics.json", '"mse": 0', '"mse": 9', "lstm.mse is 9"),
        ("reports/predictions.csv", "time,truth,lstm", "time,truth,gru", "gru[0] is"),
    ],
)
def test_a_number_that_does_not_follow_is_named_also_when_its_hash_was_changed_with_it(
    project: Project, file: str, old: str, new: str, says: str
) -> None:
    path = project.path / file
    path.write_text(path.read_text().replace(old, new, 1))
    project.run("dvc", "commit", "-f", "evaluate")
    failed = verify(project)
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert f"{file}: " in failed.stdout
    assert says in failed.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [Path.unlink, lambda path: path.write_bytes(b""), lambda path: (path.unlink(), path.mkdir())],
    ids=["missing", "empty", "a folder"],
)
def test_a_file_that_is_gone_is_named(project: Project, damage: Callable[[Path], object]) -> None:
    path = project.path / "data/runs/lstm/seed-0.safetensors"
    path.chmod(0o644)
    damage(path)
    assert any(line.startswith("data/runs/lstm/seed-0") for line in problems(project))


@pytest.mark.slow
def test_a_file_that_nobody_recorded_is_named(project: Project) -> None:
    (project.path / "data/runs/lstm/seed-99.safetensors").write_bytes(b"planted")
    assert any(line.startswith("data/runs/lstm/seed-99") for line in problems(project))


@pytest.mark.slow
def test_what_python_keeps_beside_a_model_is_neither_a_change_nor_a_problem(
    project: Project,
) -> None:
    kept = project.path / "src/seqcompare/models/__pycache__"
    kept.mkdir(exist_ok=True)
    (kept / "lstm.pyc").write_bytes(b"compiled")
    assert problems(project) == []
    assert "up to date" in project.run("dvc", "status", "dvc.yaml").stdout


@pytest.mark.slow
def test_without_a_cache_the_workspace_is_checked_all_the_same(project: Project) -> None:
    shutil.rmtree(cache(project))
    assert problems(project) == []
    flip(project.path / "data/runs/lstm/seed-0.safetensors", 100)
    assert any(line.startswith("data/runs/lstm") for line in problems(project))


def test_it_ignores_in_folders_just_what_dvc_ignores() -> None:
    lines = (ROOT / ".dvcignore").read_text().splitlines()
    anywhere = {line.rstrip("/") for line in lines if not line.startswith(("#", "/"))}
    assert anywhere == IGNORED
