"""What params.yaml may say, and what a mistake in it is answered with."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, default_settings, merged
from hypothesis import given
from hypothesis import strategies as st
from strategies import Cut, cuts

from seqcompare.core.errors import InputError
from seqcompare.core.limits import FEWEST_WINDOWS
from seqcompare.core.params import Params, load_params
from seqcompare.core.schema import checked
from seqcompare.core.sections.split import Split

WriteParams = Callable[..., Path]


def test_the_committed_params_are_the_tutorials() -> None:
    params = load_params(ROOT / "params.yaml")
    assert (params.data.size, params.data.x_max, params.data.noise) == (1000, 50.0, 0.1)
    assert (params.seq_len, params.split.test, params.split.validation) == (20, 180, 0)
    assert params.training.model_dump() == {
        "epochs": 20,
        "batch_size": 32,
        "learning_rate": 0.001,
        "schedule": "constant",
        "precision": "float32",
        "keep": "last",
        "own": {},
    }
    assert params.models["lstm"] == {"hidden_size": 64, "num_layers": 2}
    assert params.models["transformer"] == {
        "d_model": 64,
        "nhead": 4,
        "num_layers": 2,
        "dim_feedforward": 2048,
        "dropout": 0.1,
        "positions": "learned",
    }


def test_the_committed_params_train_ten_trials_each_on_a_draw_of_its_own() -> None:
    params = load_params(ROOT / "params.yaml")
    assert params.seeds == tuple(range(10))
    assert (params.data.source, params.data.seed, params.split.folds) == ("sine", "each", 1)


def test_every_setting_in_params_yaml_has_a_comment_or_stands_in_a_section_that_has() -> None:
    text = (ROOT / "params.yaml").read_text()
    lines = [line for line in text.splitlines() if line.strip()]
    settings = [line for line in lines if not line.lstrip().startswith(("#", "- "))]
    silent = [line for line in settings if "#" not in line and not line.rstrip().endswith(":")]
    # layers are layers
    assert [line.strip() for line in silent] == ["num_layers: 2", "num_layers: 2"]


def test_params_cannot_be_changed_once_read(write_params: WriteParams) -> None:
    params = load_params(write_params())
    with pytest.raises(ValueError, match="frozen"):
        params.seq_len = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"seq_len": "20"}, "seq_len is '20': Input should be a valid integer"),
        ({"seq_len": 20.0}, "seq_len is 20.0: Input should be a valid integer"),
        ({"seq_len": True}, "seq_len is True: Input should be a valid integer"),
        ({"seq_len": 0}, "seq_len is 0: Input should be greater than 0"),
        ({"seq_len": None}, "seq_len is missing (past values that a model sees)"),
        ({"seqlen": 3}, "seqlen is not a setting: those here are seq_len, seeds"),
        ({"seqlen": 3}, "(did you mean seq_len?)"),
        ({"training": {"epoch": 3}}, "training.epoch is not a setting: those here are epochs"),
        ({"training": {"epochs": -1}}, "training.epochs is -1: Input should be greater than 0"),
        ({"training": {"learning_rate": float("nan")}}, "training.learning_rate is nan"),
        ({"training": 3}, "training is 3: Input should be"),
        ({"seeds": []}, "seeds is []"),
        ({"seeds": [1, 1]}, "seeds is [1, 1]: each may stand there once"),
        ({"seeds": [0, "1"]}, "seeds.1 is '1': Input should be a valid integer"),
        ({"device": "gpu"}, "device is 'gpu'"),
        ({"models": {"lstm": None, "transformer": None}}, "models is {}"),
        ({"models": {"oracle": {}}}, "models.oracle is a name that reports use themselves"),
        ({"models": {"my/model": {}}}, "models.my/model is 'my/model'"),
        ({"data": {"noise": -0.1}}, "data.noise is -0.1"),
        ({"data": {"noise": -0.0}}, "data.noise is -0.0: write 0.0"),
        ({"data": {"seed": "every"}}, "data.seed is 'every': Input should be 'each' or a valid"),
        ({"data": {"missing": "drop"}}, "data.missing is 'drop': Input should be 'refuse' or"),
        ({"evaluation": {"resamples": 2000}}, "evaluation.resamples is not a setting: those here"),
        ({"evaluation": {"equivalence": 0}}, "evaluation.equivalence is 0: Input should be"),
        ({"split": {"test": 0}}, "split.test is 0"),
        (
            {"split": {"folds": 181}},
            "split.folds is 181, but split.test is 180: each fold needs a target: at most 180",
        ),
        (
            {"seq_len": 990},
            "seq_len is 990, but the series has 1000 points and 180 of them are for testing: "
            "at most 818 leaves two training windows",
        ),
        ({"split": {"test": 1000}}, "no seq_len leaves two training windows: lower split.test"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_file_and_the_key(
    write_params: WriteParams, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError) as caught:
        load_params(write_params(**changes))
    message = str(caught.value)
    assert message.startswith("params.yaml: ")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no settings"),
        ("- 1", "holds no settings"),
        ("seq_len: [", "not valid YAML"),
        ("seq_len: 20\nseq_len: 30\n", "duplicate key"),
        ("seq_len: !!python/object:os.system {}\n", "not valid YAML"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused_in_one_line(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=says) as caught:
        load_params(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"params\.yaml: cannot be read: No such file"):
        load_params(tmp_path / "params.yaml")


def test_a_learning_rate_as_dvc_writes_it_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    text = (ROOT / "params.yaml").read_text()
    path.write_text(text.replace("learning_rate: 0.001", "learning_rate: 1e-05"))
    assert load_params(path).training.learning_rate == 1e-5


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(default_settings())), json_like)
def test_no_content_of_any_section_ends_in_anything_but_an_input_error(
    key: str, value: object
) -> None:
    content = merged(default_settings(), {key: None}) | {key: value}
    with contextlib.suppress(InputError):
        checked(Params, content, "params.yaml")


def test_a_model_is_trained_with_its_own_settings_and_with_the_others_of_all(
    write_params: WriteParams,
) -> None:
    own = {"transformer": {"learning_rate": 0.003, "schedule": "cosine"}}
    training = load_params(write_params(training={"own": own})).training
    common = training.model_dump() | {"own": {}}
    assert training.of("lstm").model_dump() == common
    assert training.of("transformer").model_dump() == common | own["transformer"]
    assert training.of("transformer").of("transformer") == training.of("transformer")


@pytest.mark.parametrize(
    ("training", "key"),
    [
        ({"precision": "bfloat16"}, "training.precision"),
        ({"own": {"lstm": {"precision": "bfloat16"}}}, "training.own.lstm.precision"),
    ],
)
def test_what_processors_add_up_differently_is_not_portable(
    write_params: WriteParams, training: dict[str, Any], key: str
) -> None:
    assert load_params(write_params(training=training)).training.of("lstm").precision == "bfloat16"
    portable = write_params(training=training, reproducibility="portable")
    with pytest.raises(InputError, match=f"{key} is bfloat16, .*reproducibility is portable"):
        load_params(portable)


@pytest.mark.parametrize(
    ("training", "key"),
    [
        ({"keep": "best"}, "training.keep"),
        ({"own": {"lstm": {"keep": "best"}}}, "training.own.lstm.keep"),
    ],
)
def test_best_weights_need_a_validation_part(
    write_params: WriteParams, training: dict[str, Any], key: str
) -> None:
    with pytest.raises(InputError) as caught:
        load_params(write_params(training=training))
    assert str(caught.value) == (
        f"params.yaml: {key} is best, but split.validation is 0: without a validation part no "
        "epoch is the best: raise split.validation, or keep last"
    )
    load_params(write_params(training=training, split={"validation": 100}))


@given(cuts())
def test_parts_of_a_split_never_overlap_and_leave_nothing_out(cut: Cut) -> None:
    by_fold = cut.split.targets(cut.size, cut.seq_len)
    assert len(by_fold) == cut.split.folds
    for train, held_out, tested in by_fold:
        assert [i for part in (train, held_out, tested) for i in part] == list(
            range(cut.seq_len, tested.stop)
        )
        assert len(held_out) == cut.split.validation
        assert len(train) >= FEWEST_WINDOWS
    sizes = [len(tested) for _, _, tested in by_fold]
    assert max(sizes) - min(sizes) <= 1
    assert [i for _, _, tested in by_fold for i in tested] == list(
        range(cut.size - cut.split.test, cut.size)
    )


@given(cut=cuts(), missing=st.integers(1, 200))
def test_a_series_that_leaves_one_training_window_or_none_is_refused(
    cut: Cut, missing: int
) -> None:
    with pytest.raises(InputError, match=r"leaves? two training windows"):
        cut.split.targets(cut.size - cut.most + FEWEST_WINDOWS - missing, cut.seq_len)


@given(test=st.integers(1, 60), seq_len=st.integers(1, 60), size=st.integers(122, 200))
def test_the_first_fold_trains_on_what_a_split_without_folds_trains_on(
    test: int, seq_len: int, size: int
) -> None:
    (train, held_out, _), *_ = Split(train=None, test=test, validation=0, folds=1).targets(
        size, seq_len
    )
    first, *_ = Split(train=None, test=test, validation=0, folds=test).targets(size, seq_len)
    assert first[:2] == (train, held_out)
