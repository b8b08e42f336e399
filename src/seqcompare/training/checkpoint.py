"""Checkpoint: a trial's whole state on disk, so that a killed one goes on where it was.

A state is one file: the hash of what follows, then safetensors; a damaged one is not loaded. The
file is named by a fingerprint of all that determines the trial: a state of other params, data or
code is not found. No lock is needed: a file is replaced at once or not at all, and processes that
train the same trial (two experiments side by side) replace it by states of the same trial.
"""

import hashlib
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from seqcompare.core.files import write_bytes

DIGEST = hashlib.sha256().digest_size  # bytes
KEPT_S = 7 * 24 * 3600.0  # a state that no trial has written for so long is of no use any more


State: TypeAlias = Mapping[str, Tensor]


@dataclass(frozen=True)
class Checkpoint:
    """Where one trial keeps its state."""

    root: Path
    trial: str  # names model and seed, for people
    fingerprint: str

    @property
    def path(self) -> Path:
        return self.root / f"{self.trial}-{self.fingerprint[:16]}"

    def save(self, state: State) -> None:
        """Replace the state on disk, at once or not at all."""
        content = safetensors.torch.save(dict(state))
        own = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            write_bytes(own, hashlib.sha256(content).digest() + content)
            own.replace(self.path)
        finally:
            own.unlink(missing_ok=True)

    def load(self) -> State | None:
        """The last state saved, or None when there is none that can be used."""
        try:
            stored = self.path.read_bytes()
        except FileNotFoundError:
            return None
        digest, content = stored[:DIGEST], stored[DIGEST:]
        if hashlib.sha256(content).digest() == digest:
            with suppress(SafetensorError, ValueError, LookupError, TypeError):
                return safetensors.torch.load(content)
        self.say_damaged()
        return None

    def say_damaged(self) -> None:
        """In one write, which no other worker's message can divide."""
        sys.stderr.write(f"{self.trial}: its checkpoint is damaged: starting over\n")

    def remove(self) -> None:
        """Drop this state, and those of any trial that nobody has gone on with for a week."""
        self.path.unlink(missing_ok=True)
        for file in self.root.glob("*"):
            with suppress(OSError):  # another process was faster, or it is a folder
                if time.time() - file.stat().st_mtime > KEPT_S:
                    file.unlink()
