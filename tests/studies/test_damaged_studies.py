"""Damage of what the claims are made from ends in one line that names the file, or changes nothing.

Every entry of every file is taken out once, and once replaced by a word.
"""

import copy
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Project

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.params import load_params
from seqcompare.studies.claims.evidence import gather_evidence
from seqcompare.studies.claims.results import conclude

JSONS = (paths.COMPARISON, paths.LOOKBACK.with_suffix(".json"), paths.environment("lstm"))
TABLES = (
    paths.COST_TIMINGS, paths.OPERATIONS, paths.TRAINING_REFERENCE, paths.history("lstm"),
    paths.epoch_seconds("transformer"), paths.of_model(paths.ADDING_PROBLEM, "lstm"),
    paths.of_model(paths.ADDING_PROBLEM_SECONDS, "transformer"),
)  # fmt: skip
WORD = "word"


def damaged_jsons(content: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every entry, from the top: keys and positions."""
    if at:
        yield at
    if isinstance(content, dict | list):
        inside = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in inside:
            yield from damaged_jsons(value, (*at, key))


def without(content: Any, at: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(content)
    above = changed
    for key in at[:-1]:
        above = above[key]
    del above[at[-1]]
    return changed


def with_a_word(content: Any, at: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(content)
    above = changed
    for key in at[:-1]:
        above = above[key]
    above[at[-1]] = WORD
    return changed


def texts_of_json(text: str) -> Iterator[str]:
    content = json.loads(text)
    for at in damaged_jsons(content):
        yield json.dumps(without(content, at))
        yield json.dumps(with_a_word(content, at))


def texts_of_table(text: str) -> Iterator[str]:
    """Without each column, without the last row, and with a word or nothing in its cells."""
    rows = list(csv.reader(text.splitlines()))
    yield written(rows[:-1])
    yield written(rows[:1])
    for column in range(len(rows[0])):
        yield written([row[:column] + row[column + 1 :] for row in rows])
        for cell in (WORD, "", "-1", "nan"):
            last = [*rows[-1][:column], cell, *rows[-1][column + 1 :]]
            yield written([*rows[:-1], last])


def written(table: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in table)


def line_of(error: InputError) -> str:
    (line,) = str(error).splitlines()
    return line


@pytest.mark.slow
@pytest.mark.parametrize("file", [*JSONS, *TABLES], ids=str)
def test_damage_is_one_line_that_names_the_file(
    finished_project: Project, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished_project.path)
    params = load_params()
    whole = file.read_text()
    tried = refused = 0
    try:
        for text in (texts_of_json if file.suffix == ".json" else texts_of_table)(whole):
            file.write_text(text)
            tried += 1
            try:
                found = gather_evidence(
                    params.models, params.seq_len, params.data, params.adding_problem,
                    params.evaluation,
                )  # fmt: skip
                conclude(found, params.evaluation)
            except InputError as error:
                refused += bool(line_of(error))
    finally:
        file.write_text(whole)
    print(f"{file}: {tried} damaged, {refused} refused, the others without a traceback")
    assert refused
