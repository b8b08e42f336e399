"""Step of training: the error on a batch, its gradients, and the weights after it.

Shapes: inputs [batch, seq_len], targets [batch].
"""

from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple, TypeAlias

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import mse_loss

from seqcompare.models import has_static_graph
from seqcompare.models.kernels.dropout import set_generator
from seqcompare.training.optimizer import Adam
from seqcompare.training.precision import in_precision

# inputs, targets and learning rate -> the mean squared error before the step, a scalar, which is
# its caller's until the next step
Step: TypeAlias = Callable[[Tensor, Tensor, float], Tensor]


def make_step(
    network: nn.Module,
    optimizer: Adam,
    dropout: Generator,
    precision: Literal["float32", "bfloat16"] = "float32",
) -> Step:
    """A step of this network; on a GPU recorded, where the network allows it.

    dropout: the stream that its layers draw from after this, of its device.
    """
    set_generator(network, dropout)
    step = partial(training_step, in_precision(network, precision), optimizer)
    if dropout.device.type == "cuda" and has_static_graph(network):
        return RecordedStep(step, dropout)
    return step


def training_step(
    network: Callable[[Tensor], Tensor],
    optimizer: Adam,
    inputs: Tensor,
    targets: Tensor,
    learning_rate: float | Tensor,
) -> Tensor:
    """One step on a batch's mean squared error, which it returns as it was before: a scalar."""
    loss = mse_loss(network(inputs), targets)
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    optimizer.step(learning_rate)
    return loss.detach()


class Recording(NamedTuple):
    """A step's operations, and where they read and write."""

    graph: torch.cuda.CUDAGraph
    inputs: Tensor
    targets: Tensor
    loss: Tensor


class RecordedStep:
    """A step whose operations a GPU repeats at one command (CUDA graphs), to the same bytes.

    A step is some hundred small operations, and giving each its command takes a processor ten times
    as long as they take the GPU. The first step on batches of a size is taken without, and then
    recorded, which changes nothing.
    """

    def __init__(
        self, step: Callable[[Tensor, Tensor, Tensor], Tensor], dropout: Generator
    ) -> None:
        self._step, self._dropout = step, dropout
        self._rate = torch.zeros((), device=dropout.device)
        self._recordings: dict[int, Recording] = {}

    def __call__(self, inputs: Tensor, targets: Tensor, learning_rate: float) -> Tensor:
        self._rate.fill_(learning_rate)
        recording = self._recordings.get(len(targets))
        if recording is None:
            loss = self._step(inputs, targets, self._rate)
            self._recordings[len(targets)] = self._record(inputs, targets)
            return loss
        recording.inputs.copy_(inputs)
        recording.targets.copy_(targets)
        recording.graph.replay()
        return recording.loss

    def _record(self, inputs: Tensor, targets: Tensor) -> Recording:
        """For batches like this one."""
        inputs, targets = inputs.clone(), targets.clone()
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self._dropout)
        with torch.cuda.graph(graph):
            loss = self._step(inputs, targets, self._rate)
        return Recording(graph, inputs, targets, loss)
