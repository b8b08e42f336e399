"""Products of matrices: how near a training step is to the time that they alone take.

    python benchmarks/products.py [--seq-len N ...]

Default models, batches of 32, one thread. A step's products are noted as it computes them, then run
alone on the same numbers; step and products in turn, medians of rounds. An LSTM's are within calls
of oneDNN, so theirs are made up: inputs, states and gates by their weights, forward and backward.
Prints Markdown; half a minute on an idle core.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from clone import ROOT
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from seqcompare import models
from seqcompare.core.params import load_params
from seqcompare.execution.devices import prepare
from seqcompare.studies.cost.measure import calls_on_a_batch

WARM_UP, ROUNDS = 10, 41
aten = torch.ops.aten
PRODUCTS = {torch.ops.mkldnn._linear_pointwise, aten.addmm, aten.bmm, aten.mm}

Call = Callable[[], object]


class Noted(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Within it, `calls` become the products of matrices that are computed."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[Call] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        if func.overloadpacket in PRODUCTS:
            self.calls.append(lambda: func(*args, **named))
        if func.overloadpacket is aten.mkldnn_rnn_layer:
            self.calls += products_of_layer(inputs=args[0], weights=args[1], recurrent=args[2])
        return func(*args, **named)


def products_of_layer(inputs: Tensor, weights: Tensor, recurrent: Tensor) -> list[Call]:
    """Of an LSTM's layer, forward and backward.

    inputs: [seq_len, batch, below]; weights: [4 width, below]; recurrent: [4 width, width].
    """
    seq_len, batch, below = inputs.shape
    rows, state = inputs.reshape(-1, below), torch.randn(batch, recurrent.shape[1])
    states = torch.randn(len(rows), recurrent.shape[1])
    gates = torch.randn(len(rows), len(weights))
    at_once: list[Call] = [
        lambda: torch.mm(rows, weights.t()),
        lambda: torch.mm(gates.t(), rows),
        lambda: torch.mm(gates.t(), states),
    ]
    if below > 1:  # nobody asks for the gradient of the window
        at_once.append(lambda: torch.mm(gates, weights))
    a_step: list[Call] = [
        lambda: torch.mm(state, recurrent.t()),
        lambda: torch.mm(gates[:batch], recurrent),
    ]
    return at_once + a_step * seq_len


def seconds(calls: list[Call]) -> float:
    started_at = time.perf_counter()
    for call in calls:
        call()
    return time.perf_counter() - started_at


def row(name: str, settings: Any, batch_size: int, seq_len: int) -> str:
    network = models.build(name, settings, seq_len).train()
    _, step = calls_on_a_batch(network, batch_size, seq_len, torch.device("cpu"))
    for _ in range(WARM_UP):
        step()
    with Noted() as noted:
        step()
    taken: list[tuple[float, float]] = []
    with torch.no_grad():
        seconds(noted.calls)
    for _ in range(ROUNDS):
        of_step = seconds([step])
        with torch.no_grad():
            taken.append((of_step, seconds(noted.calls)))
    whole, alone = (1000 * statistics.median(side) for side in zip(*taken, strict=True))
    return f"| {name}, seq_len {seq_len} | {whole:.3g} ms | {alone:.3g} ms | {whole / alone:.2f} |"


def main(seq_lens: list[int]) -> None:
    params = load_params(ROOT / "params.yaml")
    prepare(torch.device("cpu"))
    print("| | a training step | its products alone | ratio |\n|---|---|---|---|")
    for name, settings in params.models.items():
        for seq_len in seq_lens:
            print(row(name, settings, params.training.batch_size, seq_len), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seq-len", type=int, nargs="+", default=[20, 200])
    main(parser.parse_args().seq_len)
