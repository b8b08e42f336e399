"""params.yaml is YAML 1.2, as DVC writes it, in which a number is a number, and a word a word."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.errors import InputError
from seqcompare.core.yaml import load_yaml, parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-05", 1e-5), ("1e5", 1e5), ("-.5", -0.5), ("+1.", 1.0), (".inf", float("inf")),
        ("20", 20), ("-3", -3), ("010", 10), ("1_000", "1_000"), ("0x14", "0x14"), ("1:30", "1:30"),
        ("true", True), ("False", False), ("no", "no"), ("on", "on"), ("yes", "yes"), ("y", "y"),
        ("null", None), ("~", None), ("2024-01-31", "2024-01-31"), ("'20'", "20"), ("1.2", 1.2),
        ("[1, 1e-3, a]", [1, 1e-3, "a"]), ("{a: {b: 1}}", {"a": {"b": 1}}),
    ],
)  # fmt: skip
def test_a_scalar_is_what_yaml_1_2_says(text: str, value: Any) -> None:
    assert parse_yaml(f"key: {text}".encode(), "x") == {"key": value}
    assert type(parse_yaml(f"key: {text}".encode(), "x")["key"]) is type(value)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.booleans())
def test_a_number_is_read_as_dvc_and_people_write_it(value: float) -> None:
    for text in (repr(value).lower(), yaml.safe_dump(value).split("\n")[0]):
        assert parse_yaml(f"key: {text}".encode(), "x") == {"key": value}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no settings"),
        (b"- 1", "holds no settings"),
        (b"seq_len 20", "holds no settings"),
        (b"---\na: 1\n---\nb: 1\n", "not valid YAML: expected a single document"),
        (b"seq_len: [", "not valid YAML"),
        (b"seq_len: " + b"9" * 5000, "not valid YAML: Exceeds the limit"),
        (b"seq_len: !!python/object/apply:os.system [ls]", "not valid YAML: could not determine"),
        (b"? {a: 1}\n: 3", "not valid YAML"),
        (b"a: {b: 1, b: 2}\n", "not valid YAML: b stands there twice"),
        (b"seq_len: 20\n\xff", "not valid YAML"),
        (b"a: " + b"[" * 100_000, "not valid YAML: its mappings and lists are more than 100 deep"),
    ],
    ids=range(11),
)
def test_what_holds_no_settings_is_refused_in_one_line(content: bytes, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_yaml(content, "params.yaml")
    assert str(caught.value).startswith(f"params.yaml: {says}")
    assert str(caught.value).isprintable()


@pytest.mark.usefixtures("in_tmp")
def test_a_missing_file_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match=r"^params\.yaml: cannot be read: No such file"):
        load_yaml(Path("params.yaml"))
