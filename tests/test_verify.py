"""A flipped byte is found wherever it lies, and a number that does not follow is named."""

import random
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import ROOT, Project
from ruamel.yaml import YAML

from seqcompare.core.files import load_json, save_json
from seqcompare.execution.environment import reproducible_here
from tools.verify import IGNORED, check_files, provenance, read_lock

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
    return project.run("python3", "tools/verify.py", check=False)


def flip(path: Path, byte: int) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[byte] ^= 0xFF
    path.write_bytes(content)


LOCK = """schema: '2.0'
stages:
  now:
    cmd: python3 -m stages.now
    deps:
    - path: a
      hash: md5
      md5: 0123456789abcdef0123456789abcdef.dir
      size: 3
      nfiles: 1
    params:
      params.yaml:
        data:
        - path: no file
    outs:
    - path: b
      hash: md5
      md5: 0123456789abcdef0123456789abcde0
      size: 3
  then:
    cmd: python3 -m stages.then
    outs:
    - path: c
      hash: md5
      md5: 0123456789abcdef0123456789abcde1
      size: 3
"""


def test_a_lock_is_read_without_any_library(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)
    found = read_lock(tmp_path / "dvc.lock", None)
    entries = [
        entry
        for stage in YAML(typ="safe").load(LOCK)["stages"].values()
        for entry in (*stage.get("deps", ()), *stage["outs"])
    ]
    assert found == {entry["path"]: entry["md5"] for entry in entries}


def test_the_committed_lock_is_read_as_a_yaml_library_reads_it() -> None:
    stages = YAML(typ="safe").load(ROOT / "dvc.lock")["stages"]
    entries = [e for s in stages.values() for e in (*s.get("deps", ()), *s.get("outs", ()))]
    assert read_lock(ROOT / "dvc.lock", None) == {e["path"]: e["md5"] for e in entries}


@pytest.mark.parametrize(
    "text",
    [
        "", "\0", "stages: 3", "stages: [", LOCK.replace("md5: 0123456789abcdef0", "md5: 0", 1),
        LOCK.replace("    - path: b", "    - poth: b"), LOCK.replace("path: a", "path:a"),
    ],
)  # fmt: skip
def test_a_damaged_dvc_lock_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "dvc.lock").write_text(text)
    with pytest.raises(ValueError, match=r"^(line \d+ is not as DVC writes it|it names no files)"):
        read_lock(tmp_path / "dvc.lock", None)


def test_what_dvc_recorded_of_stages_that_are_gone_is_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)
    assert set(read_lock(tmp_path / "dvc.lock", ["now"])) == {"a", "b"}


def test_verify_names_the_commit_and_up_to_three_files_that_are_not_as_committed(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path)
    assert provenance(tmp_path, []).startswith("no commit: this is no clone, or Git is missing; ")
    project.run("git", "init", "-q")
    (tmp_path / "a").write_text("a")
    project.run("git", "add", ".")
    project.run("git", "commit", "-q", "-m", "first")
    commit = f"commit {project.run('git', 'rev-parse', '--short=12', 'HEAD').stdout.strip()}"
    same_code = "its code is what dvc.lock records"
    assert provenance(tmp_path, []) == f"{commit}, the tree clean; {same_code}"
    for name in "abcd":
        (tmp_path / name).write_text("new")
    said = provenance(tmp_path, ["reports/metrics.json: its MD5 is 1, recorded is 2"])
    assert said == f"{commit}, and not as committed: a, b, c and 1 more; {same_code}"


def test_verify_says_when_the_code_is_not_the_recorded_one(tmp_path: Path) -> None:
    problem = "src/seqcompare/core/errors.py: is not as committed, and src/seqcompare/core not what"
    assert provenance(tmp_path, [problem]).endswith("; its code is not what dvc.lock records")


HERE = {
    "reproducibility": "fast", "python": "3.11", "torch": "2.13", "numpy": "2", "scipy": "1",
    "processor": "AMD", "cpu_capability": "AVX512", "variables": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "this machine makes all results again to the bit, but for times"),
        (
            {"cores": 99, "system": "Linux 7"},
            "this machine makes all results again to the bit, but",
        ),
        (
            {"processor": "Intel"},
            "this machine makes series and split again to the bit, but models, and what follows "
            "from them, only up to rounding: processor is Intel, was AMD",
        ),
        (
            {"torch": "3", "cpu_capability": "AVX2"},
            "no result is sure to be made again to the bit here: torch is 3, was 2.13; "
            "cpu_capability is AVX2, was AVX512",
        ),
    ],
)
def test_what_a_machine_can_make_again_to_the_bit(changes: dict[str, str], says: str) -> None:
    assert reproducible_here(HERE | changes, HERE).startswith(says)


