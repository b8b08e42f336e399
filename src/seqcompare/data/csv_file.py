"""Columns of a CSV file as text, each cell with its row and line, whatever the file holds."""

import csv
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqcompare.core.errors import InputError
from seqcompare.core.limits import LARGEST_SERIES
from seqcompare.core.paths import INPUT

LARGEST_FILE = 1_000_000_000  # bytes
SEPARATORS = ";\t|"  # that other programs write for a comma
IN_DVC_CACHE = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")  # where `dvc add` may link to


@dataclass(frozen=True)
class Column:
    """One column of a file, from the first row below the header on."""

    path: str
    name: str
    cells: Sequence[str]  # [row], as they stand in the file
    lines: Sequence[int]  # [row], counted from 1: a quoted cell may go over several

    def place(self, row: int) -> str:
        """Where a cell stands, as errors say it. row: counted from 0."""
        return f"{self.path}: row {row + 1} (line {self.lines[row]}), column {self.name:.60}"

    def error(self, row: int, complaint: str) -> InputError:
        return InputError(f"{self.place(row)}: {self.cells[row]!r:.60} {complaint}")


def read_columns(path: str, names: Sequence[str]) -> list[Column]:
    """The columns of these names.

    Raises InputError, with row and line where there is one, for a file that is no CSV table in
    UTF-8, for a row that is blank, longer or shorter than the header, and for a column that is
    missing or there twice.
    """
    file = _file_to_read(path)
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            return _columns(_rows(_lines(text, path), path), path, names)
    except UnicodeDecodeError:
        raise _not_utf_8(file, path) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _file_to_read(path: str) -> Path:
    """Raises InputError, before anything is read, for what is no file of data/input."""
    try:
        target = Path(os.path.realpath(path))
        found = target.stat()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be read: {reason}") from None
    inside = target.is_relative_to(Path.cwd().resolve() / INPUT)
    if not inside and not IN_DVC_CACHE.search(target.as_posix()):
        raise InputError(
            f"{path}: leads out of {INPUT}/ by a link: put a copy of the file there instead"
        )
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{path}: is no regular file: give the path of a CSV file")
    if found.st_size > LARGEST_FILE:
        raise InputError(
            f"{path}: has {found.st_size:,} bytes: at most {LARGEST_FILE:,} are read: "
            "keep the columns that you need"
        )
    return target


def _not_utf_8(file: Path, path: str) -> InputError:
    content = file.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return InputError(f"{path}: is UTF-16, from line 1 on: save the file as UTF-8")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = len(re.findall(rb"\r\n|\r|\n", before)) + 1
        return InputError(
            f"{path}: line {line} holds a byte, {content[error.start]:#04x}, that is no UTF-8: "
            "save the file in that encoding"
        )
    return InputError(f"{path}: changes while it is read: try again")


def _lines(text: Iterator[str], path: str) -> Iterator[str]:
    for number, line in enumerate(text, start=1):
        if "\0" in line:
            raise InputError(
                f"{path}: line {number} holds a zero byte, as no text does: save the file as UTF-8"
            )
        yield line


def _rows(lines: Iterator[str], path: str) -> Iterator[tuple[int, list[str]]]:
    """The line that each row begins on, and its fields; row 0 is the header.

    Blank lines before the header and at the end are passed over. One between two rows may be a
    value that is missing: to pass over it would move all that follow by a step.
    """
    reader = csv.reader(lines, strict=True)
    row, begins = 0, 1
    blank = None
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            where = f"row {row} (line {begins})" if row else f"the header (line {begins})"
            raise InputError(f"{path}: {where}: not a CSV table: {error}") from None
        if not fields:
            blank = blank or begins
        elif blank and row:
            raise InputError(
                f"{path}: row {row} (line {blank}) is blank: delete the line; if a value is "
                'missing there, write ""'
            )
        else:
            blank = None
            yield begins, fields
            row += 1
        begins = reader.line_num + 1


def _columns(
    rows: Iterator[tuple[int, list[str]]], path: str, names: Sequence[str]
) -> list[Column]:
    _, header = next(rows, (1, None))
    if header is None:
        raise InputError(f"{path}: not a CSV table: it is empty")
    places = [_place_in(header, name, path) for name in names]
    cells: list[list[str]] = [[] for _ in names]
    lines: list[int] = []
    for row, (line, fields) in enumerate(rows, start=1):
        if len(fields) != len(header):
            raise InputError(
                f"{path}: row {row} (line {line}) has {len(fields)} fields, but the header has "
                f"{len(header)}: fields end at commas, and decimals begin with a point"
            )
        if row > LARGEST_SERIES:
            raise InputError(
                f"{path}: row {row} (line {line}) is one too many: at most {LARGEST_SERIES:,} "
                "are read"
            )
        lines.append(line)
        for column, place in zip(cells, places, strict=True):
            column.append(fields[place])
    return [Column(path, name, column, lines) for name, column in zip(names, cells, strict=True)]


def _place_in(header: list[str], name: str, path: str) -> int:
    if header.count(name) == 1:
        return header.index(name)
    if name in header:
        raise InputError(
            f"{path}: the header has {header.count(name)} columns {name:.60}: rename the others"
        )
    some = ", ".join(f"{column!r:.30}" for column in header[:10])
    more = ", …" if len(header) > 10 else ""
    raise InputError(
        f"{path}: the header has no column {name:.60}: its columns are {some}{more}"
        + _hint_of_separator(header)
    )


def _hint_of_separator(header: list[str]) -> str:
    for sign in SEPARATORS:
        if len(header) == 1 and sign in header[0]:
            return f": save the file with commas, not {sign!r}, between fields"
    return ""
