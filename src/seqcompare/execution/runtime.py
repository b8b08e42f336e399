"""Process of a stage: its environment, its memory, and the one line in which a mistake ends.

Libraries that compute read the environment when they load, so this module imports none of them.
"""

import ctypes
import gc
import multiprocessing
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from seqcompare.core.errors import InputError

# Results must not depend on the number of cores.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# `reproducibility: portable`: what every x86-64 processor with AVX2 computes alike. Otherwise each
# library takes the widest instructions there are, and each width adds up in another order.
PORTABLE = {
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own loops
    "ONEDNN_MAX_CPU_ISA": "AVX2",  # oneDNN: recurrent layers, some products of matrices
    "MKL_CBWR": "COMPATIBLE",  # MKL: products of matrices; its AVX2 branch is for Intel's only
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",  # NumPy's exp and log use AVX-512
    "OPENBLAS_CORETYPE": "Haswell",  # linear algebra of NumPy and SciPy
    "OPENBLAS_NUM_THREADS": "1",
}
# They change what is computed, or override those above: `portable` unsets them.
UNSET = (
    "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE",
    "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_CPU_TYPE", "NPY_ENABLE_CPU_FEATURES",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
)  # fmt: skip
# Those of a notebook or shell that would change figures or what is imported.
DROPPED = ("MPLBACKEND", "MATPLOTLIBRC", "PYTHONSAFEPATH")
PR_SET_PDEATHSIG = 1  # linux/prctl.h
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # glibc's malloc.h

# How torch reports in a RuntimeError that there is no memory: on a CPU, in C++ and on Apple's GPUs.
_NO_MEMORY = re.compile("DefaultCPUAllocator: |^std::bad_alloc$|^MPS backend out of memory")


def set_up() -> None:
    """Make this process compute as params.yaml asks, end with its parent and answer Ctrl-C."""
    end_with_parent()
    _answer_ctrl_c()
    gc.disable()  # until all libraries are loaded: 0.2 s less in a stage that loads torch
    for name in DROPPED:
        os.environ.pop(name, None)
    os.environ |= ONE_THREAD
    _leave_other_packages()
    if _is_portable():
        for name in UNSET:
            os.environ.pop(name, None)
        os.environ |= PORTABLE


def run(main: Callable[[], None]) -> None:
    """Run a stage or a command. Only a mistake that the user can mend ends it in one line."""
    gc.freeze()
    gc.enable()
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(f"error: {where}{error.strerror or error}: mend that, then `dvc repro` goes on")
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        sys.exit(
            "error: not enough memory: lower seq_len, training.batch_size, executor.workers or the "
            "sizes of models in params.yaml"
        )


def end_with_parent() -> None:
    """On Linux, end when the process that started this one is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def available_cores() -> int:
    """The cores that this process may use, not those that the machine has."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def keep_freed_memory() -> None:
    """Let glibc keep what is freed. Call it before the first step.

    A training step frees and takes the same megabytes again and again; handed back to the system,
    every page of them costs a page fault the next time.
    """
    for parameter, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 2**26)):
        _glibc("mallopt", parameter, value)


def give_back_freed_memory() -> None:
    """Hand what glibc has kept back to the system."""
    _glibc("malloc_trim", 0)


def _glibc(name: str, *arguments: int) -> None:
    """Call one of its functions. Without glibc it does nothing."""
    if sys.platform == "linux":
        getattr(ctypes.CDLL(None), name, lambda *_: None)(*arguments)


def is_out_of_memory(error: BaseException) -> bool:
    """True for errors of Python and torch that mean so, not for others that mention memory."""
    torch = sys.modules.get("torch")
    if isinstance(error, MemoryError) or (torch and isinstance(error, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and _NO_MEMORY.search(str(error)) is not None


def _answer_ctrl_c() -> None:
    """In one line and at once, also while libraries load, which may swallow an exception."""
    main = os.getpid()

    def stop(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if os.getpid() != main:  # a worker that was forked just now
            return
        below = "\n" if sys.stderr.isatty() else ""  # of a progress bar
        os.write(sys.stderr.fileno(), f"{below}stopped: `dvc repro` goes on from here\n".encode())
        for worker in multiprocessing.active_children():
            worker.kill()
        os._exit(1)

    signal.signal(signal.SIGINT, stop)


def _leave_other_packages() -> None:
    """In a virtual environment import its packages alone, not those of a user's PYTHONPATH."""
    if sys.prefix != sys.base_prefix:
        library = Path(__file__).resolve().parents[2]  # the folder that seqcompare is in
        others = {Path(p).resolve() for p in os.environ.pop("PYTHONPATH", "").split(os.pathsep)}
        others -= {library, library.parent, Path.cwd()}
        sys.path[:] = [p for p in sys.path if Path(p).resolve() not in others]


def _is_portable() -> bool:
    """What params.yaml says. A stage reports its mistakes later."""
    # Loaded only here: it takes a moment, in which Ctrl-C is answered already.
    from seqcompare.core.paths import PARAMS
    from seqcompare.core.yaml import load_yaml

    try:
        return load_yaml(PARAMS).get("reproducibility") == "portable"
    except InputError:
        return False
