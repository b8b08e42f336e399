"""`make verify`: a flipped byte is found wherever it lies, and a number that does not follow."""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from conftest import MAKE, Project
from test_pipeline import small_studies

from seqcompare import verify as verified
from seqcompare.core.tables import save_table

FLIPS, SAMPLE = 200, 20  # with `--full`, and without
RESULTS = ("data/weights", "data/training", "data/timing", "data/environment", "reports")
HERE = "this machine makes all results again to the byte, but for timings"


def verify(project: Project) -> subprocess.CompletedProcess[str]:
    """As `make verify` does."""
    command = (sys.executable, "-m", "seqcompare.verify")
    return project.run(*command, check=False, PYTHONPATH="src")


def found(project: Project) -> list[str]:
    done = verify(project)
    assert "Traceback" not in done.stderr
    *problems, count, _ = done.stdout.splitlines()
    assert count == f"{len(problems) or 'no'} problems found"
    assert done.returncode == bool(problems)
    return problems


def replace(path: Path, content: bytes) -> None:
    """In place, and with its time as it was, as a disk does it that fails."""
    before = path.stat()
    path.chmod(0o644)
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def flip(path: Path, byte: int) -> None:
    content = bytearray(path.read_bytes())
    content[byte] ^= 0xFF
    replace(path, bytes(content))


def test_all_results_of_a_run_hold(project: Project) -> None:
    done = verify(project)
    assert (done.stdout.splitlines(), done.stderr) == (["no problems found", HERE], "")


def edit(file: str, old: str, new: str) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        text = (project.path / file).read_text()
        assert old in text
        replace(project.path / file, text.replace(old, new, 1).encode())

    return change


def flip_in(pattern: str, byte: int = -9) -> Callable[[Project], None]:
    return lambda project: flip(sorted(project.path.glob(pattern))[0], byte)


CODE = "src/seqcompare/core/errors.py"
DAMAGE: dict[str, tuple[Callable[[Project], object], str]] = {
    "a weight": (flip_in("data/weights/lstm/0001*"), "data/weights/lstm/0001.safetensors: is not"),
    "a table": (flip_in("data/training/lstm.csv"), "data/training/lstm.csv: is not what DVC"),
    "a figure": (flip_in("reports/figures/*.svg"), "reports/figures/"),
    "code": (edit(CODE, "60", "61"), f"{CODE}: is not what DVC recorded"),
    "params": (edit("params.yaml", "seq_len: 20", "seq_len: 19"), "params.yaml: seq_len is not"),
    "params that are no YAML": (edit("params.yaml", "seeds:", "seeds: ["), "params.yaml"),
    "the cache": (flip_in(".dvc/cache/files/md5/??/*"), ".dvc/cache/files/md5/"),
    "a record of a run": (flip_in(".dvc/cache/runs/*/*/*", 9), ".dvc/cache/runs/"),
    "a file that is gone": (
        lambda project: (project.path / "data/weights/lstm/0000.safetensors").unlink(),
        "data/weights/lstm/0000.safetensors",
    ),
    "a file too many": (
        lambda project: (project.path / "data/weights/lstm/0099.safetensors").write_bytes(b"x"),
        "data/weights/lstm/0099.safetensors",
    ),
    "no Python": (edit(CODE, '"""', "no Python"), f"{CODE}: is not what DVC recorded"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("damage", "says"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_named(project: Project, damage: Callable[[Project], object], says: str) -> None:
    damage(project)
    assert any(says in line for line in found(project))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_each_flipped_byte_is_found_and_its_file_named(
    project: Project, request: pytest.FixtureRequest
) -> None:
    flips = FLIPS if request.config.getoption("--full") else SAMPLE
    rng = random.Random(0)
    small_studies(project)
    project.run(*MAKE, "studies")
    project.run("dvc", "repro", "dvc.yaml")  # the page shows the map
    project.commit("studies")
    outs = [file for name in RESULTS for file in (project.path / name).rglob("*.*")]
    files = sorted([*filter(Path.is_file, outs), *(project.path / ".dvc/cache").glob("*/*/*/*")])
    missed = []
    for _ in range(flips):
        path = rng.choice([file for file in files if file.exists() and file.stat().st_size])
        before = path.read_bytes()
        flip(path, rng.randrange(len(before)))
        with in_folder(project.path):
            problems = [*verified.damage(), *verified.unpublished_maps()]
        if not any(path.name in line for line in problems):
            missed.append(str(path))
        path.unlink(missing_ok=True)  # DVC may have deleted it from its cache
        path.write_bytes(before)
    print(f"{flips - len(missed)} of {flips} flips found")
    assert missed == []


@contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    before, cache = Path.cwd(), os.environ.get("DVC_SITE_CACHE_DIR")
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.pop("DVC_SITE_CACHE_DIR")
        if cache is not None:
            os.environ["DVC_SITE_CACHE_DIR"] = cache


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("reports/metrics.json", '"mse": 0', '"mse": 9', '(column name="lstm.mse") are different'),
        ("reports/scores.csv", "lstm,", "gru,", "first diff: 'gru' != 'lstm' (file != computed)"),
        (
            "reports/predictions.csv",
            "time,truth,lstm",
            "time,truth,gru",
            "DataFrame.columns are different",
        ),
        ("data/environment/lstm.json", '"code": "', '"code": "0', "was trained by other code"),
    ],
)
def test_a_number_that_does_not_follow_is_named_also_when_its_hash_was_changed_with_it(
    project: Project, file: str, old: str, new: str, says: str
) -> None:
    edit(file, old, new)(project)
    project.run("dvc", "commit", "-f", "dvc.yaml")
    (line,) = found(project)
    assert says in line


def write_map(folder: Path, content: str) -> None:
    folder.mkdir(parents=True)
    for name in ("scores.csv", "pairs.csv", "params.yaml", "trials.csv"):
        (folder / name).write_text(content)


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_published_map_that_is_not_that_of_the_studies_is_named(
    in_tmp: Path, damage: str
) -> None:
    for folder in ("reports/studies/maps/settings", "reports/maps/settings"):
        write_map(in_tmp / folder, "new")
    assert [*verified.unpublished_maps()] == []
    published = in_tmp / "reports/maps/settings/scores.csv"
    published.write_text("old") if damage == "changed" else published.unlink()
    (line,) = verified.unpublished_maps()
    assert line.startswith("reports/maps/settings/scores.csv: is not the map of reports/studies")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, None),
        ({"mse": [0.1234561, None]}, None),  # another processor's rounding
        ({"mse": [0.1334561, None]}, "first diff: 0.123456 != 0.1334561 (file != computed)"),
        ({"mse": [0.123456, 1.0]}, "first diff: nan != 1.0 (file"),
        ({"name": ["lstm", "gru"]}, "first diff: 'ar' != 'gru' (file"),
        ({"more": [1, 2]}, "DataFrame are different"),
    ],
)
def test_tables_are_compared_up_to_rounding(
    in_tmp: Path, changes: dict[str, list[object]], says: str | None
) -> None:
    table = {"name": ["lstm", "ar"], "mse": [0.123456, None]}
    save_table(in_tmp / "t.csv", pd.DataFrame(table))
    lines = [*verified.wrong_content(Path("t.csv"), pd.DataFrame(table | changes))]
    assert [str(says) in line for line in lines] == [True] * (says is not None)
    assert all(line.startswith("t.csv: does not follow from the weights: ") for line in lines)
