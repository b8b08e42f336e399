"""Step of training: the error on a batch, its gradients, and the weights after it.

Shapes: inputs [batch, seq_len], targets [batch].
"""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Literal, TypeAlias

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import mse_loss

from seqcompare.core.params import Recipe
from seqcompare.models import has_static_graph

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # of Adam: the paper's, and PyTorch's defaults
Precision: TypeAlias = Literal["float32", "bfloat16"]
# inputs, targets, learning rate -> the error before the step, which the next step may overwrite
Step: TypeAlias = Callable[[Tensor, Tensor, float], Tensor]


class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1): torch.optim.Adam(fused=True), to the same bytes.

    The first torch.optim.Adam of a process imports torch._dynamo, which takes a second. `state`
    is all that it remembers: the step, and two averages of each parameter's gradients.
    """

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        self.parameters: list[Tensor] = list(parameters)
        self._step = torch.zeros((), device=self.parameters[0].device)
        self._means = [torch.zeros_like(each) for each in self.parameters]
        self._squares = [torch.zeros_like(each) for each in self.parameters]
        tensors = [self._step, *self._means, *self._squares]
        self.state = {str(index): tensor for index, tensor in enumerate(tensors)}

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float | Tensor) -> None:
        """Raises RuntimeError for a parameter that the loss does not depend on."""
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        if len(gradients) < len(self.parameters):
            raise RuntimeError("a parameter has no gradient: does the model's output depend on it?")
        self._step += 1
        steps = [self._step] * len(gradients)
        torch._fused_adam_(
            self.parameters, gradients, self._means, self._squares, [], steps,
            lr=learning_rate, beta1=BETA1, beta2=BETA2, weight_decay=0.0, eps=EPSILON,
            amsgrad=False, maximize=False,
        )  # fmt: skip

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Continue from the state of another Adam of the same parameters."""
        for name, tensor in self.state.items():
            tensor.copy_(state[name])


def make_step(
    network: nn.Module, optimizer: Adam, dropout: Generator, precision: Precision = "float32"
) -> Step:
    """A step of the network, whose dropout draws from `dropout`; on a GPU recorded if allowed."""
    step = partial(training_step, network, optimizer, precision)
    recorded = dropout.device.type == "cuda" and has_static_graph(network)
    return RecordedStep(step, dropout) if recorded else step


def training_step(
    network: nn.Module,
    optimizer: Adam,
    precision: Precision,
    inputs: Tensor,
    targets: Tensor,
    learning_rate: float | Tensor,
) -> Tensor:
    """One step on a batch's mean squared error; returns the error before the step, a scalar.

    bfloat16 (Kalamkar et al. 2019) rounds only factors and results of matrix products.
    """
    with torch.autocast(inputs.device.type, torch.bfloat16, enabled=precision == "bfloat16"):
        predictions = network(inputs)
    loss = mse_loss(predictions.float(), targets)
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    optimizer.step(learning_rate)
    return loss.detach()


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """Of step 0, 1, ... of a trial; cosine: Loshchilov & Hutter 2017, eq. 5, one cycle."""
    if recipe.schedule == "constant":
        return recipe.learning_rate
    return recipe.learning_rate * (1 + math.cos(math.pi * step / steps)) / 2


class RecordedStep:
    """A step whose operations a GPU repeats at one command (CUDA graphs), to the same bytes.

    Launching its some hundred small operations takes ten times as long as computing them. The first
    step on batches of a size is taken, then recorded, which changes no weight.
    """

    def __init__(self, step: Callable[..., Tensor], dropout: Generator) -> None:
        self._step, self._dropout = step, dropout
        self._rate = torch.zeros((), device=dropout.device)
        # size of the batch -> the operations, and the tensors that they read and write
        self._recordings: dict[int, tuple[torch.cuda.CUDAGraph, Tensor, Tensor, Tensor]] = {}

    def __call__(self, inputs: Tensor, targets: Tensor, learning_rate: float) -> Tensor:
        self._rate.fill_(learning_rate)
        if len(targets) in self._recordings:
            graph, read_inputs, read_targets, loss = self._recordings[len(targets)]
            read_inputs.copy_(inputs)
            read_targets.copy_(targets)
            graph.replay()
            return loss
        first_loss = self._step(inputs, targets, self._rate)
        inputs, targets, graph = inputs.clone(), targets.clone(), torch.cuda.CUDAGraph()
        graph.register_generator_state(self._dropout)
        with torch.cuda.graph(graph):
            loss = self._step(inputs, targets, self._rate)
        self._recordings[len(targets)] = graph, inputs, targets, loss
        return first_loss
