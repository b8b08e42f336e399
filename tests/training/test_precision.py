"""Products of matrices in bfloat16: everything else stays in 32 bits, and every byte repeats."""

from pathlib import Path

import pytest
import torch
from test_trial import (
    CPU,
    every_model,
    gradients,
    killed_and_not,
    same_result,
    task,
    trained,
)

from seqcompare.core.errors import InputError
from seqcompare.execution import devices
from seqcompare.execution.devices import bfloat16_instructions, check_precision, make_deterministic
from seqcompare.execution.processes import LocalProcesses
from seqcompare.training.trials import train_all

on_a_cpu_that_has_it = pytest.mark.skipif(
    bfloat16_instructions() is None, reason="this CPU has no instructions for bfloat16"
)


@pytest.fixture(autouse=True)
def as_in_a_worker(torch_as_it_was: None) -> None:  # noqa: ARG001
    make_deterministic(CPU)


@every_model
def test_gradients_are_those_of_32_bits_up_to_the_rounding_of_products(model: str) -> None:
    exact, rounded = (
        gradients(task(model, precision=precision), CPU) for precision in ("float32", "bfloat16")
    )
    assert exact.keys() == rounded.keys()
    for name, gradient in rounded.items():
        assert gradient.dtype == torch.float32
        apart = (gradient - exact[name]).norm() / exact[name].norm()
        assert apart < 0.1, name
    assert any(not torch.equal(exact[name], rounded[name]) for name in exact)


@every_model
def test_weights_and_errors_are_kept_in_32_bits(model: str, tmp_path: Path) -> None:
    result = trained(task(model, precision="bfloat16", epochs=30), tmp_path)
    assert {tensor.dtype.name for tensor in result.weights.values()} == {"float32"}
    assert result.train_mse[-1] < result.train_mse[0] / 5
    assert any(torch.from_numpy(w).bfloat16().float().ne(torch.from_numpy(w)).any()
               for w in result.weights.values())  # fmt: skip


@on_a_cpu_that_has_it
@every_model
def test_a_trial_that_was_killed_ends_in_the_same_bytes(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    this = task(model, precision="bfloat16")
    assert same_result(*killed_and_not(this, tmp_path, monkeypatch))


@on_a_cpu_that_has_it
@every_model
def test_more_workers_change_no_byte(model: str, tmp_path: Path) -> None:
    tasks = [task(model, seed, precision="bfloat16") for seed in (0, 1, 2)]
    results = []
    for workers in (1, 2):
        with LocalProcesses(workers) as executor:
            folder = tmp_path / str(workers)
            results.append(train_all(tasks, executor, folder, executor.parts(len(tasks))))
    assert all(same_result(one, two) for one, two in zip(*results, strict=True))


def test_a_processor_without_it_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "bfloat16_instructions", lambda: None)
    check_precision("float32", CPU, "training.precision")
    with pytest.raises(InputError, match=r"training\.own\.lstm\.precision is bfloat16, in which"):
        check_precision("bfloat16", CPU, "training.own.lstm.precision")


def test_a_processor_that_may_use_avx2_alone_only_mimics_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    assert bfloat16_instructions() is None
