"""Provenance: one record, of which one part decides bytes; hashes of code; the last commit."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from seqcompare.execution import provenance
from seqcompare.execution.git import committed, committed_json, committed_yaml
from seqcompare.execution.provenance import difference, environment, rooms_code, trial_code

EPYC = "processor: 0\ncpu family\t: {}\nmodel\t\t: {}\nmodel name\t: AMD EPYC\n\nprocessor: 1\n"


@pytest.mark.parametrize(
    ("key", "value", "fast", "portable"),
    [
        ("torch", "2.0.0", True, True), ("scipy", "1.0.0", True, True),
        ("python", "3.9", True, True), ("system", "Darwin arm64", True, True),
        ("cpu_capability", "NEON", True, True), ("variables", "MKL_CBWR=AVX2", True, True),
        ("processor", "AMD EPYC, cpu family 26", True, False), ("bfloat16", "other", True, False),
        ("cores", 99, False, False), ("dvc", "1.0", False, False), ("code", "abc", False, False),
    ],
)  # fmt: skip
def test_what_decides_bytes_is_named_in_one_line(
    key: str, value: object, fast: bool, portable: bool
) -> None:
    for reproducibility, decides in {"fast": fast, "portable": portable}.items():
        before = environment(reproducibility)
        line = difference({**before, key: value}, before) or ""
        assert (f"({key} is {value}, was " in line) == bool(line) == decides
        assert ("portable` avoids" in line) == (decides and key in provenance.PROCESSOR)
        assert "\n" not in line


def test_a_record_of_older_code_is_a_difference_and_no_crash() -> None:
    assert "torch is " in str(difference(environment("fast"), {"python": "3.11.1"}))


def test_two_generations_of_one_processor_name_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    def record(family: int, model: int) -> dict[str, Any]:
        monkeypatch.setattr(Path, "read_text", lambda *_, **__: EPYC.format(family, model))
        monkeypatch.setattr(provenance, "version", lambda _: "1.0")
        return environment("fast")

    zen4, zen5 = record(25, 17), record(26, 2)
    assert zen4["processor"] == "AMD EPYC, cpu family 25, model 17"
    assert "(processor is " in str(difference(zen5, zen4))


@pytest.mark.parametrize(
    ("changed", "lstm", "any_model", "report"),
    [
        ("core/a.py", True, True, False),
        ("training/b/a.py", True, True, False),
        ("models/kernels/a.py", True, True, False),
        ("models/operations.py", True, True, False),
        ("models/lstm.py", True, True, False),
        ("models/gru.py", False, True, False),
        ("report/a.py", False, False, True),
    ],
)
def test_a_hash_of_code_changes_with_the_files_that_train(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch, changed: str, lstm: bool, any_model: bool,
    report: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(provenance, "PACKAGE", in_tmp)
    Path(changed).parent.mkdir(parents=True)

    def hashes(content: str) -> list[str]:
        Path(changed).write_text(content)
        uncached = trial_code.__wrapped__
        return [uncached("lstm"), uncached("*"), rooms_code.__wrapped__("report")]

    before = hashes("# first")
    assert hashes("# first") == before
    differs = [now != then for now, then in zip(hashes("# changed"), before, strict=True)]
    assert differs == [lstm, any_model, report]


def test_the_last_commit_is_read_and_nothing_is_no_error(in_tmp: Path) -> None:
    assert committed(Path("a.json")) is None
    for name, content in {"a.json": '{"a": 1}', "a.yaml": "a: 1e-05", "bad": "[}"}.items():
        (in_tmp / name).write_text(content)
    for command in ("init -q", "add .", "-c user.name=t -c user.email=t commit -q -m first"):
        subprocess.run(["git", *command.split()], cwd=in_tmp, check=True)
    (in_tmp / "a.json").write_text('{"a": 2}')
    assert committed_json(Path("a.json")) == {"a": 1}
    assert committed_yaml(Path("a.yaml")) == {"a": 1e-5}
    for name in ("no", "bad"):
        assert committed_json(Path(name)) == committed_yaml(Path(name)) == {}
