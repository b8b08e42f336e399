"""What params.yaml may say, and what a mistake in it is answered with: one line."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from conftest import ROOT, default_settings
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.errors import InputError
from seqcompare.core.params import (
    FEWEST_WINDOWS,
    Params,
    Split,
    checked,
    flattened,
    load_params,
    merged,
)
from seqcompare.core.study_params import Studies, load_studies
from seqcompare.core.yaml import load_yaml

STUDIES = load_yaml(ROOT / "studies/params.yaml")


def params(**changes: Any) -> Params:
    return checked(Params, merged(default_settings(), changes), "params.yaml: ")


def studies(**changes: Any) -> Studies:
    return checked(Studies, merged(STUDIES, changes), "studies/params.yaml: ")


def the_line(action: Callable[[], object], file: str = "params.yaml") -> str:
    with pytest.raises(InputError) as caught:
        action()
    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    assert message.isprintable()
    assert len(message) < 700
    return message.removeprefix(f"{file}: ")


def nested(key: str, value: Any) -> dict[str, Any]:
    """{"a.b": 1} as {"a": {"b": 1}}."""
    for part in reversed(key.split(".")):
        value = {part: value}
    return value  # type: ignore[no-any-return]


def test_the_committed_params_are_the_tutorials() -> None:
    committed = load_params(ROOT / "params.yaml")
    data = {"source": "sine", "seed": "each", "size": 1000, "x_max": 50.0, "noise": 0.1}
    assert data.items() <= committed.data.model_dump().items()
    assert (committed.seq_len, committed.seeds) == (20, tuple(range(10)))
    assert (committed.split.test, committed.training.epochs) == (180, 20)
    assert committed.models["transformer"]["dim_feedforward"] == 2048
    assert load_studies(ROOT / "studies/params.yaml")


WHOLE = "Input should be a valid integer"
MISTAKES: list[tuple[str, Any, str]] = [
    ("seq_len", "20", f"seq_len is '20': {WHOLE}"),
    ("seq_len", 20.5, f"seq_len is 20.5: {WHOLE}"),
    ("seq_len", "\x1b[31m20", r"seq_len is '\x1b[31m20'"),
    ("seq_len", 990, "seq_len is 990, but the series has 1000 values, 180 are held out by split: "
     "use at most 818"),
    ("seqlen", 3, "seqlen is not a setting: did you mean seq_len?"),
    ("seeds", [1, 1], "seeds is [1, 1]: each may stand there once"),
    ("reproducibility", "always", "reproducibility is 'always': use 'fast' or 'portable'"),
    ("device", "gpu", "device is 'gpu': String should match"),
    ("data.source", "csv", "data.path is None, but data.source is csv: put the file into"),
    ("data", {"source": "csv", "path": "/tmp/x.csv"}, "data.path is '/tmp/x.csv', but data.source"),
    ("data", {"source": "csv", "path": "data/input/../x.csv"}, "data.path is "),
    ("data.seed", "every", "data.seed is 'every': Input should be 'each' or a valid integer"),
    ("data.period", 21, "data.period is 21, but a window has seq_len 20 values: use at most 20"),
    ("split.train", 801, "split.train is 801, but the series has 1000 values, 180 are held out "
     "by split, and the first 20 (seq_len) begin a window: use at most 800"),
    ("split.test", 1000, "seq_len is 20, but the series has 1000 values, 1000 are held out "
     "by split: lower split.test"),
    ("split.folds", 181, "split.folds is 181, but split.test is 180: use at most 180"),
    ("training.keep", "best", "training.keep is best, but split.validation is 0: raise"),
    ("training.overrides", {"gru": {"epochs": 3}}, "training.overrides.gru names no model: those "
     "are lstm, transformer"),
    ("training.overrides", {"lstm": {"epochs": 0}}, "training.overrides.lstm.epochs is 0"),
    ("training.overrides", {"lstm": {"epoch": 3}}, "training.overrides.lstm.epoch is not a "
     "setting: did you mean epochs?"),
    ("training.overrides", {"lstm": {"keep": "best"}}, "training.overrides.lstm.keep is best, but "
     "split.validation is 0"),
    ("evaluation.confidence", 0.9999, "evaluation.horizon is 20, but 180 held-out values leave "
     "fewer than the 9999 forecasts that calibrate an interval"),
    ("evaluation.horizon", 100, "evaluation.horizon is 100, but 180 held-out values leave fewer "
     "than the 19 forecasts that calibrate an interval of 95%: use at most 50, or raise"),
    ("executor.kind", "dask", "executor.address is None, but executor.kind is dask: give"),
    ("training.overrides", {"lstm": {"precision": "bfloat16"}}, "training.overrides.lstm.precision "
     "is bfloat16, which processors add up differently"),
    ("models", {}, "models is {}"),
    ("models.oracle", {}, "models.oracle: results use this name themselves: choose another"),
    ("models.seed", {}, "models.seed: results use this name themselves: choose another"),
    ("data.missing", "interpolate", "data.missing is 'interpolate': use 'refuse' or 'ffill'"),
    ("models.horizon2", {"a": [1]}, "models.horizon2.a is [1]"),
    ("models.LSTM", {}, "models.LSTM is 'LSTM': String should match"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "says"), MISTAKES)
def test_a_mistake_is_one_line_with_key_value_and_what_is_allowed(
    key: str, value: Any, says: str
) -> None:
    changes = nested(key, value)
    if key == "models":
        content = default_settings() | changes
        assert the_line(lambda: checked(Params, content, "params.yaml: ")).startswith(says)
    else:
        portable = {"reproducibility": "portable"} if "processors" in says else {}
        assert the_line(lambda: params(**changes, **portable)).startswith(says)


@pytest.mark.parametrize("key", list(flattened(default_settings())))
def test_no_setting_of_params_yaml_may_be_missing_or_a_mapping(key: str) -> None:
    *above, name = key.split(".")
    content = default_settings()
    section: Any = content
    for part in above:
        section = section[part]
    section[name] = {"no": {"setting": 1}}
    assert the_line(lambda: checked(Params, content, "params.yaml: ")).startswith(key)
    del section[name]
    if above[:1] != ["models"]:
        line = the_line(lambda: checked(Params, content, "params.yaml: "))
        assert line.startswith(f"{key} is missing")


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("cost.seq_lens", [40, 20], "cost.seq_lens is [40, 20]: list each once, the smallest"),
        ("cost.memory_limit_gb", float("inf"), "cost.memory_limit_gb is inf"),
        ("adding_problem.solved_below", 0.5, "adding_problem.solved_below is 0.5: Input should be"),
        ("cost.seq_lens", [20], "cost.seq_lens is [20]: Value should have at least 2 items"),
        ("maps.x", {"grid": {"seq_len": 20}, "settings": {"a": {}}}, "maps.x.grid is "
         "{'seq_len': 20}: seq_len needs a list like [20, 50], each value once"),
        ("maps.x", {"grid": {"seq_len": []}, "settings": {"a": {}}}, "maps.x.grid is "),
        ("maps.x", {"settings": {"a": {}}}, "maps.x.grid is missing"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_studies_is_one_line(key: str, value: Any, says: str) -> None:
    assert the_line(lambda: studies(**nested(key, value)), "studies/params.yaml").startswith(says)


@pytest.mark.parametrize(
    "changes", [{"seq_len": 20.0}, {"seeds": [0.0, 1.0]}, {"data": {"seed": 3.0}}]
)
def test_a_whole_number_may_end_in_point_zero(changes: dict[str, Any]) -> None:
    """DVC takes -S seq_len=20.0 for no change of 20."""
    whole = params(**changes)
    assert all(isinstance(seed, int) for seed in (whole.seq_len, *whole.seeds))
    assert whole.data.seed in ("each", 3)


def test_a_model_is_trained_with_its_overrides_and_with_the_settings_of_all() -> None:
    overrides = {"transformer": {"learning_rate": 0.003, "schedule": "cosine"}}
    training = params(training={"overrides": overrides}).training
    common = training.model_dump(exclude={"overrides"})
    assert training.of("lstm").model_dump() == common
    assert training.of("transformer").model_dump() == common | overrides["transformer"]
    assert training.key("transformer", "schedule") == "training.overrides.transformer.schedule"
    assert training.key("lstm", "schedule") == "training.schedule"


@pytest.mark.parametrize(
    ("source", "scale", "scaling"),
    [("sine", "auto", "none"), ("csv", "auto", "standard"), ("sine", "standard", "standard"),
     ("csv", "none", "none")],
)  # fmt: skip
def test_auto_scales_a_csv_alone(source: str, scale: str, scaling: str) -> None:
    data = {"source": source, "path": "data/input/own.csv", "scale": scale}
    assert params(data=data).data.scaling == scaling


def test_a_series_whose_windows_fit_into_no_memory_is_refused_with_what_fits() -> None:
    changes = {"seq_len": 1000, "data": {"size": 9_000_000}}
    line = the_line(lambda: params(**changes))
    assert line.endswith("its 8998820 windows are in memory at once: use at most 27")
    params(**changes | {"seq_len": 27})


class Cut(NamedTuple):
    """A series of `size` values that a split leaves enough training windows of."""

    size: int
    seq_len: int
    split: Split
    most: int  # training targets of the first fold


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    test, validation = draw(st.integers(1, 100)), draw(st.integers(0, 30))
    folds = draw(st.integers(1, min(12, test)))
    seq_len, most = draw(st.integers(1, 30)), draw(st.integers(FEWEST_WINDOWS, 150))
    split = Split(train=None, validation=validation, test=test, folds=folds)
    return Cut(test + validation + seq_len + most, seq_len, split, most)


@given(cuts())
def test_parts_of_a_split_never_overlap_and_leave_nothing_out(cut: Cut) -> None:
    folds = cut.split.targets(cut.size, cut.seq_len)
    assert len(folds) == cut.split.folds
    for train, validation, test in folds:
        assert [*train, *validation, *test] == list(range(cut.seq_len, test.stop))
        assert len(validation) == cut.split.validation
        assert len(train) >= FEWEST_WINDOWS
    sizes = [len(test) for _, _, test in folds]
    assert max(sizes) - min(sizes) <= 1
    tested = [position for _, _, test in folds for position in test]
    assert tested == list(range(cut.size - cut.split.test, cut.size))


@given(cut=cuts(), data=st.data())
def test_trained_on_are_the_last_targets_before_what_is_held_out(
    cut: Cut, data: st.DataObject
) -> None:
    train = data.draw(st.integers(FEWEST_WINDOWS, cut.most))
    limited = cut.split.model_copy(update={"train": train}).targets(cut.size, cut.seq_len)
    for (every, *held), (last, *still_held) in zip(
        cut.split.targets(cut.size, cut.seq_len), limited, strict=True
    ):
        assert list(last) == list(every)[-train:]
        assert still_held == held


@given(cut=cuts(), more=st.integers(1, 1000))
def test_a_split_that_does_not_fit_is_refused_with_the_value_that_does(cut: Cut, more: int) -> None:
    split = cut.split.model_copy(update={"train": cut.most + more})
    with pytest.raises(InputError, match=rf"^split\.train is .*: use at most {cut.most}$"):
        split.targets(cut.size, cut.seq_len)
    longest = cut.seq_len + cut.most - FEWEST_WINDOWS
    cut.split.targets(cut.size, longest)
    with pytest.raises(InputError, match=rf"^seq_len is .*: use at most {longest}$"):
        cut.split.targets(cut.size, longest + more)
