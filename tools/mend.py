"""Mend those files of DVC's own that a kill can leave half written: `make run` does so first.

DVC writes them in place, and refuses to start when it cannot read one. What they held beyond the
last commit is found again: dvc restores from its cache what it has run before. A dvc.lock with a
conflict of a merge in it is left as it is: only its owner knows which side is meant.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from voluptuous import Invalid

LOCKS = (Path("dvc.lock"), Path("sweeps/dvc.lock"))
RUNNING = Path(".dvc/tmp/rwlock")  # which processes read and write what


def main() -> None:
    if is_torn(RUNNING, json.loads):
        RUNNING.unlink()
        print(f"{RUNNING} was half written when dvc was killed: removed")
    for lock in LOCKS:
        mend_lock(lock)


def mend_lock(lock: Path) -> None:
    if is_unmerged(lock):
        repro = f"dvc repro {lock.with_suffix('.yaml')}"
        sys.exit(
            f"error: {lock} is in the middle of a merge: `git checkout --ours {lock}`, "
            f"then `{repro}`, then `git add {lock}`"
        )
    if is_torn(lock, lambda text: COMPILED_LOCKFILE_SCHEMA(YAML(typ="safe", pure=True).load(text))):
        if git("checkout", "--quiet", "--", str(lock)).returncode:
            sys.exit(f"error: {lock} cannot be read, and Git has no other: move it away")
        print(f"{lock} was half written when dvc was killed: as committed again")


def is_unmerged(path: Path) -> bool:
    """Does Git wait for someone to resolve a conflict in it?"""
    return bool(git("ls-files", "--unmerged", "--", str(path)).stdout)


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], capture_output=True, check=False)


def is_torn(path: Path, read: Callable[[str], Any]) -> bool:
    """Can a file not be read, now or a moment later, when a dvc at work has written it?"""
    for wait_s in (0.0, 0.5):
        time.sleep(wait_s)
        try:
            read(path.read_text())
        except FileNotFoundError:
            return False
        except (ValueError, YAMLError, Invalid):
            continue
        return False
    return True


if __name__ == "__main__":
    main()
