"""Long short-term memory (Hochreiter & Schmidhuber 1997): one step of memory after another."""

from pydantic import PositiveInt
from torch import Tensor, nn


class LSTM(nn.Module):
    """Stacked LSTM layers; the last hidden state of the last one is read out linearly."""

    def __init__(self, hidden_size: PositiveInt, num_layers: PositiveInt) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, hidden_size, num_layers, batch_first=True)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x: [batch, seq_len]. Returns the next value of each window: [batch]."""
        hidden, _ = self.lstm(x.unsqueeze(-1))  # [batch, seq_len, hidden_size]
        prediction: Tensor = self.head(hidden[:, -1]).squeeze(-1)  # [batch]
        return prediction
