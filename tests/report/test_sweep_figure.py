"""The picture of a sweep can be drawn, in both languages, from whatever a grid holds."""

import itertools
import warnings
from typing import Any

import matplotlib.colors
import pytest
from test_figures import check_words

from seqcompare.core.types import Row
from seqcompare.report.figures import sweep
from seqcompare.report.figures.style import drawn_in
from seqcompare.report.figures.sweep import SIZE, sweep_picture
from seqcompare.report.labels import COLOURS
from seqcompare.report.texts import LANGUAGES, load_texts

EN = load_texts("en")
LENGTHS: dict[str, list[Any]] = {"seq_len": [20.0, 50.0, 200.0], "training.epochs": [10.0]}
GRIDS: list[dict[str, list[Any]]] = [
    LENGTHS,
    {"training.learning_rate": [0.01, 0.001], "data.noise": [0.1, 0.2]},
    {"data.scale": ["none", "standard"]},
    {"seq_len": [20.0]},
]
Rows = list[Row]


def rows(grid: dict[str, list[Any]], seeds: int = 3) -> tuple[Rows, Rows]:
    """Of sweep.csv and sweep_seconds.csv."""
    points = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    runs = [
        {**point, "model": model, "seed": float(seed)}
        for point in points
        for model in ("lstm", "transformer")
        for seed in range(seeds)
    ]
    return (
        [{**run, "test_mse": 0.01 + n / 9999, "train_mse": 0.01} for n, run in enumerate(runs)],
        [{**run, "train_seconds": 1.0 + n} for n, run in enumerate(runs)],
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("grid", GRIDS)
def test_no_words_of_a_sweep_overlap_or_are_cut(
    language: str, grid: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(sweep, "png", lambda figure: drawn.append(figure) or b"")
    sweep_picture(*rows(grid), load_texts(language))
    with drawn_in(SIZE):
        check_words(drawn[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_of_a_sweep_is_a_box(language: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph that no font has
        sweep_picture(*rows(LENGTHS), load_texts(language))


def test_every_model_is_drawn_and_labelled_in_its_own_colour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(sweep, "png", lambda figure: drawn.append(figure) or b"")
    sweep_picture(*rows(LENGTHS), EN)
    for axes in drawn[0].axes:
        labels = {text.get_text(): text.get_color() for text in axes.texts}
        assert (labels["LSTM"], labels["Transformer"]) == COLOURS[:2]
        assert [matplotlib.colors.to_hex(line.get_color()).upper() for line in axes.lines] == list(
            COLOURS[:2]
        )


def test_a_sweep_of_one_seed_is_drawn() -> None:
    assert sweep_picture(*rows(LENGTHS, seeds=1), EN).startswith(b"\x89PNG")


def test_the_same_table_gives_the_same_bytes() -> None:
    assert sweep_picture(*rows(LENGTHS), EN) == sweep_picture(*rows(LENGTHS), EN)
