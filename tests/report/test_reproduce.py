"""Commands that a page prints to make its run again."""

import hashlib
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.hydra import apply_overrides
from made_up import CSV, make_params

from seqcompare.core import paths
from seqcompare.core.params import merged
from seqcompare.core.yaml import load_yaml
from seqcompare.report.reproduce import commands, overrides

TEXTS = ("null", "True", "1", "1e3", "nan", "", "a'b\"c", "{x}", "[1,2]", "a=b", "ü 中", "~",
         "a/b.csv", "data/input/my file.csv", "T (degC)", "#Passengers")  # fmt: skip


@pytest.mark.parametrize("value", [*TEXTS, True, -9, 0.5, 1e-5, None, [1, "1", *TEXTS]])
def test_what_is_printed_makes_the_new_settings_of_the_old_ones(tmp_path: Path, value: Any) -> None:
    old = {"kept": 1, "gone": 2, "changed": "x", "s": {"a": 1, "b": "x", "gone": [1]}}
    new = {"kept": 1, "changed": value, "s": {"a": value, "b": "x", "new": value}, "t": {"a": 1}}
    path = tmp_path / "params.yaml"
    path.write_text(json.dumps(old), encoding="utf-8")
    apply_overrides(path, list(overrides(old, new)))
    assert load_yaml(path) == new


@pytest.fixture(autouse=True)
def _scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paths.SCORES.parent.mkdir(parents=True)
    paths.SCORES.write_bytes(b"scores")


def printed(**changes: Any) -> list[str]:
    """For a run with those settings, where the last commit has the default ones."""
    committed = make_params().model_dump(mode="json")
    return commands(merged(committed, changes), committed).replace("\\\n", "").splitlines()


def test_the_committed_run_is_made_again_by_make_run() -> None:
    digest = hashlib.sha256(b"scores").hexdigest()
    assert printed(executor={"workers": 1})[1:] == [
        "make run", f"echo '{digest}  'reports/scores.csv | sha256sum --check",
    ]  # fmt: skip


def test_a_csv_is_compared_before_anything_runs_and_its_names_are_quoted() -> None:
    file = Path("data/input/my $(touch x).csv")
    file.parent.mkdir(parents=True)
    file.write_text("1")
    lines = printed(seeds=[0, 1], data={**CSV, "path": str(file), "value": "温度 (°C)"})
    assert Path(shlex.split(lines[1])[1].split("  ")[1]) == file
    assert {"seeds=[0,1]", 'data.value="温度 (°C)"'} < set(shlex.split(lines[3]))
