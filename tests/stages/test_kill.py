"""Training killed at any moment, and started again, ends in the same bytes."""

import os
import random
import signal
import subprocess
import sys
import time
from hashlib import sha256

import pytest
from conftest import Project

KILLS, SAMPLE = 50, 20  # with `--full`, and without
METRICS = "reports/metrics.json"
RESULTS = ("data/runs/lstm/history.csv", METRICS)
EVALUATED_EVERY = 5  # kills: it takes longer than to train, and reads what each kill is checked for


def stage(project: Project, *words: str) -> subprocess.Popen[bytes]:
    """A stage in a process group of its own, as a shell would start it."""
    return subprocess.Popen(
        [sys.executable, "-m", f"stages.{words[0]}", *words[1:]],
        cwd=project.path,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "DVC_ROOT": str(project.path)},
    )


def digests(project: Project) -> dict[str, str]:
    weights = [f"data/runs/lstm/seed-{seed}.safetensors" for seed in (0, 1)]
    return {name: sha256(project.read(name)).hexdigest() for name in (*RESULTS, *weights)}


def has_checkpoint(project: Project) -> bool:
    return any((project.path / ".checkpoints").glob("lstm-seed-*"))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_kills_at_random_moments_change_no_byte(
    project: Project, request: pytest.FixtureRequest
) -> None:
    kills = KILLS if request.config.getoption("--full") else SAMPLE
    project.change_params(training={"epochs": 400})
    assert stage(project, "train", "transformer").wait() == 0
    began_at = time.monotonic()
    assert stage(project, "train", "lstm").wait() == 0
    duration = time.monotonic() - began_at
    assert stage(project, "evaluate").wait() == 0
    undisturbed = digests(project)

    moments = random.Random(0)
    resumed = 0
    for kill in range(kills):
        victim = stage(project, "train", "lstm")
        if kill % 2:  # the others come at any moment, also before there is a checkpoint
            while victim.poll() is None and not has_checkpoint(project):
                time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.1) * duration if kill % 2 else moments.random() * duration)
        if victim.poll() is None:
            os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        resumed += has_checkpoint(project)
        assert stage(project, "train", "lstm").wait() == 0
        if kill % EVALUATED_EVERY == 0:
            (project.path / METRICS).unlink()
            assert stage(project, "evaluate").wait() == 0
        assert digests(project) == undisturbed
    assert resumed > kills / 5, "the kills came too early or too late to be worth something"
