"""Adam (Kingma & Ba 2015, algorithm 1), one fused step over all parameters."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import Parameter

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """torch.optim.Adam with its default settings, to the same bytes as with fused=True.

    Making the first torch.optim.Adam of a process imports torch._dynamo, which takes a second.
    """

    def __init__(self, parameters: Iterable[Parameter], learning_rate: float) -> None:
        self._parameters = list(parameters)
        self._learning_rate = learning_rate
        self._means = [torch.zeros_like(p) for p in self._parameters]
        self._squares = [torch.zeros_like(p) for p in self._parameters]
        self._steps = [torch.zeros((), device=p.device) for p in self._parameters]

    def zero_grad(self) -> None:
        for parameter in self._parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Raises RuntimeError for a parameter that has no gradient: the output must need it."""
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        if len(gradients) < len(self._parameters):
            raise RuntimeError("a parameter has no gradient: does the model's output depend on it?")
        torch._foreach_add_(self._steps, 1)
        torch._fused_adam_(
            list[Tensor](self._parameters),
            gradients,
            self._means,
            self._squares,
            [],
            self._steps,
            lr=self._learning_rate,
            beta1=BETA1,
            beta2=BETA2,
            weight_decay=0.0,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )

    def state(self) -> dict[str, Tensor]:
        """All that it remembers. The tensors are its own, not copies."""
        kinds = {"mean": self._means, "square": self._squares, "step": self._steps}
        return {f"{kind}.{i}": t for kind, ts in kinds.items() for i, t in enumerate(ts)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        for name, tensor in self.state().items():
            tensor.copy_(state[name])
