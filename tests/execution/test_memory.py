"""Memory that a training step frees is kept for the next one."""

import subprocess
import sys

import pytest
from conftest import ROOT

PROGRAM = """
import resource, sys
sys.path.insert(0, {path!r})
import torch
from seqcompare.execution.memory import keep_freed_memory

def step():
    (x @ w).relu().square().sum().backward()
    x.grad = None

if {keep}:
    keep_freed_memory()
x, w = torch.ones(6400, 64, requires_grad=True), torch.ones(64, 2048)
for _ in range(8):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(8):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a setting of glibc")
def test_a_step_in_memory_that_is_kept_costs_few_page_faults() -> None:
    path = str(ROOT / "src")
    faults = {
        keep: int(
            subprocess.check_output([sys.executable, "-c", PROGRAM.format(path=path, keep=keep)])
        )
        for keep in (True, False)
    }
    assert faults[True] * 5 < faults[False]
