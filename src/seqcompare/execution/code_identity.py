"""Code identity: a hash of the source files that decide the bytes of a trial, and of no others."""

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
# What a trial runs through, beside its model's own file.
ROOMS = ("core", "data", "execution", "models/kernels", "training")


@cache
def trial_code(model: str) -> str:
    """Of the code that trains a model, as it was at the first call: hexadecimal digits."""
    return _digest([*_rooms(), PACKAGE / "models" / f"{model}.py"])


@cache
def worker_code() -> str:
    """Of the code that trains any model."""
    return _digest([*_rooms(), *PACKAGE.glob("models/*.py")])


@cache
def rooms_code(*rooms: str) -> str:
    """Of these rooms, each named by its path below the package."""
    return _digest([file for room in rooms for file in (PACKAGE / room).rglob("*.py")])


def _rooms() -> list[Path]:
    files = [file for room in ROOMS for file in (PACKAGE / room).rglob("*.py")]
    return [*files, PACKAGE / "models/__init__.py"]


def _digest(files: list[Path]) -> str:
    hashes = {
        str(file.relative_to(PACKAGE)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in set(files)
    }
    lines = [f"{name} {hashes[name]}" for name in sorted(hashes)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
