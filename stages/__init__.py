"""The steps of dvc.yaml, one script each: `python3 -m stages.NAME` from the project's folder.

A step runs the library beside it (`dvc exp run --temp` copies both), whatever is installed.
"""

import ctypes
import importlib.util
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Results must not depend on the number of cores. Read when numpy and torch are imported.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

PR_SET_PDEATHSIG = 1  # linux/prctl.h
sys.path.insert(0, str(ROOT / "src"))

if importlib.util.find_spec("pydantic") is None:  # dvc was called without activating .venv
    python = Path(os.environ.get("DVC_ROOT", ROOT)) / ".venv/bin/python3"
    if not python.exists() or Path(sys.prefix) == python.parents[1]:
        sys.exit(f"error: {sys.executable} lacks the project's packages: run `make setup` first")
    os.execv(python, [str(python), *sys.orig_argv[1:]])


def run(main: Callable[[], None]) -> None:
    """End with one line, not a traceback, for a mistake that the user can mend."""
    from seqcompare.errors import InputError

    end_with_parent()
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped: `dvc repro` goes on from here")


def end_with_parent() -> None:
    """On Linux, do not live on, and write results, when `dvc` is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
