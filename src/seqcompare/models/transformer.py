"""placeholder until the engine lands"""

from typing import Annotated

from pydantic import Field, PositiveInt
from torch import Tensor, nn


class Transformer(nn.Module):
    def __init__(
        self,
        d_model: PositiveInt,
        nhead: PositiveInt,
        num_layers: PositiveInt,
        dim_feedforward: PositiveInt,
        dropout: Annotated[float, Field(ge=0, lt=1)],
    ) -> None:
        super().__init__()
        if d_model % nhead:
            raise ValueError(
                f"d_model is {d_model} and nhead is {nhead}: nhead must divide d_model"
            )
        self.embed = nn.Linear(1, d_model)
        layer = nn.TransformerEncoderLayer(
            d_model, nhead, dim_feedforward, dropout, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, num_layers, enable_nested_tensor=False)
        self.head = nn.Linear(d_model, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.embed(x.unsqueeze(-1))
        return self.head(self.encoder(h)[:, -1]).squeeze(-1)
