"""Stage `split`: every mistake ends there, before it writes or removes anything."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import SMALL

from seqcompare.core.errors import InputError
from seqcompare.core.params import merged
from seqcompare.core.paths import SERIES, SPLIT
from seqcompare.data.windows import load_folds
from stages import generate, split

WriteParams = Callable[..., Path]
OUTPUTS = [
    "data/weights/{}/0000.safetensors", "data/training/{}.csv", "data/timing/{}.csv",
    "data/environment/{}.json", "reports/timing/{}.json",
]  # fmt: skip


def write_outputs(*models: str) -> list[Path]:
    paths = [Path(output.format(model)) for model in models for output in OUTPUTS]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return paths


@pytest.fixture
def generated(in_tmp: Path, write_params: WriteParams) -> Callable[..., Path]:
    def write(**changes: Any) -> Path:
        return write_params(**merged(SMALL, changes))

    write()
    generate.main()
    assert (in_tmp / SERIES).exists()
    return write


def test_split_writes_the_folds_and_removes_what_other_models_left(
    generated: Callable[..., Path],
) -> None:
    kept, gone = write_outputs("lstm", "transformer"), write_outputs("gru", "tcn")
    generated()
    split.main()
    assert list(load_folds()) == ["0", "1"]
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in gone)
    assert not Path("data/weights/gru").exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"models": {"lstm": {"hidden_size": 0}}}, "params.yaml: models.lstm.hidden_size is 0"),
        ({"models": {"transformer": {"nhead": 3}}}, "params.yaml: models.transformer: d_model"),
        ({"device": "cuda:99"}, "params.yaml: device is cuda:99, but"),
        ({"seeds": [0, 5]}, "data/series.csv: has no series of seed 5: run `dvc repro`"),
        ({"seq_len": 79}, "params.yaml: seq_len is 79, but the series has 120 values"),
    ],
)
def test_a_mistake_ends_before_anything_is_written_or_removed(
    generated: Callable[..., Path], changes: dict[str, Any], says: str
) -> None:
    left = write_outputs("gru")
    generated(**changes)
    with pytest.raises(InputError) as caught:
        split.main()
    assert str(caught.value).startswith(says)
    assert all(path.exists() for path in left)
    assert not SPLIT.exists()
