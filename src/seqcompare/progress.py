"""How far a training stage is: one bar on a terminal, now and then a line elsewhere."""

import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tqdm import tqdm

SECONDS_BETWEEN_LINES = 5.0


@dataclass(frozen=True)
class EpochDone:
    """One run has finished one epoch."""

    seed: int
    epoch: int  # counted from 1
    train_mse: float


class Progress:
    """Shows the epochs of all seeds of one model as they are done."""

    def __init__(self, model: str, epochs: int) -> None:
        self._model = model
        self._epochs = epochs
        self._bar = tqdm(total=epochs, desc=model, unit="epoch", disable=None)
        self._lines = not sys.stderr.isatty()
        self._said_at = self._started_at = time.monotonic()
        self._done = 0

    def __call__(self, event: EpochDone) -> None:
        self._done += 1
        at = f"seed {event.seed}, epoch {event.epoch}, train MSE {event.train_mse:.4f}"
        self._bar.set_postfix_str(at)
        self._bar.update()
        now = time.monotonic()
        if self._lines and now - self._said_at >= SECONDS_BETWEEN_LINES:
            self._said_at = now
            left_s = (now - self._started_at) / self._done * (self._epochs - self._done)
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
