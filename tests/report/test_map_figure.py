"""The map as a picture: whatever the map, in both languages, and true to its cells."""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle

import numpy as np
import pandas as pd
import pytest
from drawn_words import check_words
from made_up import make_map, make_params
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from seqcompare.report.figures.map import NEUTRAL, draw_map, map_pictures
from seqcompare.report.figures.style import in_style
from seqcompare.report.language import LANGUAGES, load_language
from seqcompare.report.results import Map
from seqcompare.report.words import COLOURS

EN = load_language("en")
MAP = make_map()


def changed(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Map:
    return replace(MAP, scores=change(MAP.scores), pairs=change(MAP.pairs))


def lengths(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """The first column, at so many lengths."""
    first = table[table["seq_len"] == 10]
    return pd.concat([first.assign(seq_len=10 * (i + 1)) for i in range(count)])


def two_scales(table: pd.DataFrame) -> pd.DataFrame:
    """At two values of one more key of the grid."""
    both = pd.concat([table, table], ignore_index=True)
    both.insert(2, "data.scale", np.repeat(["standard", "a_long_word"], len(table)))
    return both


def with_cell(found: Map, length: int, outcome: str, factor: float = 1) -> Map:
    """One cell of the first row with this outcome, at so many times its networks' errors."""
    pairs, scores = found.pairs.copy(), found.scores.copy()
    at = "setting == 'tutorial' and seq_len == @length"
    pairs.loc[pairs.query(f"{at} and family == 'models'").index, "outcome"] = outcome
    networks = scores.query(f"{at} and predictor in ('lstm', 'transformer')").index
    scores.loc[networks, ["mse", "low", "high"]] *= factor
    persistence = pairs.query(f"{at} and family == 'persistence'").index
    pairs.loc[persistence, ["ratio", "low", "high"]] *= factor
    return replace(found, pairs=pairs, scores=scores)


MAPS = {
    "as made": MAP,
    "in Chinese": MAP,
    "every outcome": with_cell(
        with_cell(with_cell(MAP, 10, "equivalent"), 20, "transformer"), 50, "lstm", 60
    ),
    "one cell": changed(lambda table: lengths(table, 1)),
    "ten columns": changed(lambda table: lengths(table, 10)),
    "four rows": changed(two_scales),
    "three models": make_map(("lstm", "transformer", "gru")),
}


def draw(found: Map, language: str = "en") -> Figure:
    """With words that are whole and apart."""
    with in_style():
        figure = draw_map(found, make_params(), load_language(language))
        assert not any("−0" in text for text in check_words(figure))
    return figure


@pytest.mark.parametrize(("name", "language"), [*zip(MAPS, cycle(LANGUAGES))])
def test_no_words_of_a_map_overlap_or_are_cut(name: str, language: str) -> None:
    draw(MAPS[name], language)


def test_a_map_of_many_series_has_no_curves_of_errors_in_several_units() -> None:
    many = make_map(data={"source": "csv", "path": "data/input/many.csv", "id": "city"})
    assert len(draw(MAP).axes) == 3
    assert len(draw(many).axes) == 1


def test_the_same_map_gives_the_same_bytes() -> None:
    first, second = (map_pictures(MAPS["one cell"], make_params(), EN) for _ in range(2))
    assert first == second
    assert list(first) == ["png", "svg"]


@pytest.mark.parametrize(
    ("outcome", "factor", "colour", "label"),
    [
        ("lstm", 1, COLOURS[0], "LSTM better"),
        ("transformer", 1, COLOURS[1], "Transformer better"),
        ("equivalent", 1, NEUTRAL["equivalent"]["fc"], "equal within 5 %"),
        ("undecided", 1, NEUTRAL["undecided"]["fc"], "undecided"),
        ("lstm", 60, NEUTRAL["unlearned"]["fc"], "worse than persistence"),
    ],
)
def test_a_cell_has_the_colour_of_its_outcome(
    outcome: str, factor: float, colour: str, label: str
) -> None:
    figure = draw(with_cell(MAP, 10, outcome, factor))
    cell = figure.axes[0].patches[0]
    assert isinstance(cell, Rectangle)
    assert to_hex(cell.get_facecolor()).upper() == colour
    assert bool(cell.get_hatch()) == (outcome == "equivalent")
    assert label in [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_cell_where_the_linear_model_beats_every_network_says_so() -> None:
    linear = MAP.pairs[MAP.pairs["family"] == "linear"].assign(won=lambda t: t["outcome"] == "ar")
    beaten = linear.groupby(["setting", "seq_len"])["won"].all()
    figure = draw(MAP)
    marks = [text for text in figure.axes[0].texts if text.get_text() == "linear model better"]
    assert 0 < beaten.sum() == len(marks) < len(beaten)
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "linear model better than every network" in legend
