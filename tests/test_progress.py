"""Progress: a bar on a terminal, now and then a line elsewhere."""

import os
import pty
import sys
import termios

import pytest

from seqcompare import progress
from seqcompare.progress import EpochDone, Progress


def test_away_from_a_terminal_a_line_says_where_training_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    with Progress("lstm", epochs=2) as show:
        show(EpochDone(seed=3, epoch=1, train_mse=0.5))
    said = capsys.readouterr().err
    assert said == "lstm: seed 3, epoch 1, train MSE 0.5000, about 0 s left\n"


def test_lines_do_not_come_more_often_than_every_few_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress("lstm", epochs=100) as show:
        for epoch in range(100):
            show(EpochDone(seed=0, epoch=epoch, train_mse=0.5))
    assert capsys.readouterr().err == ""


def test_on_a_terminal_there_is_one_bar_and_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with Progress("lstm", epochs=1) as show:
            show(EpochDone(seed=3, epoch=1, train_mse=0.5))
        shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "lstm: 100%" in shown
    assert "seed 3" in shown
    assert "left" not in shown
