"""What the networks have to compute, counted on paper: no clock, no device.

A multiply-accumulate (MAC) is one product added to a sum, 2 floating-point operations. Counted are
those of matrix products, as in Vaswani et al. 2017, Table 1; softmax, norms and gates are left out.
Symbols: n window length, d width of a position, f hidden width of the feed-forward block,
h units of an LSTM layer, L layers. All counts are per window; multiply by the batch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqcompare.params import Setting
from seqcompare.scaling import Polynomial


@dataclass(frozen=True)
class Complexity:
    """Of one network, as functions of the window length n.

    predict: MACs of the forward pass; train: MACs of forward and backward pass.
    sequential_steps: matrix products that must wait for one another in a forward pass.
    path_length: hops from the oldest input to the prediction.
    """

    predict: Polynomial
    train: Polynomial
    sequential_steps: Callable[[int], int]
    path_length: Callable[[int], int]


def complexity_of(model: str, settings: Mapping[str, Setting]) -> Complexity | None:
    """None for a model that nobody has counted."""
    sizes: dict[str, Any] = {
        key: value for key, value in settings.items() if isinstance(value, int)
    }
    match model:
        case "lstm":
            return lstm(sizes["hidden_size"], sizes["num_layers"])
        case "transformer":
            return transformer(sizes["d_model"], sizes["num_layers"], sizes["dim_feedforward"])
        case _:
            return None


def lstm(h: int, layers: int) -> Complexity:
    """O(n h^2) in n sequential steps (Vaswani et al. 2017, Table 1, recurrent).

    A layer's step multiplies its input (1 value below, h above) and its state (h) into 4 gates of
    h units: 4h(1 + h) MACs in the first layer, 8h^2 in each other; the head takes h once.
    The backward pass takes each product twice more, once for the weights and once for what went
    in, except that nobody asks for the gradient of the window (4h a step) and of each layer's
    state before the first step (4h^2 once).
    """
    first_inputs, rest = 4 * h, 4 * h * h + (layers - 1) * 8 * h * h
    return Complexity(
        predict=Polynomial(h, first_inputs + rest, 0),
        train=Polynomial(3 * h - layers * 4 * h * h, 2 * first_inputs + 3 * rest, 0),
        sequential_steps=lambda n: n + layers - 1,  # layers may work as an assembly line
        path_length=lambda n: n + layers - 1,
    )


def transformer(d: int, layers: int, f: int) -> Complexity:
    """O(n^2 d) for attention and O(n d^2) for the rest, in O(1) sequential steps (Table 1).

    Each layer but the last, for n positions: queries, keys, values and output 4nd^2, scores and
    their mix of the values 2n^2 d (the heads share d, so their number does not matter),
    feed-forward 2ndf. The last layer is computed for the last position alone: keys and values
    2nd^2, then for one position its query and output 2d^2, scores and mix 2nd, feed-forward 2df.
    The input layer takes nd, the head d.
    The backward pass takes each product twice more, except that nobody asks for the gradient of
    the window (nd).
    """
    full = layers - 1
    per_position = full * (4 * d * d + 2 * d * f) + 2 * d * d + 2 * d
    once = 2 * d * d + 2 * d * f + d
    attention = full * 2 * d
    return Complexity(
        predict=Polynomial(once, per_position + d, attention),
        train=Polynomial(3 * once, 3 * per_position + 2 * d, 3 * attention),
        sequential_steps=lambda _: (
            2 + 6 * layers
        ),  # in, out; a layer: qkv, scores, mix, out, ff, ff
        path_length=lambda _: 1,
    )


def complexity_table(
    models: Mapping[str, Mapping[str, Setting]], seq_lens: Sequence[int]
) -> list[dict[str, Any]]:
    """A row for each model and length; empty cells for a model that nobody has counted."""
    return [
        {"model": model, "seq_len": n, **_counts(complexity_of(model, settings), n)}
        for model, settings in models.items()
        for n in seq_lens
    ]


def _counts(known: Complexity | None, n: int) -> dict[str, int | float | None]:
    train_macs = known.train.at(n) if known else 0
    return {
        "predict_macs": round(known.predict.at(n)) if known else None,
        "train_macs": round(train_macs) if known else None,
        "quadratic_share": known.train.quadratic * n**2 / train_macs if known else None,
        "sequential_steps": known.sequential_steps(n) if known else None,
        "path_length": known.path_length(n) if known else None,
    }


def prediction_macs(models: Mapping[str, Mapping[str, Setting]], n: int) -> dict[str, int]:
    """MACs per prediction from a window of n values, of the models that somebody has counted."""
    known = {name: complexity_of(name, settings) for name, settings in models.items()}
    return {name: int(counted.predict.at(n)) for name, counted in known.items() if counted}


def complexity_summary(models: Mapping[str, Mapping[str, Setting]], n: int) -> dict[str, Any]:
    """For each model the length from which on terms in n^2 are most of a training step's MACs.

    n: the window length that the other figures are for.
    """
    known = {name: complexity_of(name, settings) for name, settings in models.items()}
    return {
        name: {
            "takeover_seq_len": counts.train.takeover() if counts else None,
            "seq_len": n,
            **_counts(counts, n),
        }
        for name, counts in known.items()
    }
