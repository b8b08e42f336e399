"""A training of many short epochs: memory stays flat, checkpoints take next to none of the time."""

import sys
import time
from pathlib import Path

import pytest
from test_trial import task

from seqcompare.training.checkpoint import Checkpoint, State
from seqcompare.training.trial import EpochDone, checkpoint_of, fit

EPOCHS = 1500
WARM = 300  # epochs after which everything that is made once has been made
MOST_GROWTH = 4_000_000  # bytes; the records of an epoch are some 100
MOST_SHARE = 0.02  # Pace aims at 0.01


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_many_short_epochs_keep_memory_flat_and_checkpoints_cheap(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    torch_as_it_was: None,  # noqa: ARG001
) -> None:
    save, spent, sizes = Checkpoint.save, [], []

    def timed(checkpoint: Checkpoint, state: State) -> None:
        started_at = time.perf_counter()
        save(checkpoint, state)
        spent.append(time.perf_counter() - started_at)

    def watch(event: EpochDone) -> None:
        if event.epoch in (WARM, EPOCHS):
            sizes.append(resident_bytes())

    monkeypatch.setattr(Checkpoint, "save", timed)
    long = task(epochs=EPOCHS, batch_size=80)
    started_at = time.perf_counter()
    trained = fit(long, checkpoint_of(long, tmp_path), EPOCHS, watch)
    took_s = time.perf_counter() - started_at
    share, growth = sum(spent) / took_s, sizes[1] - sizes[0]
    print(f"{EPOCHS} epochs in {took_s:.1f} s: {len(spent)} checkpoints took {share:.2%}")
    print(f"memory grew by {growth / 1e6:.1f} MB from epoch {WARM} on")
    assert len(trained.train_mse) == EPOCHS
    assert share < MOST_SHARE
    assert growth < MOST_GROWTH
