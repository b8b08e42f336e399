"""Main process of a stage: one thread, arithmetic as params.yaml asks, one line for a mistake.

`set_up` comes before any library is loaded that computes: they read the environment only then.
"""

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from seqcompare.core.errors import InputError, WorkerDiedError
from seqcompare.execution import arithmetic
from seqcompare.execution.memory import is_out_of_memory

# Results must not depend on the number of cores.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def set_up() -> None:
    """Make this process compute as asked, answer Ctrl-C in one line, and end when dvc is killed."""
    end_with_parent()
    main = os.getpid()

    def stop(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if os.getpid() == main:  # not in a worker that was forked just now
            _stop()

    signal.signal(signal.SIGINT, stop)
    gc.disable()  # until all libraries are loaded: 0.2 s less, see benchmarks/RESULTS.md
    os.environ |= ONE_THREAD
    _pin_arithmetic()


def run(main: Callable[[], None]) -> None:
    """End with one line, not a traceback, for a mistake that the user can mend."""
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
        if not is_out_of_memory(error):
            raise
        sys.exit("error: params.yaml: not enough memory: lower seq_len, batch_size or the models")


def end_with_parent() -> None:
    """On Linux, do not live on, and write results, when the process that started this is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _pin_arithmetic() -> None:
    """Where params.yaml says so. Mistakes in it are said later, by the stage."""
    # Loaded only here: it takes a moment, in which Ctrl-C is answered already.
    from seqcompare.core.params import PARAMS, PORTABLE
    from seqcompare.core.schema import load_yaml

    try:
        content = load_yaml(PARAMS)
    except InputError:
        return
    if isinstance(content, dict) and content.get("reproducibility") == PORTABLE:
        arithmetic.pin(os.environ)


def _stop() -> None:
    """At once, also while libraries are being loaded, which may swallow an exception."""
    below = "\n" if sys.stderr.isatty() else ""  # of a progress bar
    os.write(sys.stderr.fileno(), f"{below}stopped: `dvc repro` goes on from here\n".encode())
    for worker in multiprocessing.active_children():
        worker.kill()
    os._exit(1)
