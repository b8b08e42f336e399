"""Commands that a page prints to make it again."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import default_settings, default_sweeps, merged
from dvc.utils.hydra import apply_overrides
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import make_content, make_results
from ruamel.yaml import YAML

from seqcompare.report.content import PageContent
from seqcompare.report.reproduce import (
    commands,
    overrides,
    reproduce_markdown,
    sweep_changes,
    sweep_commands,
)
from seqcompare.report.texts import load_texts

NAMES = st.sampled_from(("a", "b", "c_d"))
# No colon: DVC writes a text like 0:0 without quotes, and cannot read it again.
TEXTS = st.text("abz019 _-./=,{}[]()'\"éü中", min_size=1, max_size=8) | st.sampled_from(
    ("null", "True", "1", "1e3", "2020-01-31", "nan", "data/input/my file.csv")
)
NUMBERS = st.booleans() | st.integers(-9, 9) | st.sampled_from((0.5, 1e-5))
LEAVES = NUMBERS | TEXTS | st.lists(NUMBERS | TEXTS, max_size=3)


def settings_of(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some settings and some sections of settings."""
    flat = st.dictionaries(NAMES, leaves, max_size=2)
    sections = st.dictionaries(st.sampled_from(("s", "t")), flat, max_size=2)
    return st.tuples(flat, sections).map(lambda parts: parts[0] | parts[1])


@settings(max_examples=40)
@given(old=settings_of(LEAVES), new=settings_of(LEAVES | st.none()))
def test_what_is_printed_makes_the_new_settings_of_the_old_ones(
    tmp_path_factory: pytest.TempPathFactory, old: dict[str, Any], new: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("params") / "params.yaml"
    YAML(typ="safe").dump(old, path)
    changes = list(overrides(old, new))
    if changes:
        apply_overrides(path, changes)
    assert (YAML(typ="safe").load(path) or {}) == new


def content_of(**changes: Any) -> PageContent:
    """A run with those settings, where the last commit has the default ones."""
    committed = default_settings()
    changed = merged(committed, changes)
    return replace(make_content(make_results()), settings=changed, committed=committed)


def test_the_committed_run_is_made_again_by_make_run() -> None:
    assert "make run\n" in commands(content_of())
    assert "dvc exp run" not in commands(content_of())


def test_every_setting_that_is_not_the_committed_one_is_named() -> None:
    printed = commands(content_of(seq_len=8, seeds=[0, 1], data={"noise": 0.2}))
    line = printed.replace("\\\n", "")
    ran = next(each for each in line.splitlines() if each.startswith("dvc"))
    assert shlex.split(ran) == [
        "dvc", "exp", "run", "-S", "seq_len=8", "-S", "seeds=[0,1]", "-S", "data.noise=0.2",
    ]  # fmt: skip


def test_who_carries_trials_is_not_named() -> None:
    assert "executor" not in commands(content_of(executor={"workers": 1}))


def test_the_hash_of_a_csv_file_is_checked_before_anything_runs() -> None:
    data = {"source": "csv", "path": "data/input/my file.csv"}
    printed = commands(replace(content_of(data=data), data_digest="0a" * 32)).splitlines()
    assert printed[1] == f"echo '{'0a' * 32}  ''data/input/my file.csv' | sha256sum --check"
    assert Path(shlex.split(printed[1])[1].split("  ")[1]) == Path("data/input/my file.csv")


def test_without_a_commit_every_setting_is_named() -> None:
    printed = commands(replace(content_of(), committed={}))
    assert "++seq_len=20" in printed
    assert "++models.lstm.hidden_size=64" in printed


def changes_of(name: str, **changes: Any) -> list[str]:
    """Of a sweep, where sweeps/params.yaml differs so from the last commit's."""
    params, sweeps = default_settings(), default_sweeps()
    return sweep_changes(name, (params, sweeps), (params, merged(sweeps, changes)))


def test_of_a_sweep_what_differs_for_it_is_named_and_nothing_of_another() -> None:
    sweeps = {"settings": {"seeds": [7]}, "data_amount": {"seeds": [8]}}
    assert changes_of("settings", base={"seq_len": 8}, sweeps=sweeps) == [
        "sweeps/params.yaml:base.seq_len=8", "sweeps/params.yaml:sweeps.settings.seeds=[7]",
    ]  # fmt: skip
    before, now = default_settings(), default_settings() | {"device": "cuda:0", "seq_len": 5}
    (change,) = sweep_changes("settings", (before, default_sweeps()), (now, default_sweeps()))
    assert change == 'device="cuda:0"'


def test_a_sweep_that_no_commit_has_is_made_of_what_is_named(tmp_path: Path) -> None:
    mine = {"seeds": [0], "grid": {"seq_len": [4, 8]}, "settings": {"tutorial": {}}}
    named = [change.split(":", 1)[1] for change in changes_of("mine", sweeps={"mine": mine})]
    path = tmp_path / "params.yaml"
    YAML(typ="safe").dump(default_sweeps(), path)
    apply_overrides(path, named)
    assert YAML(typ="safe").load(path) == merged(default_sweeps(), {"sweeps": {"mine": mine}})


def test_a_sweep_is_made_again_by_force_since_a_clone_brings_its_results() -> None:
    table = {"reports/sweeps/mine.csv": "0a" * 32}
    printed = sweep_commands("mine", [], {"data/input/my file.csv": "1b" * 32}, table).splitlines()
    assert printed[1:] == [
        f"echo '{'1b' * 32}  ''data/input/my file.csv' | sha256sum --check",
        "make setup && source .venv/bin/activate",
        "dvc repro -f sweeps/dvc.yaml:render_sweep@mine",
        f"echo '{'0a' * 32}  'reports/sweeps/mine.csv | sha256sum --check",
    ]
    changed = sweep_commands("mine", ["sweeps/params.yaml:base.seq_len=8"], {}, table)
    ran = next(line for line in changed.replace("\\\n", "").splitlines() if line[:3] == "dvc")
    assert shlex.split(ran) == [
        "dvc", "exp", "run", "-f", "sweeps/dvc.yaml:render_sweep@mine",
        "-S", "sweeps/params.yaml:base.seq_len=8",
    ]  # fmt: skip


def test_what_is_printed_of_a_sweep_is_a_block_of_its_table() -> None:
    for language in ("en", "zh"):
        section = reproduce_markdown("dvc repro", load_texts(language))
        assert section.endswith("\n\n```sh\ndvc repro\n```\n")
