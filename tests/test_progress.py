"""What is seen of a training while it lasts."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from contextlib import closing

import pytest

from seqcompare import progress
from seqcompare.progress import Standing, TrainingProgress, WorkProgress, announce
from seqcompare.training.trial import EpochDone

SHOW = """
from seqcompare.progress import TrainingProgress
from seqcompare.training.trial import (EpochDone)
with TrainingProgress("lstm", 4) as show:
    for epoch in range(1, 5):
        show(EpochDone(trial="seed 3", epoch=epoch, train_mse=0.5 / epoch))
"""


def test_a_terminal_shows_one_bar_with_seed_epoch_loss_and_time_left() -> None:
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
    for word in ("lstm: 100%", "4/4 epochs", "00:00 left", "seed 3, epoch 4, train MSE 0.1250"):
        assert word in last


def test_elsewhere_lines_appear_no_more_often_than_agreed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    with TrainingProgress("lstm", 2) as show:
        show(EpochDone(trial="seed 0", epoch=1, train_mse=0.25))
        monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 60)
        show(EpochDone(trial="seed 0", epoch=2, train_mse=0.2))
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["lstm: seed 0, epoch 1, train MSE 0.2500, about 0 s left"]


def test_an_epoch_that_is_told_twice_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that takes over a lost one's trial tells its epochs again."""
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    standings: list[Standing] = []
    with TrainingProgress("lstm", 4, standings.append) as show:
        for trial, epoch in [("seed 0", 1), ("seed 0", 1), ("seed 1", 1), ("seed 0", 1)]:
            show(EpochDone(trial, epoch, train_mse=0.25))
    assert [now.epochs_done for now in standings] == [1, 2]


def test_who_watches_the_metrics_is_told_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    told: list[Standing] = []
    with TrainingProgress("lstm", 2, told.append) as show:
        show(EpochDone(trial="seed 0", epoch=1, train_mse=0.25))
    assert (told[0].epochs_done, told[0].epochs_total, told[0].train_mse) == (1, 2, 0.25)
    assert told[0].seconds_left >= 0


def test_a_study_says_how_long_it_takes_before_and_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    announce("adding problem, lstm", 2, 90.4)
    with closing(WorkProgress("adding problem, lstm", "trial", 2, 5)) as show:
        show("lag 20", 4)
        show("lag 5", 1)
    assert capsys.readouterr().err.splitlines() == [
        "adding problem, lstm: 2 trials, which take 90 s at most",
        "adding problem, lstm: 1 of 2 trials, about 0 s left, the last: lag 20",
        "adding problem, lstm: 2 of 2 trials, about 0 s left, the last: lag 5",
    ]


def test_what_was_known_from_before_tells_nothing_of_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    with closing(WorkProgress("sweep settings", "trial", 2, 5)) as show:
        show("cell 1", 4, known=True)
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "sweep settings: 1 of 2 trials, known from before, the last: cell 1"


def test_a_study_says_how_many_of_its_points_are_done_and_how_long_the_rest_takes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    with closing(WorkProgress("cost", "point", 2, 30)) as show:
        show("lstm, n = 20", 10)
        show("lstm, n = 40", 20)
    first, last = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"cost: 1 of 2 points, about \d+ s left, the last: lstm, n = 20", first)
    assert last.startswith("cost: 2 of 2 points, about 0 s left")
