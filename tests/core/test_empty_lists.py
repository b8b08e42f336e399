"""A list of params.yaml that is emptied, by hand or by `-S KEY=[]`, ends in one line of ours."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Project, default_settings, new_project

from seqcompare.core.errors import InputError
from seqcompare.core.params import load_params


def lists(section: dict[str, Any], above: str = "") -> Iterator[str]:
    """Dotted keys of all settings that are lists."""
    for key, value in section.items():
        if isinstance(value, dict):
            yield from lists(value, f"{above}{key}.")
        elif isinstance(value, list):
            yield above + key


every_list = pytest.mark.parametrize("key", list(lists(default_settings())))


@every_list
def test_no_list_may_be_empty(write_params: Callable[..., Path], key: str) -> None:
    changes: Any = []
    for part in reversed(key.split(".")):
        changes = {part: changes}
    with pytest.raises(InputError) as caught:
        load_params(write_params(**changes))
    assert str(caught.value).startswith(f"params.yaml: {key} is []: ")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """With params.yaml as it is committed: DVC changes the text, comments and all."""
    project = new_project(tmp_path_factory.mktemp("project"))
    shutil.copy(ROOT / "params.yaml", project.path)
    return project


@pytest.mark.slow
@every_list
def test_dvc_hands_an_empty_list_on(project: Project, key: str) -> None:
    failed = project.run("dvc", "exp", "run", "-S", f"{key}=[]", check=False)
    shutil.copy(ROOT / "params.yaml", project.path)
    assert failed.returncode != 0
    errors = [line for line in failed.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert errors[0].startswith(f"error: params.yaml: {key} is []: ")
    assert "corrupted" not in failed.stderr
