"""The map as a picture: whatever the map, in both languages, and true to its cells."""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle

import numpy as np
import pandas as pd
import pytest
from drawn_words import check_words
from made_up import make_map
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from seqcompare.report.figures.map import NEUTRAL, draw_map, map_pictures
from seqcompare.report.figures.style import in_style
from seqcompare.report.language import LANGUAGES, load_language
from seqcompare.report.results import Map
from seqcompare.report.words import COLOURS

EN = load_language("en")


def changed(found: Map, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Map:
    return replace(found, scores=change(found.scores), pairs=change(found.pairs))


def lengths(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """The first column, at so many lengths."""
    first = table[table["seq_len"] == 10]
    return pd.concat([first.assign(seq_len=10 * (i + 1)) for i in range(count)])


def two_noises(table: pd.DataFrame) -> pd.DataFrame:
    """At two values of one more key of the grid."""
    both = pd.concat([table.assign(noise=value) for value in (0.1, 0.2)], ignore_index=True)
    both.insert(2, "data.noise", both.pop("noise"))
    return both


def scalings(table: pd.DataFrame) -> pd.DataFrame:
    texts = {10: "none", 20: "standard", 50: "a_long_word", 100: "x"}
    return table.assign(seq_len=table["seq_len"].map(texts)).rename(
        columns={"seq_len": "data.scale"}
    )


def with_cell(found: Map, length: int, outcome: str, mse: float | None = None) -> Map:
    """One cell of the first row with this outcome between its two networks, at this error."""
    pairs, scores = found.pairs.copy(), found.scores.copy()
    here = (pairs["setting"] == "tutorial") & (pairs["seq_len"] == length)
    pairs.loc[here & (pairs["family"] == "models"), "outcome"] = outcome
    if mse is not None:
        network = scores["predictor"].isin(found.params["models"])
        scores.loc[(scores["setting"] == "tutorial") & (scores["seq_len"] == length) & network,
                   ["mse", "low", "high"]] = mse  # fmt: skip
    return replace(found, pairs=pairs, scores=scores)


MAP = make_map()
MAPS = {
    "as made": MAP,
    "in Chinese": MAP,
    "every outcome": with_cell(
        with_cell(with_cell(MAP, 10, "equivalent"), 20, "transformer"), 50, "lstm", mse=0.9
    ),
    "one cell": changed(MAP, lambda table: lengths(table, 1)),
    "ten columns": changed(MAP, lambda table: lengths(table, 10)),
    "four rows": changed(MAP, two_noises),
    "three models": make_map(("lstm", "transformer", "gru")),
    "words": changed(MAP, scalings),
}


def draw(found: Map, language: str = "en") -> Figure:
    """With words that are whole and apart."""
    with in_style():
        figure = draw_map(found, load_language(language))
        assert not any("−0" in text for text in check_words(figure))
    return figure


@pytest.mark.parametrize(("name", "language"), [*zip(MAPS, cycle(LANGUAGES))])
def test_no_words_of_a_map_overlap_or_are_cut(name: str, language: str) -> None:
    draw(MAPS[name], language)


def test_the_same_map_gives_the_same_bytes() -> None:
    first, second = (map_pictures(MAPS["one cell"], EN) for _ in range(2))
    assert first == second
    assert first["png"].startswith(b"\x89PNG")
    assert first["svg"].startswith(b"<?xml")


@pytest.mark.parametrize(
    ("outcome", "mse", "colour", "label"),
    [
        ("lstm", None, COLOURS[0], "LSTM better"),
        ("transformer", None, COLOURS[1], "Transformer better"),
        ("equivalent", None, NEUTRAL["equivalent"]["fc"], "equal within 5 %"),
        ("undecided", None, NEUTRAL["undecided"]["fc"], "undecided"),
        ("lstm", 0.9, NEUTRAL["unlearned"]["fc"], "worse than persistence"),
    ],
)
def test_a_cell_has_the_colour_of_its_outcome(
    outcome: str, mse: float | None, colour: str, label: str
) -> None:
    figure = draw(with_cell(MAP, 10, outcome, mse))
    cell = figure.axes[0].patches[0]
    assert isinstance(cell, Rectangle)
    assert to_hex(cell.get_facecolor()).upper() == colour
    assert bool(cell.get_hatch()) == (outcome == "equivalent")
    assert label in [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_cell_where_the_linear_model_beats_every_network_says_so() -> None:
    linear = MAP.pairs[MAP.pairs["family"] == "linear"]
    beaten = linear.groupby(["setting", "seq_len"])["outcome"].agg(
        lambda names: (names == "ar").all()
    )
    figure = draw(MAP)
    marks = [text for text in figure.axes[0].texts if text.get_text() == "linear model better"]
    assert 0 < beaten.sum() == len(marks) < len(beaten)
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "linear model better than every network" in legend


def test_below_the_map_every_row_has_its_curves_and_three_ticks() -> None:
    _, *curves = draw(MAP).axes
    assert [axes.get_title("left") for axes in curves] == ["As in the tutorial", "Tuned"]
    for axes, setting in zip(curves, ("tutorial", "tuned"), strict=True):
        lines = {line.get_label(): line for line in axes.lines}
        assert list(lines) == ["LSTM", "Transformer", "Oracle", "Linear model"]
        lstm = MAP.scores[MAP.scores["predictor"] == "lstm"].set_index("setting").loc[setting]
        assert np.array_equal(lines["LSTM"].get_ydata(), lstm["mse"])
        assert len(axes.get_yticks()) >= 3
