"""What holds for every network, how its settings are checked, and networks that a user adds."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import ROOT, default_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from seqcompare import models
from seqcompare.core.errors import InputError
from seqcompare.core.types import Setting
from seqcompare.models import build, count_operations, predict

DEFAULTS: dict[str, dict[str, Setting]] = default_settings()["models"]
SMALL: dict[str, dict[str, Setting]] = {
    "lstm": {"hidden_size": 16, "num_layers": 2},
    "transformer": DEFAULTS["transformer"] | {"d_model": 16, "dim_feedforward": 32},
}
every_model = pytest.mark.parametrize("name", sorted(SMALL))


def network(name: str, seq_len: int = 20, **changes: Setting) -> nn.Module:
    torch.manual_seed(0)
    return build(name, SMALL[name] | changes, seq_len).eval()


def windows(count: int, seq_len: int, seed: int = 0) -> Tensor:
    return torch.randn(count, seq_len, generator=torch.Generator().manual_seed(seed))


@every_model
@settings(max_examples=20)
@given(batch=st.integers(2, 40), seq_len=st.integers(1, 50), seed=st.integers(0, 1000))
def test_a_window_alone_is_predicted_as_inside_any_batch(
    name: str, batch: int, seq_len: int, seed: int
) -> None:
    inputs = windows(batch, seq_len, seed)
    built = network(name, seq_len)
    together = predict(built, inputs)
    assert together.shape == (batch,)
    alone = torch.cat([predict(built, inputs[i : i + 1]) for i in range(batch)])
    assert torch.allclose(together, alone, atol=1e-5)


@every_model
def test_the_oldest_input_and_the_order_of_inputs_change_the_prediction(name: str) -> None:
    built, inputs = network(name), windows(4, 20)
    changed = inputs.clone()
    changed[:, 0] += 1
    for others in (changed, inputs[:, [1, 0, *range(2, 20)]]):
        assert (predict(built, inputs) != predict(built, others)).all()


@pytest.mark.parametrize(
    ("name", "changes", "count"),
    [
        ("lstm", {}, 50_432 + 64 + 1),  # layers and head
        ("transformer", {"dim_feedforward": 64}, 50_432 + 2 * 64 + 20 * 64 + 64 + 1),
        ("transformer", {"positions": "sinusoidal"}, 562_497),
        ("transformer", {}, 562_497 + 20 * 64),
    ],
)  # fmt: skip
def test_networks_have_so_many_parameters(
    name: str, changes: dict[str, Setting], count: int
) -> None:
    built = build(name, DEFAULTS[name] | changes, seq_len=20)
    assert sum(parameter.numel() for parameter in built.parameters()) == count


@pytest.mark.parametrize("changes", [{"positions": "sinusoidal"}, {"seq_len": 50}], ids=str)
def test_positions_change_no_other_first_weight(changes: dict[str, Any]) -> None:
    first, second = (network("transformer", **each).state_dict() for each in ({}, changes))
    for weights in (first, second):
        weights.pop("positions", None)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("seq_len", [1, 19, 21])
def test_learned_positions_are_for_windows_of_their_length_alone(seq_len: int) -> None:
    with pytest.raises(ValueError, match=f"20 learned positions, but {seq_len} values"):
        network("transformer")(windows(3, seq_len))


# ---- settings ----


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("rnn", {}, "models.rnn is not a known model: those known are lstm, transformer; add"),
        ("lstm", {"hidden_size": "64"}, "models.lstm.hidden_size is '64': Input should be a valid"),
        ("lstm", {"hidden_size": True}, "models.lstm.hidden_size is True: Input should be a valid"),
        ("lstm", {"hidden_size": 65_537}, "lstm.hidden_size is 65537: use at most 65,536"),
        ("lstm", {"num_layers": 1_001}, "models.lstm.num_layers is 1001: use at most 1,000"),
        ("lstm", {"hidden": 3}, "models.lstm.hidden is not a setting: did you mean hidden_size?"),
        ("transformer", {"dropout": 1.0}, "transformer.dropout is 1.0: Input should be less"),
        ("transformer", {"d_model": 65}, "d_model is 65: Input should be a multiple of 2"),
        ("transformer", {"positions": "x"}, "positions is 'x': Input should be 'learned' or 'sinu"),
        ("transformer", {"seq_len": 20}, "transformer.seq_len is not a setting: those here are"),
        ("transformer", {"nhead": 5}, "models.transformer: d_model is 64 and nhead is 5"),
    ],
)  # fmt: skip
def test_a_bad_setting_ends_in_one_line_that_names_the_key(
    name: str, changes: dict[str, Setting], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        build(name, DEFAULTS.get(name, {}) | changes, seq_len=20)
    assert str(caught.value).startswith("params.yaml: models.")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


# ---- a network of the user's ----

GRU = (ROOT / "README.md").read_text().split("```python\n")[2].split("```")[0]
AddModel = Callable[[str, str], None]


@pytest.fixture
def add_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AddModel:
    """Puts a file beside lstm.py, for this test."""

    def add(name: str, code: str) -> None:
        (tmp_path / f"{name}.py").write_text(code)
        monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
        monkeypatch.delitem(sys.modules, f"seqcompare.models.{name}", raising=False)

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return add


def constructor(arguments: str, body: str = "pass", above: str = "") -> str:
    return (
        f"from torch import nn\n{above}\nclass Gru(nn.Module):\n    def __init__({arguments}):\n"
        f"        super().__init__()\n        self.layer = nn.Linear(1, 1)\n        {body}\n"
    )


def test_the_file_of_the_readme_is_a_model(add_model: AddModel) -> None:
    add_model("gru", GRU)
    assert len(GRU.splitlines()) == 12
    assert build("gru", {}, 20)(windows(3, 20)).shape == (3,)
    assert build("gru", {"hidden_size": 8, "num_layers": 2}, 20)(windows(3, 20)).shape == (3,)
    assert count_operations("gru", {}) is None


@pytest.mark.parametrize(
    ("name", "kind", "above"),
    [
        ("gru", "Gru", "from torch.nn import GRU"), ("my_net", "MyNet", ""), ("mynet", "MyNet", ""),
        ("gru", "Gru", "from torch.nn import GRU as Other"),
    ],
)  # fmt: skip
def test_the_network_is_the_class_that_the_file_defines_in_any_case_and_no_import(
    name: str, kind: str, above: str, add_model: AddModel
) -> None:
    code = constructor("self, hidden_size=8", above=above)
    add_model(name, code.replace("class Gru", f"class {kind}"))
    built = build(name, {}, 20)
    assert (type(built).__name__, type(built).__module__) == (kind, f"seqcompare.models.{name}")


@pytest.mark.parametrize(
    ("arguments", "given", "gets"),
    [
        ("self, n: int = 8", {}, 8), ("self, n: int = 8", {"n": 3}, 3), ("self, n=8", {"n": 3}, 3),
        ("self, n: int", {"n": 8.0}, 8),  # DVC takes them for equal
        ("self, n", {"n": "relu"}, "relu"), ("self, n: 'float'", {"n": 3}, 3.0),
        ("self, *, n: int | None = None", {"n": 3}, 3), ("self, seq_len, n=1", {"n": 3}, 3),
        ("self, _hidden: int = 1", {"_hidden": 3}, 3), ("self, copy: int = 1", {"copy": 3}, 3),
        ("self, model_config: int = 1", {"model_config": 3}, 3),
    ],
)  # fmt: skip
def test_any_argument_that_takes_a_setting_gets_it(
    arguments: str, given: dict[str, Setting], gets: Setting, add_model: AddModel
) -> None:
    name = next(iter(given), "n")
    add_model("gru", constructor(arguments, f"self.gets = {name}"))
    assert repr(build("gru", given, 20).gets) == repr(gets)


@pytest.mark.parametrize(
    ("code", "given", "message"),
    [
        (constructor("self, n"), {}, "params.yaml: models.gru.n is missing"),
        (constructor("self, n: int = 8"), {"m": 1}, "gru.m is not a setting: those here are n"),
        (constructor("self"), {"m": 1}, "models.gru.m is not a setting: those here are none"),
        (constructor("self, _n: int = 1"), {"n": 1}, "n is not a setting: did you mean _n?"),
        (constructor("self, *n"), {}, "gru.py: Gru.__init__ takes *n: name each setting"),
        (constructor("self, **n"), {"a": 1}, "gru.py: Gru.__init__ takes **n: name each setting"),
        (constructor("self, n, /"), {"n": 1}, "gru.py: Gru.__init__ takes n: name each setting"),
        (constructor("self, n: nn.Linear"), {}, "a setting is an int, float, bool or str"),
        (constructor("self, n: 'Size'"), {}, "cannot be read (name 'Size' is not defined)"),
        (constructor("self, n=8", 'raise ValueError(f"n is {n}:\\n too large")'), {},
         "params.yaml: models.gru: n is 8: too large"),
        ("from torch.nn import GRU", {}, "gru.py: defines no torch.nn.Module named as the file"),
        ("class Gru: pass", {}, "gru.py: defines no torch.nn.Module named as the file"),
        ("import torch\nclass Other(torch.nn.Module): pass", {}, "gru.py: defines no torch.nn.Mod"),
    ],
)  # fmt: skip
def test_a_wrong_file_or_setting_ends_in_one_line(
    code: str, given: dict[str, Setting], message: str, add_model: AddModel
) -> None:
    add_model("gru", code)
    with pytest.raises(InputError) as caught:
        build("gru", given, 20)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("bug", ["None + 1", "len(3)", "{}['x']"])
def test_a_bug_in_the_code_keeps_its_whole_traceback(bug: str, add_model: AddModel) -> None:
    add_model("gru", constructor("self, n=8", bug))
    with pytest.raises((TypeError, KeyError)) as caught:
        build("gru", {}, 20)
    assert bug in str(caught.traceback[-1].statement)
