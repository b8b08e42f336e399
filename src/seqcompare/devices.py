"""Where training runs: the device, its threads and its determinism."""

import torch

from seqcompare.errors import InputError


def choose_device(name: str) -> torch.device:
    """`auto` is the first of cuda, mps and cpu that is there.

    Raises InputError for a device that is not there.
    """
    there = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    there += ["mps"] if torch.backends.mps.is_available() else []
    there += ["cpu"]
    if name == "auto":
        return torch.device(there[0])
    wanted = "cuda:0" if name == "cuda" else name
    if wanted not in there:
        raise InputError(
            f"params.yaml: device is {name}, but this machine has only {', '.join(there)}: "
            "set one of them, or auto"
        )
    return torch.device(wanted)


def make_deterministic() -> None:
    """One thread, and only algorithms that give the same bytes every time.

    Two threads add up in another order, and are slower than two runs side by side. Gradients that
    vanish over a long window end as denormal numbers, on which a CPU is ten times slower: 0 it is.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.use_deterministic_algorithms(True)


def device_name(device: torch.device) -> str:
    """As a report names it: `cpu`, or the kind of device and its maker's name for it."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return str(device)
