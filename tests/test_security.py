"""Nothing that a user may receive is executed or unpickled: docs/SECURITY.md."""

import ast
import re

import pytest
from conftest import ROOT

FILES = sorted(file for folder in ("src", "stages") for file in (ROOT / folder).rglob("*.py"))
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml"}
CALLS = {
    "torch.load",
    "yaml.load",
    "np.load",
    "numpy.load",
    "os.system",
    "eval",
    "exec",
    "read_pickle",
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_file_unpickles_or_evaluates(file: object) -> None:
    tree = ast.parse((ROOT / str(file)).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & MODULES
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in MODULES
        elif isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in CALLS
            assert ast.unparse(node.func).split(".")[-1] != "read_pickle"
            assert not any(key.arg in ("shell", "allow_pickle") for key in node.keywords)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_yaml_is_only_read_safely(file: object) -> None:
    tree = ast.parse((ROOT / str(file)).read_text())
    readers = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "YAML"
    ]
    for call in readers:
        assert 'typ="safe"' in ast.unparse(call).replace("'", '"')


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-slow.txt"])
def test_a_lock_file_names_released_versions_and_no_places(lock: str) -> None:
    lines = [line for line in (ROOT / lock).read_text().splitlines() if not line.startswith("#")]
    assert [
        line for line in lines if line and not re.match(r"[\w.-]+==[\w.]+\s+# via ", line)
    ] == []
