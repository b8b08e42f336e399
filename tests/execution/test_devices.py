"""Devices: what is refused in one line."""

from typing import Any

import pytest
import torch

from seqcompare.core.errors import InputError
from seqcompare.execution.devices import choose_device

CPU = torch.device("cpu")


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
