"""Maps: what a cell says, and what a map is of wherever it is not of the page's own run."""

from typing import Any

import numpy as np
import pytest
from made_up import CSV, make_map, make_params

from seqcompare.core.params import Params, merged
from seqcompare.report import map as maps
from seqcompare.report.language import load_language

EN = load_language("en")
TITLE = "Which model is better, by window length (seq_len)?"


def test_a_cell_names_the_better_model_or_says_that_it_is_open() -> None:
    found = make_map()
    rows = maps.rows_of(found, EN)
    assert list(rows) == ["As in the tutorial", "Tuned"]
    cells = [cell for row in rows.values() for cell in row]
    assert [cell.column for cell in cells] == ["10", "20", "50", "100"] * 2
    for cell in cells:
        if cell.outcome in ("undecided", "equivalent"):
            assert (cell.lines[0] in ("undecided", "equal within 5 %"), cell.colour) == (True, "")
        else:
            assert cell.lines[0].endswith("% lower")
            assert cell.colour in ("#0072B2", "#C45500")
        assert ("linear model better" in cell.lines) == cell.linear_beats_all
    won = sum(cell.outcome == "lstm" for cell in cells)
    assert f"LSTM better in {won}" in maps.tally(found, EN)


def test_the_only_model_is_alone_in_its_cells() -> None:
    cell = maps.rows_of(make_map(["lstm"]), EN)["Tuned"][3]
    assert cell.outcome == "alone"
    assert cell.lines[0] == "LSTM"
    assert cell.lines[1].startswith("MSE 0.01")


def test_a_model_that_loses_to_persistence_wins_no_cell() -> None:
    found = make_map()
    found.pairs.loc[found.pairs["family"] == "persistence", "ratio"] = 1.2
    cells = [cell for row in maps.rows_of(found, EN).values() for cell in row]
    assert {cell.lines[0] for cell in cells} == {"worse than persistence"}


@pytest.mark.parametrize(
    ("changes", "of"),
    [
        ({}, ""),
        ({"seq_len": 50}, ""),  # the map's own axis
        ({"executor": {"workers": 1}}, ""),
        ({"training": {"epochs": 40}}, " Here with training.epochs 20."),
        ({"models": {"lstm": {"hidden_size": 32}}}, " Here with models.lstm.hidden_size 64."),
        ({"models": {"gru": {"hidden_size": 8}}}, " Models: LSTM and Transformer."),
        ({"data": {"noise": 1 / 3, "size": 500}}, " Here with data.size 1000, data.noise 0.1."),
        ({"data": CSV}, " Data: the built-in sine."),
        ({"data": CSV, "training": {"epochs": 40}},
         " Data: the built-in sine. Here with training.epochs 20."),
    ],
)  # fmt: skip
def test_a_map_says_what_it_is_of_unless_it_is_of_the_pages_run(
    changes: dict[str, Any], of: str
) -> None:
    here = merged(make_params(trials=10, test=180).model_dump(mode="json"), changes)
    assert maps.map_title(make_map(), Params.model_validate(here), EN) == TITLE + of


def test_a_colleagues_map_names_its_file() -> None:
    title = maps.map_title(make_map(data=CSV), make_params(), EN)
    assert "Data: data/input/load.csv, load." in title


def test_values_in_a_title_are_short() -> None:
    title = maps.map_title(make_map(data={"x_max": 100.05005005}), make_params(2, 10, 180), EN)
    assert title == f"{TITLE} Here with data.x_max 100.05."


def test_a_second_key_of_the_grid_makes_rows_and_null_is_a_value() -> None:
    found = make_map()
    for table in (found.scores, found.pairs):
        table.insert(2, "split.train", np.where(table["seq_len"] < 30, 100.0, np.nan))
    assert {label: len(row) for label, row in maps.rows_of(found, EN).items()} == {
        "As in the tutorial, split.train 100": 2, "As in the tutorial, split.train null": 2,
        "Tuned, split.train 100": 2, "Tuned, split.train null": 2,
    }  # fmt: skip
