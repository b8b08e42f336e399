"""The tutorial's own program: plain PyTorch, nothing made faster.

Shapes: batch = windows in a step, seq_len = past values in a window.
"""

import math
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

D_MODEL = 64
TEST_TARGETS = 180


@dataclass(frozen=True)
class Result:
    """What one training of the reference leaves behind."""

    seconds_per_epoch: list[float]
    train_loss: list[float]
    test_mse: float
    module: nn.Module


def noisy_sine(points: int = 1000) -> np.ndarray:
    """The tutorial's series: sin over [0, 50] plus noise of standard deviation 0.1. [time]"""
    random = np.random.default_rng(0)
    return np.sin(np.linspace(0, 50, points)) + 0.1 * random.standard_normal(points)


class ReferenceLSTM(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, 64, 2, batch_first=True)
        self.head = nn.Linear(64, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x: [batch, seq_len, 1] -> [batch, 1]."""
        hidden, _ = self.lstm(x)  # [batch, seq_len, 64]
        return self.head(hidden[:, -1])


def sinusoids(seq_len: int, d_model: int) -> Tensor:
    """Sines and cosines of the position (Vaswani et al. 2017, section 3.5): [seq_len, d_model]."""
    position = torch.arange(seq_len).unsqueeze(1)
    frequency = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
    encoding = torch.zeros(seq_len, d_model)
    encoding[:, 0::2] = torch.sin(position * frequency)
    encoding[:, 1::2] = torch.cos(position * frequency)
    return encoding


class ReferenceTransformer(nn.Module):
    """positions: `learned`, as in the tutorial, or `sinusoidal`; added to the input."""

    def __init__(self, seq_len: int, positions: str = "learned", dropout: float = 0.1) -> None:
        super().__init__()
        self.input = nn.Linear(1, D_MODEL)
        if positions == "learned":
            self.positions = nn.Parameter(torch.randn(1, seq_len, D_MODEL))
        else:
            self.register_buffer("positions", sinusoids(seq_len, D_MODEL)[None], persistent=False)
        layer = nn.TransformerEncoderLayer(D_MODEL, 4, 2048, dropout, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(D_MODEL, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x: [batch, seq_len, 1] -> [batch, 1]."""
        hidden = self.encoder(self.input(x) + self.positions)  # [batch, seq_len, d_model]
        return self.head(hidden[:, -1])


def window_pairs(values: np.ndarray, seq_len: int) -> list[tuple[Tensor, Tensor]]:
    """Every (window [seq_len, 1], target [1]) of a series [time], in order of time."""
    series = torch.tensor(values, dtype=torch.float32).unsqueeze(-1)
    return [(series[i - seq_len : i], series[i]) for i in range(seq_len, len(series))]


def train(
    model_name: str,
    series_values: np.ndarray,
    seq_len: int,
    seed: int,
    positions: str = "learned",
    epochs: int = 20,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    device: str = "cpu",
) -> Result:
    """Train one model on all but the last 180 targets of a series [time]; test on those.

    model_name: lstm or transformer, which alone has positions. Weights and order are drawn on the
    CPU, so that they are the same on every device.
    """
    torch.manual_seed(seed)
    pairs = window_pairs(series_values, seq_len)
    loader = DataLoader(pairs[:-TEST_TARGETS], batch_size=batch_size, shuffle=True)
    is_lstm = model_name == "lstm"
    model = (ReferenceLSTM() if is_lstm else ReferenceTransformer(seq_len, positions)).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    criterion = nn.MSELoss()

    seconds_per_epoch, train_loss = [], []
    for _ in range(epochs):
        started_at = time.perf_counter()
        total = 0.0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(inputs)
        seconds_per_epoch.append(time.perf_counter() - started_at)
        train_loss.append(total / len(loader.dataset))

    model.eval()
    held_out = zip(*pairs[-TEST_TARGETS:], strict=True)
    inputs, targets = (torch.stack(column).to(device) for column in held_out)
    with torch.no_grad():
        test_mse = criterion(model(inputs), targets).item()
    return Result(seconds_per_epoch, train_loss, test_mse, model)
