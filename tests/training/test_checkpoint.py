"""A trial's state on disk: read back as it was, or not used at all."""

import multiprocessing
import os
import time
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqcompare.training.checkpoint import KEPT_S, Checkpoint

STATE = {"w": torch.arange(6.0).reshape(2, 3), "errors": torch.tensor([], dtype=torch.float64)}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint(tmp_path, "lstm-seed-0", "a" * 64)


def test_a_state_is_read_back_as_it_was(checkpoint: Checkpoint) -> None:
    checkpoint.save(STATE)
    loaded = checkpoint.load()
    assert loaded is not None
    assert loaded.keys() == STATE.keys()
    assert all(torch.equal(loaded[name], STATE[name]) for name in STATE)


def test_a_new_state_replaces_the_old_one(checkpoint: Checkpoint) -> None:
    checkpoint.save(STATE)
    checkpoint.save({"w": torch.zeros(1)})
    loaded = checkpoint.load()
    assert loaded is not None
    assert torch.equal(loaded["w"], torch.zeros(1))
    assert list(checkpoint.root.iterdir()) == [checkpoint.path]


def test_without_a_state_there_is_nothing_to_say(
    checkpoint: Checkpoint, capfd: pytest.CaptureFixture[str]
) -> None:
    assert checkpoint.load() is None
    assert capfd.readouterr().err == ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.data())
def test_a_state_with_a_flipped_bit_is_never_used(
    checkpoint: Checkpoint, data: st.DataObject
) -> None:
    checkpoint.save(STATE)
    content = bytearray(checkpoint.path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    checkpoint.path.write_bytes(content)
    assert checkpoint.load() is None


@pytest.mark.parametrize("content", [b"", b"half"])
def test_a_damaged_state_is_said_in_one_line(
    checkpoint: Checkpoint, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    checkpoint.path.write_bytes(content)
    assert checkpoint.load() is None
    said = capfd.readouterr().err
    assert said == "lstm-seed-0: its checkpoint is damaged: starting over\n"


def test_a_state_of_other_params_data_or_code_is_not_used(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    Checkpoint(tmp_path, "lstm-seed-0", "b" * 64).save(STATE)
    assert checkpoint.load() is None


def test_a_finished_trial_leaves_no_state_behind_nor_what_nobody_went_on_with_for_a_week(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    abandoned = Checkpoint(tmp_path, "lstm-seed-0", "b" * 64)
    half_written = tmp_path / ".lstm-seed-1-cccc.123.tmp"
    checkpoint.save(STATE)
    abandoned.save(STATE)
    half_written.touch()
    long_ago = time.time() - KEPT_S - 60
    for path in (abandoned.path, half_written):
        os.utime(path, (long_ago, long_ago))
    checkpoint.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_another_experiment_may_go_on_with_is_left_alone(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    other = Checkpoint(tmp_path, "lstm-seed-0", "b" * 64)
    other.save(STATE)
    checkpoint.remove()
    assert other.load() is not None


def save_many(checkpoint: Checkpoint) -> None:
    for _ in range(100):
        checkpoint.save(STATE)


def test_two_processes_at_the_same_trial_never_leave_half_a_state(checkpoint: Checkpoint) -> None:
    checkpoint.save(STATE)
    other = multiprocessing.get_context("spawn").Process(target=save_many, args=(checkpoint,))
    other.start()
    while other.is_alive():
        checkpoint.save(STATE)
        assert checkpoint.load() is not None
    assert other.exitcode == 0
