"""Before `make run`: mistakes that DVC would answer in words of its own, or never, in one line.

It fills `models` of params.yaml into dvc.yaml, and reads all of data/input/, before any stage runs.
"""

import sys
from pathlib import Path

sys.path.insert(0, "src")

from seqcompare.core.errors import InputError
from seqcompare.core.params import load_params
from seqcompare.core.paths import INPUT


def main() -> None:
    for path in sorted(INPUT.rglob("*")):
        if path.exists() and not (path.is_file() or path.is_dir()):
            sys.exit(f"error: {path}: is no file that ends: remove it")
    try:
        load_params(Path("params.yaml"))
    except InputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