def test_portable_results_do_not_depend_on_the_processor() -> None:
    portable = HERE | {"reproducibility": "portable", "cpu_capability": "AVX2"}
    said = reproducible_here(portable | {"processor": "Intel"}, portable)
    assert said == "this machine makes all results again to the bit, but for times"


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
    inside = [file for out in outs for file in ([out] if out.is_file() else out.rglob("*.*"))]
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
def test_verify_says_how_much_holds_and_what_this_machine_can_make_again(project: Project) -> None:
    commit, hashed, followed, here = verify(project).stdout.splitlines()
    head = project.run("git", "rev-parse", "--short=12", "HEAD").stdout.strip()
    assert commit == f"commit {head}, the tree clean; its code is what dvc.lock records"
    assert hashed.startswith("hashed ")
    assert hashed.endswith(" objects in the cache: all hold")
    assert followed.startswith("verified 20 results that follow from others, 0 sweeps, ")
    assert followed.endswith(" records of runs: all hold")
    assert here == "this machine makes all results again to the bit, but for times"


@pytest.mark.slow
def test_results_of_another_machine_are_said_to_be_of_another(project: Project) -> None:
    path = project.path / "reports/environment.json"
    save_json(path, load_json(path) | {"processor": "another"})
    project.run("dvc", "commit", "-f", "evaluate")
    here = verify(project).stdout.splitlines()[-1]
    assert here.startswith("this machine makes series and split again to the bit, but models, ")


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
    (_, _, line, *_) = failed.stdout.splitlines()
    assert line.startswith("data/runs/lstm: was trained by other code than is here now: run `dvc")


DAMAGED = {
    "no Python": b"this is no Python\n",
    "no text": b"\xff\xfe\0",
    "ends early": b"import sys\nsys.exit(0)\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("file", ["core/errors.py", "execution/main_process.py"])
def test_damaged_code_that_verify_itself_loads_is_named_and_no_traceback(
    project: Project, file: str, content: bytes
) -> None:
    name = f"src/seqcompare/{file}"
    (project.path / name).write_bytes(content)
    failed = verify(project)
    assert failed.returncode == 1
    assert failed.stderr == ""
    commit, *problems, last = failed.stdout.splitlines()
    assert commit.endswith(f", and not as committed: {name}; its code is not what dvc.lock records")
    assert problems[0].startswith(f"{name}: is not as committed, and src/seqcompare/")
    assert last.endswith("so nothing is computed again")


@pytest.mark.slow
@pytest.mark.parametrize("file", ["__init__.py", "verify.py"])
def test_damaged_code_that_no_stage_depends_on_is_named(project: Project, file: str) -> None:
    (project.path / "src/seqcompare" / file).write_bytes(b"\xff\xfe\0")
    failed = verify(project)
    assert failed.returncode == 1
    assert failed.stderr == ""
    assert f"\nsrc/seqcompare/{file}: cannot be read as Python (" in failed.stdout


@pytest.mark.slow
def test_damaged_params_hide_no_damaged_file(project: Project) -> None:
    (project.path / "params.yaml").write_text("models: [")
    flip(project.path / "reports/metrics.json", 3)
    failed = verify(project)
    assert failed.returncode == 1
    assert failed.stderr == ""
    assert "reports/metrics.json: its MD5 is " in failed.stdout


@pytest.mark.slow
def test_a_flipped_byte_in_a_record_of_dvc_s_runs_is_named(project: Project) -> None:
    records = sorted((cache(project) / "runs").glob("*/*/*"))
    rng = random.Random(0)
    for record in rng.sample(records, 1):
        flip(record, rng.randrange(record.stat().st_size))
        failed = verify(project)
        assert failed.returncode == 1
        assert failed.stderr == ""
        assert any(record.name in line for line in failed.stdout.splitlines())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("reports/metrics.json", '"mse": 0', '"mse": 9', "lstm.mse is 9"),
        ("reports/predictions.csv", "time,truth,lstm", "time,truth,gru", "gru[0] is"),
        ("reports/cost.json", '_seq_len": 8', '_seq_len": 9', "lstm.longest_seq_len is 9"),
        ("reports/claims.json", '"verdict": "', '"verdict": "un', "follows from"),
        ("data/runs/lstm/history.csv", "\n0,0,1,", "\n7,0,1,", "its rows are not of the seeds"),
        ("data/timing/lstm.csv", "\n0,0,1,", "\n7,0,1,", "its rows are not of the seeds"),
    ],
)
def test_a_number_that_does_not_follow_is_named_also_when_its_hash_was_changed_with_it(
    project: Project, file: str, old: str, new: str, says: str
) -> None:
    path = project.path / file
    path.chmod(0o644)
    changed = path.read_text().replace(old, new, 1)
    assert changed != path.read_text()
    path.unlink()  # which may be a link into the cache
    path.write_text(changed)
    project.run("dvc", "commit", "-f", "dvc.yaml")
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
