"""Ctrl-C, kills at any moment and two at once: `dvc repro` goes on, to the same bytes."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Project, new_project
from test_pipeline import TIMED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux", reason="a child that outlives dvc is Linux's to end"
    ),
]
KILLS, SAMPLE = 50, 20  # with `--full`, and without
# DVC writes two files of its own in place, and says so when a kill left one half written.
TORN = ("dvc.lock' validation failed", "Unable to read RWLock-file")
LONGEST_S = 12.0  # until a kill: every stage takes less, loading the libraries included


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "project")


def start(project: Project, pipeline: str = "dvc.yaml") -> subprocess.Popen[str]:
    """`dvc repro` in a process group of its own, as a terminal starts it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.Popen(
        ["dvc", "repro", pipeline],
        cwd=project.path,
        env={**os.environ, "PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def digests(project: Project) -> dict[str, str]:
    """sha256 of all outputs that no time stands in."""
    files = [file for name in ("data", "reports") for file in (project.path / name).rglob("*")]
    names = {str(file.relative_to(project.path)): file for file in files if file.is_file()}
    return {
        name: hashlib.sha256(file.read_bytes()).hexdigest()
        for name, file in sorted(names.items())
        if name not in TIMED and not name.startswith("data/timing")
    }


def children(project: Project) -> list[str]:
    """Commands of stages that run in the project's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == project.path.resolve():
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return [command for command in found if "stages." in command]


def wait_for_a_stage(project: Project, name: str) -> None:
    deadline = time.monotonic() + 120
    while not any(name in command for command in children(project)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_ends_in_one_line_and_the_next_run_goes_on(project: Project) -> None:
    """dvc takes none while it waits for a stage that has just ended: then it is pressed again."""
    lost = 0
    for after_s in (0.1, 1.0, 3.0):
        process = start(project)
        wait_for_a_stage(project, "stages.")
        time.sleep(after_s)
        stopped_at, said = press_ctrl_c(process)
        if said is None:
            lost += 1
            stopped_at, said = press_ctrl_c(process)
        took_s = time.monotonic() - stopped_at
        assert said is not None
        assert process.returncode != 0
        assert "Traceback" not in said
        assert said.count("stopped: `dvc repro` goes on from here") <= 1
        assert took_s < 2 * busy()
        assert not children(project)
        print(f"Ctrl-C after {after_s} s of a stage: ended in {took_s:.1f} s", flush=True)
    assert lost <= 1
    project.run("dvc", "repro")


def press_ctrl_c(process: subprocess.Popen[str]) -> tuple[float, str | None]:
    """When, and what it said at its end; None if it goes on."""
    pressed_at = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    try:
        return pressed_at, process.communicate(timeout=2 * busy())[1]
    except subprocess.TimeoutExpired:
        return pressed_at, None


def test_ctrl_c_at_any_moment_of_a_stage_is_one_line_at_once(project: Project) -> None:
    """Also while libraries are loaded, some of which swallow exceptions."""
    for stage in ("generate", "split", "train lstm", "train transformer"):
        project.run("python3", "-m", *f"stages.{stage}".split())
    duration = min(seconds_to_evaluate(project) for _ in range(3))
    moments = random.Random(0)
    for _ in range(60):
        process = subprocess.Popen(
            [sys.executable, "-m", "stages.evaluate"],
            cwd=project.path,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        time.sleep(moments.uniform(0.15, 0.75) * duration)
        os.killpg(process.pid, signal.SIGINT)
        stopped_at = time.monotonic()
        said = process.communicate(timeout=60)[1]
        assert (process.returncode, said) == (1, "stopped: `dvc repro` goes on from here\n")
        assert time.monotonic() - stopped_at < busy()


def seconds_to_evaluate(project: Project) -> float:
    started_at = time.monotonic()
    project.run("python3", "-m", "stages.evaluate")
    return time.monotonic() - started_at


def busy() -> float:
    """How much slower than idle this machine is, since 2 s are meant on an idle one."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def test_a_second_repro_says_that_the_first_one_runs(project: Project) -> None:
    process = start(project)
    wait_for_a_stage(project, "stages.train")
    second = project.run("dvc", "repro", check=False)
    assert second.returncode != 0
    assert "Traceback" not in second.stderr
    assert "is busy" in second.stderr or "Unable to acquire lock" in second.stderr
    process.communicate(timeout=300)
    assert process.returncode == 0


def test_make_run_mends_a_half_written_lock_file(project: Project) -> None:
    lock = project.path / "dvc.lock"
    lock.write_text(lock.read_text().rpartition("    cmd:")[0])
    assert project.run("dvc", "status", check=False).returncode != 0
    project.run(sys.executable, "tools/mend.py")
    project.run("dvc", "status")


def test_make_run_mends_a_half_written_list_of_processes(project: Project) -> None:
    project.run("dvc", "status")
    (project.path / ".dvc/tmp/rwlock").write_text('{"write": {"/a/fi')
    assert project.run("dvc", "repro", "generate", check=False).returncode != 0
    project.run(sys.executable, "tools/mend.py")
    project.run("dvc", "repro", "generate")


@pytest.mark.timeout(1800)
def test_kills_at_random_moments_change_no_byte_of_the_results(
    project: Project, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Of dvc with its stages or of dvc alone. A pass goes on until it ends undisturbed."""
    wanted_kills = KILLS if request.config.getoption("--full") else SAMPLE
    undisturbed = project.copy_to(tmp_path / "undisturbed")
    undisturbed.run("dvc", "repro")
    wanted = digests(undisturbed)
    moments = random.Random(0)
    kills = passes = torn = 0
    hit: set[str] = set()
    while kills < wanted_kills:
        disturbed = project.copy_to(tmp_path / f"pass-{passes}")
        while (process := start(disturbed)).poll() is None:
            kill_after_s = moments.uniform(0.5, LONGEST_S) if kills < wanted_kills else None
            try:
                _, said = process.communicate(timeout=kill_after_s)
            except subprocess.TimeoutExpired:
                hit |= {
                    command.split("stages.")[1].split("\0")[0] for command in children(disturbed)
                }
                moments.choice([os.kill, os.killpg])(process.pid, signal.SIGKILL)
                process.communicate()
                kills += 1
            else:
                if any(words in said for words in TORN):
                    disturbed.run(sys.executable, "tools/mend.py")  # as `make run` does
                    torn += 1
                    continue
                assert process.returncode == 0, said
                break
        passes += 1
        assert digests(disturbed) == wanted, f"pass {passes}"
        print(f"pass {passes}: the same {len(wanted)} files after {kills} kills", flush=True)
    print(f"{kills} kills, of dvc and of {', '.join(sorted(hit))}; {torn} tore a file of DVC's own")
    assert len(hit) >= 4, "too few stages were hit"


def test_kills_of_a_sweep_change_no_byte_of_its_tables(project: Project, tmp_path: Path) -> None:
    """Killed each time that it knows ten trials more, of 104; no trial is done a second time."""
    project.change_sweeps(sweeps={"small": {"seeds": list(range(12))}})
    undisturbed = project.copy_to(tmp_path / "undisturbed")
    undisturbed.run("dvc", "repro", "sweeps/dvc.yaml")
    kept = [0]
    while (process := start(project, "sweeps/dvc.yaml")).poll() is None:
        while process.poll() is None and known_trials(project) < kept[-1] + 10:
            time.sleep(0.02)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kept.append(known_trials(project))
        process.communicate()
        project.run(sys.executable, "tools/mend.py")  # as `make sweeps` does
        if process.returncode == 0:
            break
    print(f"trials known after each kill: {kept}", flush=True)
    assert len(kept) > 5
    assert known_trials(project) == 104
    for kind in (".csv", ".json", ".md"):
        table = f"reports/sweeps/small{kind}"
        assert project.read(table) == undisturbed.read(table), table


def known_trials(project: Project) -> int:
    ledger = project.path / ".sweep/runs.txt"
    return ledger.read_bytes().count(b"\n") if ledger.exists() else 0
