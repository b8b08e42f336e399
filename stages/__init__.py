"""The steps of dvc.yaml, one script each: `python3 -m stages.NAME` from the project's folder.

A step runs the library beside it (`dvc exp run --temp` copies both), whatever is installed.
"""

import ctypes
import gc
import importlib.util
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
# Results must not depend on the number of cores. Read when numpy and torch are imported.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

PR_SET_PDEATHSIG = 1  # linux/prctl.h
STEP = os.getpid()
STARTED_AS_A_STEP = sys.argv[0] == "-m"  # which Python replaces before it runs the step itself
sys.path.insert(0, str(ROOT / "src"))

PACKAGES = [
    "jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "pydantic",
    "ruamel",
    "safetensors",
    "scipy",
    "torch",
    "tqdm",
]
if not all(map(importlib.util.find_spec, PACKAGES)):  # dvc was called without activating .venv
    python = Path(os.environ.get("DVC_ROOT", ROOT)) / ".venv/bin/python3"
    if not python.exists() or Path(sys.prefix) == python.parents[1]:
        sys.exit(f"error: {sys.executable} lacks the project's packages: run `make setup` first")
    os.execv(python, [str(python), *sys.orig_argv[1:]])


def run(main: Callable[[], None]) -> None:
    """End with one line, not a traceback, for a mistake that the user can mend."""
    from seqcompare.core.errors import InputError, WorkerDiedError

    gc.freeze()
    gc.enable()
    try:
        main()
    except WorkerDiedError as error:
        sys.exit(f"error: a worker: {error}: `dvc repro` tries again")
    except InputError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(f"error: {where}{error.strerror or error}: mend that, then `dvc repro` goes on")
    except (MemoryError, RuntimeError) as error:
        if not (isinstance(error, MemoryError) or "memory" in str(error)):
            raise
        sys.exit("error: params.yaml: not enough memory: lower seq_len, batch_size or the models")
    if STARTED_AS_A_STEP:  # all is saved, and taking PyTorch apart would last a third of a second
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def stop(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """Ctrl-C, also while libraries are being loaded, which may swallow an exception."""
    if os.getpid() != STEP:  # a worker that was forked just now
        return
    below = "\n" if sys.stderr.isatty() else ""  # of a progress bar
    os.write(sys.stderr.fileno(), f"{below}stopped: `dvc repro` goes on from here\n".encode())
    for worker in multiprocessing.active_children():
        worker.kill()
    os._exit(1)


def end_with_parent() -> None:
    """On Linux, do not live on, and write results, when `dvc` is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def compute_as_asked() -> None:
    """Pin the arithmetic before any library is loaded that reads how. Mistakes are said later."""
    from seqcompare.core.errors import InputError
    from seqcompare.core.params import PARAMS, PORTABLE
    from seqcompare.core.schema import load_yaml
    from seqcompare.execution.arithmetic import pin

    try:
        content = load_yaml(PARAMS)
    except InputError:
        return
    if isinstance(content, dict) and content.get("reproducibility") == PORTABLE:
        pin(os.environ)


if STARTED_AS_A_STEP:
    gc.disable()  # until all libraries are loaded: the search for garbage in them takes as long
    end_with_parent()
    signal.signal(signal.SIGINT, stop)
    compute_as_asked()
