"""What holds for every registered network, and how its settings are checked."""

import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from seqcompare import models
from seqcompare.core.errors import InputError
from seqcompare.core.types import Setting
from seqcompare.data.windows import Scale
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.execution.processes import open_processes
from seqcompare.models import predict
from seqcompare.models.kernels.attention import attention
from seqcompare.models.kernels.dropout import Dropout, set_generator
from seqcompare.studies.cost.measure import limit_memory

SETTINGS: dict[str, dict[str, Setting]] = {
    "lstm": {"hidden_size": 16, "num_layers": 2},
    "transformer": {
        "d_model": 16,
        "nhead": 4,
        "num_layers": 2,
        "dim_feedforward": 32,
        "dropout": 0.1,
        "positions": "learned",
    },
}
every_model = pytest.mark.parametrize("name", sorted(SETTINGS))


def network(name: str, seq_len: int = 20) -> nn.Module:
    torch.manual_seed(0)
    return models.build(name, SETTINGS[name], seq_len).eval()


def windows(count: int, seq_len: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, seq_len, generator=torch.Generator().manual_seed(seed))


@every_model
@pytest.mark.parametrize("batch", [1, 2, 33])
@pytest.mark.parametrize("seq_len", [1, 20, 200])
def test_the_output_is_one_value_a_window(name: str, batch: int, seq_len: int) -> None:
    assert network(name, seq_len)(windows(batch, seq_len)).shape == (batch,)


@every_model
@settings(max_examples=20)
@given(batch=st.integers(2, 40), seq_len=st.integers(1, 50), seed=st.integers(0, 1000))
def test_a_window_alone_is_predicted_as_inside_any_batch(
    name: str, batch: int, seq_len: int, seed: int
) -> None:
    inputs = windows(batch, seq_len, seed)
    built = network(name, seq_len)
    together = predict(built, inputs)
    alone = torch.cat([predict(built, inputs[i : i + 1]) for i in range(batch)])
    assert torch.allclose(together, alone, atol=1e-5)


def predict_within(memory_bytes: float, count: int, seq_len: int) -> None:
    limit_memory(memory_bytes)
    predict(network("transformer", seq_len), windows(count, seq_len))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing bounds the memory")
def test_predicting_from_long_windows_never_holds_all_their_scores() -> None:
    count, heads, seq_len = 200, 4, 400
    scores = 4 * count * heads * seq_len**2  # in bytes: half a GB
    with open_processes("cpu", workers=1, calls=1) as worker:
        worker.submit(predict_within, scores / 4, count, seq_len).result()


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


def parameters(name: str, **changes: Setting) -> int:
    built = models.build(name, DEFAULTS[name] | changes, seq_len=20)
    return sum(parameter.numel() for parameter in built.parameters())


DEFAULTS: dict[str, dict[str, Setting]] = {
    "lstm": {"hidden_size": 64, "num_layers": 2},
    "transformer": {
        "d_model": 64,
        "nhead": 4,
        "num_layers": 2,
        "dim_feedforward": 2048,
        "dropout": 0.1,
        "positions": "learned",
    },
}
LSTM_HEAD = 64 + 1
TRANSFORMER_INPUT_AND_HEAD = 2 * 64 + 64 + 1
POSITIONS = 20 * 64


def test_the_tutorials_transformer_is_eleven_times_its_lstm() -> None:
    assert parameters("transformer") / parameters("lstm") == pytest.approx(11.1, abs=0.1)


def test_sinusoidal_positions_have_no_parameters_and_learned_ones_a_vector_each() -> None:
    assert parameters("transformer", positions="sinusoidal") == 562_497
    assert parameters("transformer") == 562_497 + POSITIONS


def test_a_feed_forward_width_of_64_makes_both_the_same_size_but_for_what_is_around() -> None:
    lstm = parameters("lstm") - LSTM_HEAD
    around = TRANSFORMER_INPUT_AND_HEAD + POSITIONS
    assert lstm == parameters("transformer", dim_feedforward=64) - around == 50_432


def transformer(positions: str, seq_len: int = 20) -> nn.Module:
    torch.manual_seed(0)
    return models.build("transformer", SETTINGS["transformer"] | {"positions": positions}, seq_len)


