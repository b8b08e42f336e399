"""What is shown of a stage while it lasts."""

import fcntl
import math
import os
import pty
import struct
import subprocess
import sys
import termios
from typing import Any

import pytest

from seqcompare import progress
from seqcompare.progress import Progress, TrainingProgress

SHOW = """
from seqcompare.progress import TrainingProgress
with TrainingProgress("lstm", 4, print) as show:
    for epoch in range(1, 5):
        show.on_event(("seed 3", epoch, 0.5 / epoch))
"""


class Clock:
    now = 100.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stands for time.monotonic."""
    clock = Clock()
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock.now)
    return clock


def test_a_terminal_shows_one_bar_with_epochs_and_the_last_error() -> None:
    reader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    shown = b""
    with subprocess.Popen([sys.executable, "-c", SHOW], stderr=terminal):
        os.close(terminal)
        try:
            while part := os.read(reader, 4096):
                shown += part
        except OSError:  # Linux says so when the other side has closed
            pass
    os.close(reader)
    text = shown.decode()
    assert text.count("\n") == 1
    last = text.rstrip("\r\n").split("\r")[-1]
    for word in ("lstm: 100%", "4/4 epochs", "last: seed 3, epoch 4, train MSE 0.1250"):
        assert word in last


def test_elsewhere_a_line_appears_at_once_and_every_few_seconds_with_the_time_left_once_known(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress("map settings", "trial", 5, work=10) as show:
        for last, work, known, passed_s in [
            ("a", 2, True, 6),  # known from before: says nothing about the pace
            ("b", 2, False, 6),  # 2 in 12 s
            ("c", 1, False, 1),
            ("d", 1, False, 5),  # 4 in 18 s
        ]:
            clock.now += passed_s
            show(last, work, known)
    assert capsys.readouterr().err.splitlines() == [
        "map settings: 5 trials to do",
        "map settings: 1 of 5 trials, last: a",
        "map settings: 2 of 5 trials, about 36 s left, last: b",
        "map settings: 4 of 5 trials, about 18 s left, last: d",
    ]


def test_live_metrics_are_saved_every_few_seconds_and_each_epoch_counts_once(clock: Clock) -> None:
    """A worker that takes over a lost one's trial reports its epochs again."""
    saved: list[dict[str, Any]] = []
    with TrainingProgress("lstm", 5, saved.append) as show:
        for epoch, mse in [(1, 0.5), (2, 0.25), (2, 0.25), (3, math.nan), (4, math.inf)]:
            clock.now += 3
            show.on_event(["seed 0", epoch, mse])
    assert saved == [
        {"epochs_done": 2, "epochs_total": 5, "train_mse": 0.25, "seconds_left": 9.0},
        {"epochs_done": 3, "epochs_total": 5, "train_mse": None, "seconds_left": 8.0},
    ]


def test_an_error_in_showing_progress_does_not_end_the_stage(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`2>&1 | head -1` closes stderr after a line; the disk may be full."""

    def fails(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(sys.stderr, "write", fails)
    with TrainingProgress("lstm", 2, fails) as show:
        for epoch in (1, 2):
            clock.now += 6
            show.on_event(["seed 0", epoch, 0.25])
    assert show.done == 2
