"""A list of settings that is emptied, by hand or by `-S KEY=[]`, ends in one line of ours."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Project, default_settings, default_sweeps, merged, new_project
from ruamel.yaml import YAML

from seqcompare.core.errors import InputError
from seqcompare.core.params import load_params
from seqcompare.core.sweep_params import load_sweeps


def lists(section: dict[str, Any], above: str = "") -> Iterator[str]:
    """Dotted keys of all settings that are lists."""
    for key, value in section.items():
        if isinstance(value, dict):
            yield from lists(value, f"{above}{key}.")
        elif isinstance(value, list):
            yield above + key


SETTINGS = {"params.yaml": default_settings(), "sweeps/params.yaml": default_sweeps()}
every_list = pytest.mark.parametrize(
    ("file", "key"), [(file, key) for file, found in SETTINGS.items() for key in lists(found)]
)


@every_list
def test_no_list_may_be_empty(tmp_path: Path, file: str, key: str) -> None:
    changes: Any = []
    for part in reversed(key.split(".")):
        changes = {part: changes}
    path = tmp_path / "params.yaml"
    YAML(typ="safe").dump(merged(SETTINGS[file], changes), path)
    with pytest.raises(InputError) as caught:
        load_params(path) if file == "params.yaml" else load_sweeps(path)
    assert str(caught.value).startswith(f"{file}: {key} is []: ")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """With all settings as they are committed: DVC changes the text, comments and all."""
    project = new_project(tmp_path_factory.mktemp("project"))
    for file in SETTINGS:
        shutil.copy(ROOT / file, project.path / file)
    return project


@pytest.mark.slow
@every_list
def test_dvc_hands_an_empty_list_on(project: Project, file: str, key: str) -> None:
    pipeline, where = ("dvc.yaml", "") if file == "params.yaml" else ("sweeps/dvc.yaml", f"{file}:")
    failed = project.run("dvc", "exp", "run", pipeline, "-S", f"{where}{key}=[]", check=False)
    shutil.copy(ROOT / file, project.path / file)
    assert failed.returncode != 0
    errors = [line for line in failed.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {file}: {key} is []: ")
    assert "corrupted" not in failed.stderr
