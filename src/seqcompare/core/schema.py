"""Schemas of files with settings or facts, checked strictly: the first mistake is one line."""

import difflib
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from seqcompare.core.errors import InputError, ParamsError

LARGEST_FILE = 100_000  # bytes of YAML
MOST_BRACKETS = 1000  # in it, which take ruamel seconds


class Section(BaseModel):
    """A block of a file. Unknown keys and silently converted types are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


S = TypeVar("S", bound=Section)
_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = 60


def load_yaml(path: Path, largest: int = LARGEST_FILE) -> Any:
    """What a YAML file says: plain values only, nothing that a tag would have Python make.

    Raises InputError for a file that is missing, larger than so many bytes, or no YAML.
    """
    try:
        if path.stat().st_size > largest:
            size = path.stat().st_size
            raise InputError(f"{path}: has {size} bytes: at most {largest} are read")
        brackets = sum(path.read_bytes().count(sign) for sign in (b"[", b"{"))
        if brackets > MOST_BRACKETS:
            raise InputError(f"{path}: opens {brackets} brackets: at most {MOST_BRACKETS} are read")
        with path.open("rb") as file:
            return YAML(typ="safe", pure=True).load(file)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except RecursionError:
        raise InputError(f"{path}: not valid YAML: nested too deeply") from None
    except (YAMLError, ValueError, TypeError, AttributeError, LookupError) as error:
        # beside its own errors, ruamel lets through what a bad date, number or key ends in
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not valid YAML: {reason[:300]}") from None


def load_settings(kind: type[S], path: Path, where: str) -> S:
    """A YAML file of settings. Raises InputError for the first that is wrong."""
    content = load_yaml(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no settings: it must be a mapping like `seq_len: 20`")
    return checked(kind, content, where)


def shown(value: object) -> str:
    """A value as an error quotes it, however large it is."""
    try:
        return f"{_short.repr(value):.60}"
    except ValueError:  # a number of more digits than Python prints
        return "a number of thousands of digits"


def checked(kind: type[S], content: dict[str, Any], where: str) -> S:
    """`content` as a `kind`, or an InputError that names the first wrong key.

    where: the file that holds it.
    """
    try:
        return checked_params(kind, content)
    except ParamsError as error:
        raise InputError(f"{where}: {error.message}") from None


def checked_params(kind: type[S], content: dict[str, Any], parent: str = "") -> S:
    """The same for part of a file of settings. parent: the key above it, ending in a dot.

    Raises ParamsError, which leaves the file's name to its reader.
    """
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise ParamsError(_one_line(kind, error, content, parent)) from None


def _one_line(
    kind: type[Section], error: ValidationError, content: Mapping[str, Any], parent: str
) -> str:
    by_place: dict[tuple[str, ...], list[Any]] = {}
    for each in error.errors():
        by_place.setdefault(_place(each, content), []).append(each)
    (place, (first, *alternatives)), *others = by_place.items()
    *above, name = place
    fields = _section_at(kind, above).model_fields
    key = parent + ".".join([*above, name])
    if first["type"] == "extra_forbidden":
        found = f"{key} is not a setting: those here are {', '.join(fields)}"
        close = difflib.get_close_matches(name, fields, n=1)
        return found + (f" (did you mean {close[0]}?)" if close else "")
    if first["type"] == "missing":
        found = f"{key} is missing"
    else:
        allowed = [each["msg"].removeprefix("Input should be ") for each in alternatives]
        found = f"{key} is {shown(first['input'])}: {' or '.join([first['msg'], *allowed])}"
    meaning = fields[name].description if name in fields else None
    more = f"; {len(others)} more to mend" if others else ""
    return found + (f" ({meaning})" if meaning else "") + more


def _place(error: ErrorDetails, content: Any) -> tuple[str, ...]:
    """The keys that lead to a value in the content, or to one that is missing there.

    What pydantic adds to them, for a key or a kind of value, leads nowhere.
    """
    *_, last = error["loc"]
    keys = []
    for key in error["loc"]:
        try:
            content = content[key]
        except (LookupError, TypeError):
            break
        keys.append(str(key))
    not_there = error["type"] in ("missing", "invalid_key")
    return (*keys, str(last)) if not_there else tuple(keys)


def _section_at(kind: type[Section], keys: list[str]) -> type[Section]:
    """The kind of section that the keys lead to; of a mapping to sections, a name is one key."""
    in_mapping = False
    for key in keys:
        if in_mapping:
            in_mapping = False
            continue
        field = kind.model_fields.get(key)
        inner = field.annotation if field else None
        if get_origin(inner) is dict:
            inner = get_args(inner)[1]
            in_mapping = True
        sections = [part for part in (inner, *get_args(inner)) if _is_section(part)]
        if not sections:
            return kind
        kind = sections[0]
    return kind


def _is_section(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)
