"""Devices: what is refused in one line, and in which precision a machine really computes."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
import torch
from conftest import ROOT

from seqcompare.core.errors import InputError
from seqcompare.execution.devices import choose_device

CPU = torch.device("cpu")
LIMITS = {"ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"}


@pytest.mark.parametrize(
    ("name", "reproducibility", "message"),
    [
        ("cuda:99", "fast", r"device is cuda:99, but this machine has only .*cpu: set one"),
        ("cuda", "portable", r"reproducibility is portable, .* but device is cuda and"),
    ],
)
def test_a_device_that_cannot_compute_is_one_line(
    name: str, reproducibility: Any, message: str
) -> None:
    assert choose_device("cpu") == CPU
    with pytest.raises(InputError, match=r"^params\.yaml: " + message):
        choose_device(name, reproducibility)


def test_portable_needs_avx2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    assert choose_device("auto", "portable") == CPU
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "DEFAULT")
    with pytest.raises(InputError, match=r"with AVX2, but .* this CPU is used as DEFAULT"):
        choose_device("auto", "portable")


COMPUTE_IN_BFLOAT16 = f"""
import sys; sys.path[:0] = [{str(ROOT / "src")!r}]
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
    variables: dict[str, str],
) -> None:
    """Where it is not refused, as the machine alone decides without variables, an LSTM computes."""
    clean = {name: value for name, value in os.environ.items() if name not in LIMITS}
    done = subprocess.run(
        [sys.executable, "-c", COMPUTE_IN_BFLOAT16], env=clean | variables, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    refused = done.stdout == "None\n"
    assert refused >= bool(variables)
    line = "error: params.yaml: training.precision is bfloat16, in which cpu.* set it to float32\n"
    assert re.fullmatch(line if refused else "", done.stderr)
    assert done.returncode == refused
