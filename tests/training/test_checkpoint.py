"""A run's state on disk: read back as it was, or not used at all."""

import multiprocessing
import time
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqcompare.training.checkpoint import Checkpoint, State

STATE = State({"w": torch.arange(6.0).reshape(2, 3)}, {"train_mse": [0.5, 0.25]})


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint(tmp_path, "lstm-seed-0", "a" * 64)


def saved_file(checkpoint: Checkpoint) -> Path:
    (path,) = checkpoint.folder.glob("*.safetensors")
    return path


def test_a_state_is_read_back_as_it_was(checkpoint: Checkpoint) -> None:
    with checkpoint.locked():
        checkpoint.save(STATE)
        loaded = checkpoint.load()
    assert loaded is not None
    assert torch.equal(loaded.tensors["w"], STATE.tensors["w"])
    assert loaded.plain == STATE.plain


def test_a_new_state_replaces_the_old_one(checkpoint: Checkpoint) -> None:
    with checkpoint.locked():
        checkpoint.save(STATE)
        checkpoint.save(State(STATE.tensors, {"train_mse": [1.0]}))
        loaded = checkpoint.load()
    assert loaded is not None
    assert loaded.plain == {"train_mse": [1.0]}
    assert saved_file(checkpoint).exists()


def test_without_a_state_there_is_nothing_to_say(
    checkpoint: Checkpoint, capfd: pytest.CaptureFixture[str]
) -> None:
    with checkpoint.locked():
        assert checkpoint.load() is None
    assert capfd.readouterr().err == ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.data())
def test_a_state_with_a_flipped_bit_is_never_used(
    checkpoint: Checkpoint, data: st.DataObject
) -> None:
    with checkpoint.locked():
        checkpoint.save(STATE)
        path = saved_file(checkpoint)
        content = bytearray(path.read_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        path.write_bytes(content)
        assert checkpoint.load() is None
        checkpoint.remove()


def test_a_damaged_state_is_said_in_one_line(
    checkpoint: Checkpoint, capfd: pytest.CaptureFixture[str]
) -> None:
    with checkpoint.locked():
        checkpoint.save(STATE)
        saved_file(checkpoint).write_bytes(b"half")
        checkpoint.load()
    said = capfd.readouterr().err
    assert said == "lstm-seed-0: its checkpoint is damaged: starting over\n"


def test_a_state_of_other_params_data_or_code_is_said_in_one_line_and_not_used(
    checkpoint: Checkpoint, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = Checkpoint(tmp_path, "lstm-seed-0", "b" * 64)
    with other.locked():
        other.save(STATE)
    with checkpoint.locked():
        assert checkpoint.load() is None
    said = capfd.readouterr().err
    assert said == ("lstm-seed-0: its checkpoint is of other params, data or code: starting over\n")


def test_states_of_other_seeds_are_not_mentioned(
    checkpoint: Checkpoint, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = Checkpoint(tmp_path, "lstm-seed-01", "b" * 64)
    with other.locked():
        other.save(STATE)
    with checkpoint.locked():
        checkpoint.load()
    assert capfd.readouterr().err == ""


def test_a_finished_run_leaves_no_state_behind_not_even_outdated_ones(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    outdated = Checkpoint(tmp_path, "lstm-seed-0", "b" * 64)
    for each in (outdated, checkpoint):
        with each.locked():
            each.save(STATE)
    checkpoint.remove()
    assert list(tmp_path.iterdir()) == []


def test_an_outdated_state_that_a_process_works_on_is_left_alone(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    busy = Checkpoint(tmp_path, "lstm-seed-0", "b" * 64)
    with busy.locked():
        busy.save(STATE)
        checkpoint.remove()
        assert busy.load() is not None


def hold(checkpoint: Checkpoint, seconds: float) -> None:
    with checkpoint.locked():
        (checkpoint.root / "held").touch()
        time.sleep(seconds)
        checkpoint.remove()


def test_a_run_that_another_process_works_on_is_waited_for(
    checkpoint: Checkpoint, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = multiprocessing.get_context("spawn").Process(target=hold, args=(checkpoint, 0.5))
    other.start()
    while not (tmp_path / "held").exists():
        time.sleep(0.01)
    with checkpoint.locked():
        assert not other.is_alive() or other.join(5) is None
        checkpoint.save(STATE)
        assert checkpoint.load() is not None
    assert "another process is training it" in capfd.readouterr().err
