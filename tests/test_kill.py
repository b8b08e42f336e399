"""Ctrl-C, kills at any moment and two at once: the next run goes on, to the same bytes."""

import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Project
from test_pipeline import TIMED, small_studies

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]
KILLS, SAMPLE = 50, 12  # with `--full`, and without
STOPPED = "stopped: `dvc repro` goes on from here"
# DVC writes two files of its own in place, and says so when a kill left one half written.
TORN = {"dvc.lock": "dvc.lock' validation failed", ".dvc/tmp/rwlock": "Unable to read RWLock-file"}


def start(project: Project, *command: str) -> subprocess.Popen[str]:
    """A command in a process group of its own, as a terminal starts it."""
    return subprocess.Popen(
        command, cwd=project.path, env=project.environment(), text=True, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def digests(project: Project) -> dict[str, str]:
    """sha256 of all outputs that no time stands in."""
    files = [file for name in ("data", "reports") for file in (project.path / name).rglob("*")]
    names = {str(file.relative_to(project.path)): file for file in files if file.is_file()}
    return {
        name: hashlib.sha256(file.read_bytes()).hexdigest()
        for name, file in sorted(names.items())
        if not TIMED.fullmatch(name)
        and not name.startswith(("data/timing", "reports/studies/cost"))
    }


def stages_running(project: Project) -> list[str]:
    """Commands of stages that run in the project's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == project.path.resolve():
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return [command.split("stages.")[1].split("\0")[0] for command in found if "stages." in command]


def wait_for_a_stage(project: Project, name: str = "") -> None:
    deadline = time.monotonic() + 120
    while not any(stage.startswith(name) for stage in stages_running(project)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_ends_a_run_in_one_line_and_the_next_goes_on(fresh_project: Project) -> None:
    for after_s in (0.2, 2.0):
        process = start(fresh_project, "dvc", "repro")
        wait_for_a_stage(fresh_project)
        time.sleep(after_s)
        said = ""
        while process.poll() is None:  # dvc takes none while a stage has just ended
            os.killpg(process.pid, signal.SIGINT)
            try:
                said = process.communicate(timeout=10)[1]
            except subprocess.TimeoutExpired:
                continue
        assert process.returncode != 0
        assert "Traceback" not in said
        assert said.count(STOPPED) <= 1
        assert not stages_running(fresh_project)
    fresh_project.run("dvc", "repro")


def test_ctrl_c_at_any_moment_of_a_stage_is_one_line_at_once(project: Project) -> None:
    """Also while libraries are loaded, some of which swallow exceptions."""
    command = [sys.executable, "-m", "stages.evaluate"]
    started_at = time.monotonic()
    project.run(*command)
    duration = time.monotonic() - started_at
    moments = random.Random(0)
    for _ in range(15):
        process = start(project, *command)
        time.sleep(moments.uniform(0.15, 0.7) * duration)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            assert process.communicate(timeout=60)[1].strip() in (STOPPED, "")
        process.communicate()


def test_a_second_repro_says_that_the_first_one_runs(fresh_project: Project) -> None:
    process = start(fresh_project, "dvc", "repro")
    wait_for_a_stage(fresh_project, "train")
    second = fresh_project.run("dvc", "repro", check=False)
    assert second.returncode != 0
    assert "Traceback" not in second.stderr
    assert re.search("is busy|Unable to acquire lock", second.stderr)
    process.communicate(timeout=300)
    assert process.returncode == 0


@pytest.mark.timeout(1800)
def test_kills_at_random_moments_change_no_byte_of_the_results(
    fresh_project: Project, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Of dvc with its stages or of dvc alone. A pass goes on until it ends undisturbed."""
    wanted_kills = KILLS if request.config.getoption("--full") else SAMPLE
    fresh_project.change_params(training={"epochs": 100})
    undisturbed = fresh_project.copy_to(tmp_path / "undisturbed")
    began_at = time.monotonic()
    undisturbed.run("dvc", "repro")
    longest_s = (time.monotonic() - began_at) / 3
    wanted, moments = digests(undisturbed), random.Random(0)
    kills = passes = torn = 0
    while kills < wanted_kills:
        disturbed = fresh_project.copy_to(tmp_path / f"pass-{passes}")
        while True:
            process = start(disturbed, "dvc", "repro")
            kill_after_s = moments.uniform(0.5, longest_s) if kills < wanted_kills else None
            try:
                _, said = process.communicate(timeout=kill_after_s)
            except subprocess.TimeoutExpired:
                moments.choice([os.kill, os.killpg])(process.pid, signal.SIGKILL)
                process.communicate()
                kills += 1
                continue
            if process.returncode == 0:
                break
            assert any(words in said for words in TORN.values()), said
            disturbed.run("python3", "tools/mend.py")  # as `make run` does
            torn += 1
        passes += 1
        assert digests(disturbed) == wanted, f"pass {passes}"
    print(f"{kills} kills in {passes} passes; {torn} tore a file of DVC's own")


def test_no_finished_trial_of_a_killed_map_is_done_again(project: Project, tmp_path: Path) -> None:
    small_studies(project)
    project.change_params("studies/params.yaml", maps={"small": {"seeds": [*range(8)]}})
    undisturbed = project.copy_to(tmp_path / "undisturbed")
    undisturbed.run("python3", "-m", "stages.map", "small")
    kept = [0]
    while (process := start(project, "python3", "-m", "stages.map", "small")).poll() is None:
        while process.poll() is None and known_trials(project) < kept[-1] + 8:
            time.sleep(0.02)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kept.append(known_trials(project))
        process.communicate()
        if process.returncode == 0:
            break
    assert len(kept) > 2
    assert kept == sorted(kept)
    assert digests(project) == digests(undisturbed)


def known_trials(project: Project) -> int:
    return sum(1 for file in (project.path / ".trials").rglob("*") if file.is_file())