def test_learned_positions_are_standard_normal_at_first() -> None:
    positions = transformer("learned", seq_len=2000).get_parameter("positions")
    assert positions.shape == (2000, 16)
    assert positions.mean().item() == pytest.approx(0, abs=0.02)
    assert positions.std().item() == pytest.approx(1, abs=0.02)


def test_all_weights_but_the_positions_are_the_same_with_either_kind() -> None:
    learned, sinusoidal = (transformer(kind).state_dict() for kind in ("learned", "sinusoidal"))
    assert learned.keys() - sinusoidal.keys() == {"positions"}
    assert all(torch.equal(learned[name], weight) for name, weight in sinusoidal.items())


def test_the_first_weights_but_the_positions_are_the_same_at_every_length() -> None:
    short, long = (transformer("learned", seq_len).state_dict() for seq_len in (5, 50))
    assert {name for name in short if not short[name].equal(long[name])} == {"positions"}


@pytest.mark.parametrize("seq_len", [1, 19, 21])
def test_learned_positions_serve_windows_of_their_own_length_alone(seq_len: int) -> None:
    with pytest.raises(ValueError, match=f"20 learned positions, but {seq_len} values"):
        transformer("learned")(windows(3, seq_len))


def test_the_operations_do_not_depend_on_the_kind_of_positions() -> None:
    learned, sinusoidal = (
        models.count_operations("transformer", DEFAULTS["transformer"] | {"positions": kind})
        for kind in ("learned", "sinusoidal")
    )
    assert learned is not None
    assert sinusoidal is not None
    assert (learned.predict, learned.train) == (sinusoidal.predict, sinusoidal.train)


def test_weights_of_another_window_length_are_refused_in_one_line() -> None:
    weights = {name: each.numpy() for name, each in network("transformer").state_dict().items()}
    other = TrainedPredictor("transformer", SETTINGS["transformer"], 30, weights, Scale(0.0, 1.0))
    with pytest.raises(InputError, match="weights of transformer do not fit") as caught:
        other(windows(3, 30).numpy())
    assert "\n" not in str(caught.value)


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
        (
            "transformer",
            {"positions": "rotary"},
            "models.transformer.positions is 'rotary': Input should be 'learned' or 'sinusoidal'",
        ),
        (
            "transformer",
            {"seq_len": 20},
            "models.transformer.seq_len is not a setting: those here are d_model",
        ),
        ("transformer", {"nhead": 5}, "models.transformer: d_model is 64 and nhead is 5"),
    ],
)
def test_a_bad_setting_is_one_line_that_names_the_key(
    name: str, changes: dict[str, Setting], says: str
) -> None:
    with pytest.raises(InputError) as caught:
        models.build(name, DEFAULTS.get(name, {}) | changes, seq_len=20)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_setting_is_one_line_that_names_the_key() -> None:
    with pytest.raises(InputError, match=r"params\.yaml: models\.lstm\.num_layers is missing"):
        models.build("lstm", {"hidden_size": 4}, seq_len=20)


@pytest.mark.parametrize(("batch_size", "seq_len"), [(1, 1), (3, 7)])
def test_attention_runs_alone_forward_and_backward_in_the_model_that_has_it(
    batch_size: int, seq_len: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    attending = network("transformer", seq_len)
    set_generator(attending, torch.Generator())
    assert isinstance(attending, models.TimesAttention)
    assert not isinstance(network("lstm"), models.TimesAttention)
    seen: list[Tensor] = []

    def attend(q: Tensor, k: Tensor, v: Tensor, dropout: Dropout) -> Tensor:
        seen.extend((q, k, v))
        mixed = attention(q, k, v, dropout)
        mixed.register_hook(seen.append)
        return mixed

    monkeypatch.setattr("seqcompare.models.transformer.attention", attend)
    attending.attention_step(batch_size, seq_len)()
    shape = (batch_size * 4, seq_len, 16 // 4)  # heads of all windows, positions, width of a head
    assert [each.shape for each in seen] == [shape] * 4  # queries, keys, values and a gradient
