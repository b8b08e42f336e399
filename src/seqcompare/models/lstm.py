"""Long short-term memory (Hochreiter & Schmidhuber 1997): one step of memory after another."""

from pydantic import PositiveInt
from torch import Tensor, nn

from seqcompare.models.operations import OperationCounts, Polynomial


class LSTM(nn.Module):
    """Stacked LSTM layers; the last hidden state of the last one is read out linearly."""

    static_graph = True

    def __init__(self, hidden_size: PositiveInt, num_layers: PositiveInt) -> None:
        super().__init__()
        self.hidden_size, self.num_layers = hidden_size, num_layers
        self.lstm = nn.LSTM(1, hidden_size, num_layers, batch_first=True)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x: [batch, seq_len]. Returns the next value of each window: [batch]."""
        hidden, _ = self.lstm(x.unsqueeze(-1))  # [batch, seq_len, hidden_size]
        prediction: Tensor = self.head(hidden[:, -1]).squeeze(-1)  # [batch]
        return prediction

    def operations(self) -> OperationCounts:
        """O(n h^2) in n sequential steps (Vaswani et al. 2017, Table 1, recurrent).

        A step of a layer multiplies its input (1 value, or h) and its state (h) by the weights of 4
        gates of h units: 4h(1 + h) MACs in the first layer, 8h^2 in each other; the head takes h.
        The backward pass takes each product twice more, for the gradients of weights and input, but
        needs neither those of the window (4h a step) nor of a layer's first state (4h^2).
        """
        h, layers = self.hidden_size, self.num_layers
        first_inputs, rest = 4 * h, 4 * h * h + (layers - 1) * 8 * h * h
        return OperationCounts(
            predict=Polynomial(h, first_inputs + rest, 0),
            train=Polynomial(3 * h - layers * 4 * h * h, 2 * first_inputs + 3 * rest, 0),
        )
