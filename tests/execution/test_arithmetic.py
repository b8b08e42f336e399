"""`reproducibility: portable`: the same bytes, whatever the user's environment says."""

import hashlib
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Project, new_project

from seqcompare.execution.arithmetic import PORTABLE, VARIABLES, pin, variables
from seqcompare.execution.environment import difference, environment

CHOICES: dict[str, list[str | None]] = {
    "ATEN_CPU_CAPABILITY": [None, "default", "avx2", "avx512"],
    "ONEDNN_MAX_CPU_ISA": [None, "SSE41", "AVX2", "AVX512_CORE"],
    "DNNL_MAX_CPU_ISA": [None, "SSE41"],
    "MKL_CBWR": [None, "COMPATIBLE", "AVX2", "AVX512"],
    "MKL_ENABLE_INSTRUCTIONS": [None, "SSE4_2"],
    "OPENBLAS_CORETYPE": [None, "SkylakeX"],
    "NPY_DISABLE_CPU_FEATURES": [None, "X86_V4"],
    "ONEDNN_DEFAULT_FPMATH_MODE": [None, "ANY"],
}
COMBINATIONS = [
    {name: value for name, value in zip(CHOICES, values, strict=True) if value is not None}
    for values in itertools.product(*CHOICES.values())
]
REALLY_RUN = [
    {},
    {"ATEN_CPU_CAPABILITY": "default"},
    {"ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "AVX512"},
    {"DNNL_MAX_CPU_ISA": "SSE41", "ATEN_CPU_CAPABILITY": "avx512"},
    {"MKL_CBWR": "AVX2", "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL"},
    {"MKL_ENABLE_INSTRUCTIONS": "SSE4_2", "OPENBLAS_CORETYPE": "SkylakeX"},
    {"ONEDNN_DEFAULT_FPMATH_MODE": "ANY", "OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"},
]
STAGES = ("generate", "split", "train lstm", "train transformer", "evaluate",
          "adding_problem lstm", "adding_problem transformer", "lookback")  # fmt: skip
HASHED = ["data/series.csv", "data/runs", "reports/predictions.csv", "reports/metrics.json",
          "reports/forecast.json", "reports/adding_problem", "reports/lookback.csv"]  # fmt: skip


def test_every_combination_of_variables_ends_in_the_same_ones() -> None:
    assert len(COMBINATIONS) == 2048
    for combination in COMBINATIONS:
        pin(combination)
        assert variables(combination) == PORTABLE


def test_other_variables_are_left_alone() -> None:
    settings = {"HOME": "/root", "MKL_CBWR": "AUTO"}
    pin(settings)
    assert settings == {"HOME": "/root", **PORTABLE}


def test_a_difference_of_environments_is_one_line() -> None:
    now = environment("fast")
    assert difference(now, now) is None
    line = difference(now, {**now, "cpu_capability": "NEON"})
    assert line is not None
    assert f"cpu_capability is {now['cpu_capability']}, was NEON" in line
    assert "\n" not in line


@pytest.mark.parametrize("reproducibility", ["fast", "portable"])
def test_a_stage_is_set_up_before_any_library_reads_the_environment(
    write_params: Callable[..., Path], reproducibility: str
) -> None:
    folder = write_params(reproducibility=reproducibility).parent
    program = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv = ['-m']; import stages;"
        "print(os.environ.get('NPY_DISABLE_CPU_FEATURES'), {'numpy', 'torch'} & {*sys.modules})"
    )
    clean = {key: value for key, value in os.environ.items() if key not in VARIABLES}
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=clean, capture_output=True, check=True
    )
    pinned = PORTABLE["NPY_DISABLE_CPU_FEATURES"] if reproducibility == "portable" else None
    assert said.stdout.decode() == f"{pinned} set()\n"


def run_all(project: Project, settings: dict[str, str]) -> str:
    """One digest of all results that no time stands in, of a run of the stages that make them."""
    clean = {key: value for key, value in os.environ.items() if key not in VARIABLES}
    for stage in STAGES:
        subprocess.run(
            [sys.executable, "-m", f"stages.{stage.split()[0]}", *stage.split()[1:]],
            cwd=project.path,
            env=clean | settings,
            capture_output=True,
            check=True,
        )
    paths = [project.path / name for name in HASHED]
    files = [f for p in paths for f in ([p] if p.is_file() else sorted(p.rglob("*.*")))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@pytest.mark.slow
def test_portable_results_are_the_same_under_all_variables_and_numbers_of_workers(
    tmp_path: Path,
) -> None:
    project = new_project(tmp_path)
    wide = {"lstm": {"hidden_size": 64}, "transformer": {"d_model": 64, "dim_feedforward": 256}}
    project.change_params(reproducibility="portable", models=wide, training={"epochs": 1})
    found = {}
    for number, settings in enumerate(REALLY_RUN):
        project.change_params(executor={"workers": 1 + number % 2})
        found[str(settings)] = run_all(project, settings)
        print(f"{found[str(settings)][:12]} under {settings}", flush=True)
    assert len(set(found.values())) == 1, found
    project.change_params(reproducibility="fast")
    assert run_all(project, {"ATEN_CPU_CAPABILITY": "default"}) not in found.values()
