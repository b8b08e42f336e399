"""Progress of a stage on stderr: one bar on a terminal, now and then a line elsewhere."""

import math
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self

from tqdm import tqdm

SECONDS_BETWEEN_LINES = 5.0
SECONDS_TO_KNOW_THE_PACE = 3.0
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} {unit}s{postfix}"


class Progress:
    """Call it with what is done: `progress("lag 20", work=4)`. Use it as a context manager.

    unit: what is counted, like `trial`; number: how many there are; work: of all, in any unit.
    """

    def __init__(self, title: str, unit: str, number: int, work: float | None = None) -> None:
        self.number, self.done = number, 0
        self.seconds_left: float | None = None  # until the pace is known
        self._title, self._unit = title, unit
        self._work_left, self._work_done = number if work is None else work, 0.0
        self._shown_at = self._started_at = time.monotonic()
        self._bar = tqdm(total=number, desc=title, unit=unit, bar_format=BAR, disable=None)

    def __call__(self, last: str, work: float = 1, known: bool = False) -> bool:
        """known: from an earlier run, so no sign of the pace. Returns whether a line was due."""
        now, self.done = time.monotonic(), self.done + 1
        passed_s, due = now - self._started_at, now - self._shown_at >= SECONDS_BETWEEN_LINES
        self._work_left = max(0.0, self._work_left - work)
        self._work_done += 0 if known else work
        if self._work_done and passed_s >= SECONDS_TO_KNOW_THE_PACE:
            self.seconds_left = passed_s / self._work_done * self._work_left
        left = "" if self.seconds_left is None else f"about {self.seconds_left:.0f} s left, "
        with suppress(OSError):
            self._bar.set_postfix_str(f"{left}last: {last}", refresh=False)
            self._bar.update()
        if due and not sys.stderr.isatty():
            self._say(f"{self.done} of {self.number} {self._unit}s, {left}last: {last}")
        self._shown_at = now if due else self._shown_at
        return due

    def __enter__(self) -> Self:
        if not sys.stderr.isatty():
            self._say(f"{self.number} {self._unit}s to do")
        return self

    def _say(self, text: str) -> None:
        with suppress(OSError):  # stderr is closed or full: the work goes on
            print(f"{self._title}: {text}", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._bar.close()


class TrainingProgress(Progress):
    """The epochs of all trials of one model. save: called now and then with live metrics."""

    def __init__(self, model: str, epochs: int, save: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(model, "epoch", epochs)
        self._save = save
        self._seen: set[tuple[str, int]] = set()

    def on_event(self, event: Sequence[Any]) -> None:
        """event: trial, epoch, train MSE. A worker that takes over a trial may repeat epochs."""
        trial, epoch, mse = event
        repeated = (trial, epoch) in self._seen
        self._seen.add((trial, epoch))
        if not repeated and self(f"{trial}, epoch {epoch}, train MSE {mse:.4f}"):
            train_mse = mse if math.isfinite(mse) else None
            with suppress(OSError):  # a full disk
                self._save({"epochs_done": self.done, "epochs_total": self.number,
                            "train_mse": train_mse, "seconds_left": self.seconds_left})  # fmt: skip
