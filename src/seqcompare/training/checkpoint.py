"""A run's whole state on disk, so that a killed run goes on where it was.

A state is one safetensors file, named by its own hash: a damaged one is not loaded. It lies in a
folder named by a fingerprint of all that determines the run: a state of other params, data or code
is not found. The folder is locked while a process works on the run.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import safetensors
import safetensors.torch
from torch import Tensor

from seqcompare.core.files import write_bytes

STATE = "*.safetensors"


@dataclass(frozen=True)
class State:
    tensors: Mapping[str, Tensor]
    plain: Mapping[str, Any]  # what JSON can hold


@dataclass(frozen=True)
class Checkpoint:
    """Where one run keeps its state."""

    root: Path
    run: str  # names model and seed, for people
    fingerprint: str

    @property
    def folder(self) -> Path:
        return self.root / f"{self.run}-{self.fingerprint[:16]}"

    @contextmanager
    def locked(self) -> Iterator[Self]:
        """Wait until no other process works on this run, then keep others out."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            if not _try_lock(lock):
                say(f"{self.run}: another process is training it: waiting for that one")
                fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock.fileno()).st_nlink:
                yield self
                return
        with self.locked():  # the other process has finished, and removed the folder
            yield self

    def save(self, state: State) -> None:
        """Replace the state on disk, at once or not at all."""
        content = safetensors.torch.save(dict(state.tensors), {"plain": json.dumps(state.plain)})
        path = self.folder / f"{_digest(content)}.safetensors"
        old = list(self.folder.glob(STATE))
        write_bytes(path, content)
        for other in old:
            if other != path:
                other.unlink()

    def load(self) -> State | None:
        """The last state saved, or None when there is none that can be used."""
        states = sorted(self.folder.glob(STATE), key=lambda path: path.stat().st_mtime_ns)
        for path in reversed(states):
            content = path.read_bytes()
            if _digest(content) == path.stem:
                with suppress(safetensors.SafetensorError, ValueError, LookupError, TypeError):
                    with safetensors.safe_open(path, "pt") as file:
                        plain = json.loads(file.metadata()["plain"])
                    return State(safetensors.torch.load(content), plain)
            say(f"{self.run}: its checkpoint is damaged: starting over")
        if not states and self._others():
            say(f"{self.run}: its checkpoint is of other params, data or code: starting over")
        return None

    def remove(self) -> None:
        """Forget this run's state, and states of the same run that nothing will ask for again."""
        for folder in [self.folder, *self._others()]:
            shutil.rmtree(folder, ignore_errors=True)

    def _others(self) -> list[Path]:
        """Folders of the same model and seed under other fingerprints that no process works on."""
        found = []
        for folder in self.root.glob(f"{self.run}-{'?' * 16}"):
            if folder != self.folder and any(folder.glob(STATE)):
                with (folder / "lock").open("w") as lock:
                    if _try_lock(lock):
                        found.append(folder)
        return found


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _try_lock(file: Any) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
