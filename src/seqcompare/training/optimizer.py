"""Optimizer: Adam (Kingma & Ba 2015, algorithm 1) in one fused call."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import Parameter

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # the paper's, and PyTorch's defaults


class Adam:
    """torch.optim.Adam with default settings, to the same bytes as with fused=True.

    Making the first torch.optim.Adam of a process imports torch._dynamo, which takes a second.
    `state` is all that it remembers: the step and two averages for every value of the parameters.
    """

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._parameters: list[Tensor] = list(parameters)
        size = sum(parameter.numel() for parameter in self._parameters)
        device = self._parameters[0].device
        self.state = {
            "step": torch.zeros((), device=device),
            "mean": torch.zeros(size, device=device),
            "square": torch.zeros(size, device=device),
        }
        self._means = self._views(self.state["mean"])
        self._squares = self._views(self.state["square"])

    def zero_grad(self) -> None:
        for parameter in self._parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float | Tensor) -> None:
        """learning_rate: a scalar on the parameters' device, or a number.

        Raises RuntimeError for a parameter without a gradient: the output must need each.
        """
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        if len(gradients) < len(self._parameters):
            raise RuntimeError("a parameter has no gradient: does the model's output depend on it?")
        self.state["step"] += 1
        torch._fused_adam_(
            self._parameters,
            gradients,
            self._means,
            self._squares,
            [],
            [self.state["step"]] * len(gradients),
            lr=learning_rate,
            beta1=BETA1,
            beta2=BETA2,
            weight_decay=0.0,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on from the state of another Adam of the same parameters."""
        for name, tensor in self.state.items():
            tensor.copy_(state[name])

    def _views(self, flat: Tensor) -> list[Tensor]:
        """flat: [every value of every parameter]. A view for each parameter, in its shape."""
        parts = torch.split(flat, [parameter.numel() for parameter in self._parameters])
        return [part.view_as(p) for part, p in zip(parts, self._parameters, strict=True)]
