"""What holds for every registered network, and how its settings are checked."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from seqcompare import models
from seqcompare.core.errors import InputError
from seqcompare.evaluation.predictors import predict

SETTINGS = {
    "lstm": {"hidden_size": 16, "num_layers": 2},
    "transformer": {
        "d_model": 16,
        "nhead": 4,
        "num_layers": 2,
        "dim_feedforward": 32,
        "dropout": 0.1,
    },
}
every_model = pytest.mark.parametrize("name", sorted(models.REGISTRY))


def network(name: str) -> nn.Module:
    torch.manual_seed(0)
    return models.build(name, SETTINGS[name]).eval()


def windows(count: int, seq_len: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, seq_len, generator=torch.Generator().manual_seed(seed))


@every_model
@pytest.mark.parametrize("batch", [1, 2, 33])
@pytest.mark.parametrize("seq_len", [1, 20, 200])
def test_the_output_is_one_value_a_window(name: str, batch: int, seq_len: int) -> None:
    assert network(name)(windows(batch, seq_len)).shape == (batch,)


@every_model
@settings(max_examples=20)
@given(batch=st.integers(2, 40), seq_len=st.integers(1, 50), seed=st.integers(0, 1000))
def test_a_window_alone_is_predicted_as_inside_any_batch(
    name: str, batch: int, seq_len: int, seed: int
) -> None:
    inputs = windows(batch, seq_len, seed)
    together = predict(network(name), inputs)
    alone = torch.cat([predict(network(name), inputs[i : i + 1]) for i in range(batch)])
    assert torch.allclose(together, alone, atol=1e-5)


@every_model
def test_changing_the_oldest_input_changes_the_prediction(name: str) -> None:
    before = windows(4, 20)
    after = before.clone()
    after[:, 0] += 1
    assert (predict(network(name), before) != predict(network(name), after)).all()


@every_model
def test_the_order_of_the_inputs_matters(name: str) -> None:
    inputs = windows(4, 20)
    swapped = inputs[:, [1, 0, *range(2, 20)]]
    assert (predict(network(name), inputs) != predict(network(name), swapped)).all()


@every_model
def test_predictions_do_not_draw_random_numbers(name: str) -> None:
    built = network(name)
    state = torch.get_rng_state()
    predict(built, windows(4, 20))
    assert torch.equal(torch.get_rng_state(), state)


def parameters(name: str, **changes: int) -> int:
    built = models.build(name, DEFAULTS[name] | changes)
    return sum(parameter.numel() for parameter in built.parameters())


DEFAULTS: dict[str, dict[str, models.Setting]] = {
    "lstm": {"hidden_size": 64, "num_layers": 2},
    "transformer": {
        "d_model": 64,
        "nhead": 4,
        "num_layers": 2,
        "dim_feedforward": 2048,
        "dropout": 0.1,
    },
}
LSTM_HEAD = 64 + 1
TRANSFORMER_INPUT_AND_HEAD = 2 * 64 + 64 + 1


def test_the_tutorials_transformer_is_eleven_times_its_lstm() -> None:
    assert parameters("transformer") / parameters("lstm") == pytest.approx(11.1, abs=0.1)


def test_a_feed_forward_width_of_64_makes_both_the_same_size_but_for_input_and_head() -> None:
    lstm = parameters("lstm") - LSTM_HEAD
    matched = parameters("transformer", dim_feedforward=64) - TRANSFORMER_INPUT_AND_HEAD
    assert lstm == matched == 50_432


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("rnn", {}, "models.rnn is not a known model: those known are lstm, transformer"),
        ("lstm", {"hidden_size": "64"}, "models.lstm.hidden_size is '64': Input should be a valid"),
        ("lstm", {"hidden_size": 0}, "models.lstm.hidden_size is 0: Input should be greater than"),
        ("lstm", {"hidden": 3}, "models.lstm.hidden is not a setting: those here are hidden_size"),
        (
            "transformer",
            {"dropout": 1.0},
            "models.transformer.dropout is 1.0: Input should",
        ),
        ("transformer", {"nhead": 5}, "models.transformer: d_model is 64 and nhead is 5"),
    ],
)
def test_a_bad_setting_is_one_line_that_names_the_key(
    name: str, changes: dict[str, models.Setting], says: str
) -> None:
    with pytest.raises(InputError) as caught:
        models.build(name, DEFAULTS.get(name, {}) | changes)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_setting_is_one_line_that_names_the_key() -> None:
    with pytest.raises(InputError, match=r"params\.yaml: models\.lstm\.num_layers is missing"):
        models.build("lstm", {"hidden_size": 4})
