"""Recorded steps of training: milliseconds of a step on a GPU, recorded (CUDA graphs) and not.

    python benchmarks/recorded_steps.py [--seq-len N ...]

Default models, batches of 32, the mean of 50 steps after 5. Prints Markdown; a minute.
"""

import argparse
import time

import torch
from clone import ROOT

from seqcompare import models
from seqcompare.core.params import load_params
from seqcompare.execution.devices import choose_device, device_name, prepare, synchronize
from seqcompare.studies.cost.measure import calls_on_a_batch

WARM_UP, TIMED = 5, 50


def milliseconds(network: torch.nn.Module, batch_size: int, seq_len: int) -> float:
    """Of a training step."""
    device = next(network.parameters()).device
    _, step = calls_on_a_batch(network, batch_size, seq_len, device)
    for _ in range(WARM_UP):
        step()
    synchronize(device)
    started_at = time.perf_counter()
    for _ in range(TIMED):
        step()
    synchronize(device)
    return 1000 * (time.perf_counter() - started_at) / TIMED


def main(seq_lens: list[int]) -> None:
    params, device = load_params(ROOT / "params.yaml"), choose_device("cuda")
    prepare(device)
    print(f"{device_name(device)}, torch {torch.__version__}\n")
    print("| | one operation at a time | recorded | ratio |\n|---|---|---|---|")
    for name, settings in params.models.items():
        for seq_len in seq_lens:
            network = models.build(name, settings, seq_len).to(device).train()
            took = []
            for network.static_graph in (False, True):
                took.append(milliseconds(network, params.training.batch_size, seq_len))
            cells = f"{took[0]:.2f} ms | {took[1]:.2f} ms | {took[0] / took[1]:.1f}"
            print(f"| {name}, seq_len {seq_len} | {cells} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seq-len", type=int, nargs="+", default=[20, 200])
    main(parser.parse_args().seq_len)
