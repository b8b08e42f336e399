"""Progress of a stage: one bar on a terminal, now and then a line elsewhere.

Everywhere, now and then, also figures for whoever watches the stage's metrics file.
"""

import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

from seqcompare.training.trial import EpochDone

SECONDS_BETWEEN_LINES = 5.0
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} epochs, {remaining} left{postfix}"
WORK = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} {unit}s{postfix}"


@dataclass(frozen=True)
class Standing:
    """How far all trials of a model are, together."""

    epochs_done: int
    epochs_total: int
    train_mse: float | None  # of the epoch that ended last; None where it diverged
    seconds_left: float


class TrainingProgress:
    """Shows the epochs of all trials of one model as they are done.

    on_standing: called every few seconds, for live metrics.
    """

    def __init__(
        self, model: str, epochs: int, on_standing: Callable[[Standing], None] = lambda _: None
    ) -> None:
        self._model = model
        self._epochs = epochs
        self._on_standing = on_standing
        self._bar = tqdm(total=epochs, desc=model, bar_format=BAR, dynamic_ncols=True, disable=None)
        self._lines = not sys.stderr.isatty()
        self._shown_at = self._started_at = time.monotonic()
        self._done: set[tuple[str, int]] = set()  # trial and epoch

    def __call__(self, told: Sequence[Any]) -> None:
        """told: the fields of an EpochDone, which a cluster hands on as a plain list.

        An epoch counts once: who takes over a lost worker's trial may tell its epochs again.
        """
        event = EpochDone(*told)
        if (event.trial, event.epoch) in self._done:
            return
        self._done.add((event.trial, event.epoch))
        done = len(self._done)
        at = f"{event.trial}, epoch {event.epoch}, train MSE {event.train_mse:.4f}"
        self._bar.set_postfix_str(at, refresh=False)
        self._bar.update()
        now = time.monotonic()
        if now - self._shown_at < SECONDS_BETWEEN_LINES:
            return
        self._shown_at = now
        left_s = (now - self._started_at) / done * (self._epochs - done)
        mse = event.train_mse if math.isfinite(event.train_mse) else None
        self._on_standing(Standing(done, self._epochs, mse, left_s))
        if self._lines:
            line = f"{self._model}: {at}, about {left_s:.0f} s left"
            print(line, file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()


class WorkProgress:
    """Shows the trials or points of a study as they are done: call it with each.

    title: of the study, like `sweep settings`; unit: what they are; work: of all of them, in the
    unit of their own; what is left of it tells how long they take.
    """

    def __init__(self, title: str, unit: str, number: int, work: int) -> None:
        self._bar = tqdm(total=number, desc=title, unit=unit, bar_format=WORK, disable=None)
        self._title, self._unit, self._number, self._done = title, unit, number, 0
        self._work_left, self._work_done = work, 0
        self._shown_at = self._started_at = time.monotonic()

    def __call__(self, last: str, work: int, known: bool = False) -> None:
        self._done += 1
        self._work_left = max(0, self._work_left - work)
        self._work_done += 0 if known else work
        now = time.monotonic()
        left = "known from before" if known else self._left(now - self._started_at)
        self._bar.set_postfix_str(f"{left}, the last: {last}")
        self._bar.update()
        late = now - self._shown_at >= SECONDS_BETWEEN_LINES
        if not sys.stderr.isatty() and (late or self._done == self._number):
            self._shown_at = now
            counted = f"{self._done} of {self._number} {self._unit}s"
            line = f"{self._title}: {counted}, {left}, the last: {last}"
            print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        self._bar.close()

    def _left(self, passed_s: float) -> str:
        return f"about {passed_s / max(1, self._work_done) * self._work_left:.0f} s left"


def announce(title: str, trials: int, longest_s: float) -> None:
    """Say before a study starts how long it takes at most."""
    line = f"{title}: {trials} trials, which take {longest_s:.0f} s at most"
    print(line, file=sys.stderr, flush=True)
