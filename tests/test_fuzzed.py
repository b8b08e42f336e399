"""Files of users, made up at random: read as they stand, or refused in one short line.

Each test tries 100 files; with `--full`, 2,000.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
import yaml
from conftest import ROOT, default_settings
from hypothesis import event, given
from hypothesis import strategies as st
from pandas.api.types import is_float_dtype

from seqcompare.core.errors import InputError
from seqcompare.core.params import Data, checked, load_params
from seqcompare.core.study_params import Map, load_studies
from seqcompare.core.yaml import load_yaml
from seqcompare.data.csv import LARGEST, read_csv
from seqcompare.studies.cells import make_cells

pytestmark = pytest.mark.usefixtures("in_tmp")
LOADERS: dict[str, Callable[[Path], object]] = {
    "params.yaml": load_params,
    "studies/params.yaml": load_studies,
}
SMALL_MAP = {
    "seeds": [0], "params": {"data": {"size": 300}, "split": {"test": 100}},
    "grid": {"seq_len": [4, 20], "split": {"train": [50, 100]}}, "settings": {"tutorial": {}},
}  # fmt: skip


def accepted(action: Callable[[], object], file: str) -> bool:
    """False where it raises InputError, which must be short and name the file."""
    try:
        action()
    except InputError as error:
        line = str(error)
        assert line.startswith(f"{file}: ")
        assert line.isprintable()
        assert len(line) < 400
        event("refused")
        return False
    event("accepted")
    return True


# --- params -------------------------------------------------------------------------------------

NUMBERS = st.integers(-3, 300) | st.floats(-2, 2) | st.sampled_from([10**30, 2**64, float("nan")])
KNOWN = st.sampled_from(["csv", "each", "dask", "best", "auto", "models", "seq_len", "learned"])
WORDS = KNOWN | st.text(max_size=20) | st.sampled_from(["x" * 1000, "\x1b" * 100])
PLAIN = st.none() | st.booleans() | NUMBERS | WORDS
VALUES = st.recursive(
    PLAIN, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(PLAIN, inside, max_size=3)
)


def sections(content: Any) -> list[Any]:
    """All mappings and lists in it that hold anything, itself among them."""
    if not content or not isinstance(content, dict | list):
        return []
    inside = content.values() if isinstance(content, dict) else content
    return [content, *(each for value in inside for each in sections(value))]


def mutate(draw: st.DrawFn, content: Any, values: st.SearchStrategy[Any]) -> None:
    """Delete, add, rename or replace one key of it, at any depth."""
    section = draw(st.sampled_from(sections(content) or [content]))
    keys = list(section) if isinstance(section, dict) else list(range(len(section)))
    key = draw(st.sampled_from(keys)) if keys else "x"
    how = draw(st.sampled_from(["delete", "add", "rename", "replace", "replace"]))
    if how == "replace":
        section[key] = draw(values)
    elif how == "delete" and keys:
        del section[key]
    elif isinstance(section, list):
        section.insert(key, draw(values))
    elif how == "add":
        section[draw(PLAIN)] = draw(values)
    elif keys:
        section[draw(WORDS)] = section.pop(key)


@st.composite
def mutated(draw: st.DrawFn, content: Any, values: st.SearchStrategy[Any] = VALUES) -> Any:
    changed = deepcopy(content)
    for _ in range(draw(st.integers(1, 4))):
        mutate(draw, changed, values)
    return changed


@st.composite
def mutated_text(draw: st.DrawFn, text: str) -> str:
    """A few letters less, more or moved."""
    for _ in range(draw(st.integers(1, 3))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        end = min(end, start + draw(st.integers(0, 20)))
        text = (
            text[:start]
            + draw(st.text("ab01:,.-[]{}&*!|>'\"#%@? \n\t\0\x85é", max_size=5))
            + text[end:]
        )
    return text


@pytest.mark.parametrize("file", LOADERS)
@given(data=st.data())
def test_params_are_read_or_refused(file: str, data: st.DataObject) -> None:
    path, committed = Path(file), ROOT / file
    path.parent.mkdir(exist_ok=True)
    if data.draw(st.booleans()):
        text = yaml.safe_dump(data.draw(mutated(load_yaml(committed))), allow_unicode=True)
    else:
        text = data.draw(mutated_text(committed.read_text(encoding="utf-8")))
    path.write_text(text, encoding="utf-8")
    accepted(lambda: LOADERS[file](path), file)


@given(mutated(SMALL_MAP, PLAIN))
def test_the_cells_of_a_map_are_made_or_refused(content: dict[str, Any]) -> None:
    file = "studies/params.yaml"
    params = load_params(ROOT / "params.yaml")
    accepted(
        lambda: make_cells("small", params, checked(Map, content, f"{file}: maps.small.")), file
    )


# --- CSV files ----------------------------------------------------------------------------------

OWN = Path("data/input/own.csv")
FIT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffd"), max_size=8)
FLOATS = st.floats(-LARGEST, LARGEST).map(repr) | st.integers(-(10**15), 10**15).map(str)
NOTATIONS = st.from_regex(r"\A[+-]?([0-9]{1,5}\.?[0-9]{0,9}|\.[0-9]{1,9})([eE][+-]?[01])?\Z")
GOOD = (FLOATS | NOTATIONS).map(lambda text: f" {text}\t") | FLOATS | NOTATIONS
ODD = st.text("0123456789.-+eE,\"'\n\r\t ;:/%TZ_x٣\0\x1c\u2028−", max_size=6) | st.sampled_from(
    ["1,5", "1.234,5", "1_000", "0x10", "5%", "inf", "-", "１", "1e400", "2024-01-01", "x"]
)  # fmt: skip
GAPS = st.sampled_from(["", "NA", "n/a", "NaN", "null", "  "])
IDS = st.sampled_from(["a", "b", "07", "ä", 'x, "y"'])
MARKS = st.sampled_from(["", "\ufeff"])
FORMS = {
    "%Y-%m-%d": timedelta(1), "%Y/%m/%d": timedelta(1), "%Y-%m": timedelta(31),
    "%Y-%m-%d %H:%M": timedelta(minutes=1), "%Y-%m-%dT%H:%M:%SZ": timedelta(seconds=1),
}  # fmt: skip


class Table(NamedTuple):
    """A table, the bytes that it is written as, and whether these keep all rules."""

    cells: pd.DataFrame  # columns value, t, id, x: text
    content: bytes
    is_good: bool


@st.composite
def times(draw: st.DrawFn, rows: int) -> list[str]:
    """Ascending numbers or dates of one kind."""
    steps = [*accumulate(draw(st.lists(st.integers(1, 50), min_size=rows, max_size=rows)))]
    if draw(st.booleans()):
        return [str(step) for step in steps]
    start = draw(st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)))
    form = draw(st.sampled_from(list(FORMS)))
    return [(start + step * FORMS[form]).strftime(form) for step in steps]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows, is_good = draw(st.integers(1, 8)), draw(st.booleans())
    kinds = {"value": GOOD if is_good else GOOD | GOOD | GAPS | ODD, "id": IDS, "x": FIT}
    columns = {
        name: draw(st.lists(cells, min_size=rows, max_size=rows)) for name, cells in kinds.items()
    }
    columns["t"] = draw(times(rows))
    if not is_good and draw(st.booleans()):
        columns[draw(st.sampled_from(["t", "id"]))][-1] = draw(ODD)
    cells = pd.DataFrame(columns)[draw(st.permutations(list(columns)))]
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    quoted = re.compile(draw(st.sampled_from(["", '[,"\r\n]'])))  # all cells, or those that need it
    lines = [list(cells), *cells.to_numpy().tolist()]
    if not is_good and draw(st.booleans()):
        line = draw(st.sampled_from(lines[:-1]))
        line[:] = draw(st.sampled_from([[], line[:-1], [*line, ""], [";".join(line)]]))
    written = [
        ",".join('"' + c.replace('"', '""') + '"' if quoted.search(c) else c for c in line)
        for line in lines
    ]
    content = draw(MARKS) + end.join([*written, *[""] * draw(st.integers(0, 2))])
    return Table(cells, content.encode(), is_good)


@given(tables(), st.booleans(), st.booleans(), st.sampled_from(["refuse", "ffill"]))
def test_a_csv_file_is_read_as_pandas_reads_its_cells_or_refused(
    table: Table, timed: bool, with_ids: bool, missing: str
) -> None:
    OWN.parent.mkdir(parents=True, exist_ok=True)
    OWN.write_bytes(table.content)
    named = {"time": "t" if timed else None, "id": "id" if with_ids else None, "missing": missing}
    data = Data(**{**default_settings()["data"], "source": "csv", "path": str(OWN), **named})
    if not accepted(lambda: read_csv(data), str(OWN)):
        assert not table.is_good
        return
    found = read_csv(data)[0]
    cells = table.cells.apply(lambda column: column.str.strip(" \t"))
    ids = cells["id"] if with_ids else pd.Series("value", cells.index)
    gaps = cells["value"].str.lower().isin(["", "na", "n/a", "nan", "null"])
    values = cells["value"].mask(gaps).astype(float).groupby(ids).ffill()
    wanted = pd.DataFrame({"series": ids, "value": values, "t": cells["t"].str.replace("/", "-")})
    wanted = pd.concat([wanted[ids == name] for name in ids.unique()])
    assert found["series"].tolist() == wanted["series"].tolist()
    assert found["value"].tolist() == wanted["value"].tolist()
    if timed:
        kind = float if is_float_dtype(found["time"]) else str
        assert found["time"].tolist() == wanted["t"].astype(kind).tolist()
    assert ("filled" in found) == gaps.any()
