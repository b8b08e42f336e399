"""A stage's process: environment, arithmetic, Ctrl-C, memory; the line in which a mistake ends."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from conftest import ROOT

from seqcompare.execution.runtime import PORTABLE, UNSET, is_out_of_memory

VARIABLES = (*PORTABLE, *UNSET)
REALLY_RUN: list[dict[str, str]] = [
    {},
    {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "AVX2", "NPY_DISABLE_CPU_FEATURES": "X86_V4"},
    {"DNNL_MAX_CPU_ISA": "SSE41", "ATEN_CPU_CAPABILITY": "avx512", "MKL_CBWR": "AVX512"},
    {"MKL_ENABLE_INSTRUCTIONS": "SSE4_2", "OPENBLAS_CORETYPE": "SkylakeX"},
    {"ONEDNN_DEFAULT_FPMATH_MODE": "ANY", "OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"},
]


def start(program: str, folder: Path, **variables: str) -> "subprocess.Popen[str]":
    """A Python that runs the program in the folder, with none of VARIABLES but these."""
    clean = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    prelude = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'src')!r}]\n"
    return subprocess.Popen(
        [sys.executable, "-c", prelude + program], cwd=folder, env=clean | variables, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.mark.parametrize("reproducibility", ["fast", "portable", "nonsense"])
def test_a_stage_is_set_up_before_any_library_reads_the_environment(
    write_params: Callable[..., Path], reproducibility: str
) -> None:
    folder = write_params(reproducibility=reproducibility).parent
    program = (
        "import os; sys.argv = ['-m']; import stages;"
        "print(os.environ.get('MKL_CBWR'), 'DNNL_MAX_CPU_ISA' in os.environ,"
        "{'numpy', 'torch', 'pandas'} & {*sys.modules}, os.environ['OMP_NUM_THREADS'])"
    )
    pinned = "COMPATIBLE False" if reproducibility == "portable" else "AVX2 True"
    started = start(program, folder, MKL_CBWR="AVX2", DNNL_MAX_CPU_ISA="SSE41")
    assert ended(started) == (0, f"{pinned} set() 1\n", "")


def test_what_a_notebook_sets_is_dropped(tmp_path: Path) -> None:
    backend = "module://matplotlib_inline.backend_inline"
    program = "from seqcompare.execution.runtime import set_up; set_up(); import matplotlib.pyplot"
    started = start(program, tmp_path, MPLBACKEND=backend, MATPLOTLIBRC="/no/such/matplotlibrc")
    assert ended(started) == (0, "", "")


RUN = "from seqcompare.execution.runtime import run\ndef main():\n    {0}\nrun(main)"


@pytest.mark.parametrize(
    ("mistake", "line"),
    [
        ("from seqcompare.core.errors import InputError; raise InputError('is 0')", "is 0"),
        ("open('no/such')", "no/such: No such file or directory: mend that, then `dvc repro`"),
        ("raise OSError('the disk is gone')", "the disk is gone: mend that, then `dvc repro`"),
        ("bytearray(10**16)", "not enough memory: lower seq_len, training.batch_size, executor."),
        ("import torch; torch.empty(10**15)", "not enough memory: lower seq_len"),
    ],
)
def test_a_mistake_ends_in_one_line(tmp_path: Path, mistake: str, line: str) -> None:
    code, out, err = ended(start(RUN.format(mistake), tmp_path))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"error: {line}")


def test_a_bug_in_code_keeps_its_traceback(tmp_path: Path) -> None:
    code, _, err = ended(start(RUN.format("raise RuntimeError('a memory cell')"), tmp_path))
    assert (code, err[:9], "in main" in err) == (1, "Traceback", True)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), True),
        (RuntimeError("std::bad_alloc"), True),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), False),
        (ValueError("DefaultCPUAllocator: can't allocate memory"), False),
    ],
)
def test_only_errors_of_python_and_torch_mean_no_memory(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected


def test_ctrl_c_ends_a_stage_and_its_workers_at_once_in_one_line(tmp_path: Path) -> None:
    program = """
from seqcompare.execution.runtime import run, set_up
set_up()
import time
from seqcompare.execution.workers import local_workers
def main():
    with local_workers(2) as workers:
        ends = [workers.submit(time.sleep, 60) for _ in range(2)]
        print("started", flush=True)
        ends[0].result()
run(main)
"""
    process = start(program, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    stopped_at = time.monotonic()
    process.send_signal(signal.SIGINT)  # then its output ends only with its last worker
    assert ended(process) == (1, "", "stopped: `dvc repro` goes on from here\n")
    assert time.monotonic() - stopped_at < 5


COMPUTE_IN_BFLOAT16 = """
import torch
from seqcompare.execution.devices import bfloat16_instructions, check_precision
from seqcompare.execution.runtime import run
def main():
    print(bfloat16_instructions())
    check_precision("bfloat16", torch.device("cpu"), "training.precision")
    with torch.autocast("cpu", torch.bfloat16):
        torch.nn.LSTM(4, 8, batch_first=True)(torch.randn(3, 5, 4))[0].float().sum().backward()
run(main)
"""


@pytest.mark.parametrize(
    "variables", [{}, {"ATEN_CPU_CAPABILITY": "avx2"}, {"ONEDNN_MAX_CPU_ISA": "avx512_core"}]
)
def test_bfloat16_is_refused_where_the_libraries_cannot_compute_in_it(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    """Where it is not refused, as the machine alone decides without variables, an LSTM computes."""
    code, out, err = ended(start(COMPUTE_IN_BFLOAT16, tmp_path, **variables))
    refused = out == "None\n"
    assert code == refused >= bool(variables)
    line = "error: params.yaml: training.precision is bfloat16, in which cpu.* set it to float32\n"
    assert re.fullmatch(line if refused else "", err)


@pytest.mark.slow
def test_portable_gradients_are_the_same_under_all_variables(
    write_params: Callable[..., Path],
) -> None:
    program = """
from seqcompare.execution.runtime import set_up
set_up()
import hashlib, numpy as np, torch
from torch.nn.functional import mse_loss
from seqcompare import models
from seqcompare.core.params import load_params
from seqcompare.execution.devices import prepare
prepare(torch.device("cpu"))
total = hashlib.sha256()
for name, settings in load_params().models.items():
    torch.manual_seed(0)
    network = models.build(name, settings, 20)
    x = torch.from_numpy(np.exp(np.sin(np.arange(640.0).reshape(32, 20)))).float()
    mse_loss(network(x), x[:, 0]).backward()
    for weight in network.parameters():
        total.update(weight.grad.numpy().tobytes())
print(total.hexdigest())
"""

    def gradients(reproducibility: str, variables: dict[str, str]) -> str:
        settings = {"transformer": {"dim_feedforward": 256, "dropout": 0.0}}
        folder = write_params(reproducibility=reproducibility, models=settings).parent
        code, out, err = ended(start(program, folder, **variables))
        assert code == 0, err
        return out

    digests = {gradients("portable", variables) for variables in REALLY_RUN}
    assert len(digests) == 1
    assert gradients("fast", {"ATEN_CPU_CAPABILITY": "default"}) not in digests
