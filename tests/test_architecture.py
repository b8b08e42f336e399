"""The house: rooms import one way; both dvc.yaml name the rooms and params that a stage uses."""

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from seqcompare.core.params import Params
from seqcompare.core.study_params import Studies
from seqcompare.core.yaml import load_yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/seqcompare"
COMPARISON: dict[str, Any] = load_yaml(ROOT / "dvc.yaml")["stages"]
STUDIES: dict[str, Any] = load_yaml(ROOT / "studies/dvc.yaml")["stages"]
STAGES = COMPARISON | STUDIES
SOURCES = [*sorted(PACKAGE.rglob("*.py")), *sorted((ROOT / "stages").glob("*.py"))]
LIBRARY = {"core", "data", "models", "execution", "statistics"}
MAY_IMPORT = {
    "core": set[str](),
    **{room: {"core"} for room in ("data", "models", "execution", "statistics")},
    "training": {"core", "data", "models", "execution"},
    "evaluation": LIBRARY,
    "studies": LIBRARY | {"training", "evaluation"},
    "report": {"core", "statistics"},
}
COMMANDS = {"__init__.py", "__main__.py", "forecast.py", "verify.py", "progress.py"}
READ_ALL_PARAMS = {"split", "render"}
WITHOUT_EFFECT = {"executor"}  # changes how long a stage takes: a change of it must rerun nothing
SHOWS_PROGRESS = PACKAGE / "progress.py"  # no byte of a result depends on it, so no stage does
MODEL = "${item.model}"
NETWORKS = {
    "src/seqcompare/models/__init__.py", "src/seqcompare/models/operations.py",
    "src/seqcompare/models/kernels", f"src/seqcompare/models/{MODEL}.py",
}  # fmt: skip


def module_file(dotted: str) -> Path | None:
    """The file of a module of this project, or None for other people's modules."""
    path = (ROOT if dotted.startswith("stages") else ROOT / "src") / dotted.replace(".", "/")
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p in SOURCES), None)


@cache
def nodes(file: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


@cache
def imports(file: Path) -> frozenset[str]:
    """Dotted names of all that a file imports, at its top and inside functions."""
    names = set()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


@cache
def files_of(stage: str) -> frozenset[Path]:
    """A stage's script, what it imports of this project, and what those import."""
    reached: set[Path] = set()
    waiting = [ROOT / f"stages/{stage}.py"]
    while waiting:
        file = waiting.pop()
        if file not in reached and file != SHOWS_PROGRESS:
            reached.add(file)
            waiting += [other for name in imports(file) if (other := module_file(name))]
    return frozenset(reached)


def room_of(file: Path) -> str:
    """As dvc.yaml names it: a study is a file of its own."""
    parts = file.relative_to(PACKAGE).parts
    return "/".join(("src/seqcompare", *(parts if parts[0] == "studies" else parts[:1])))


def code_used(stage: str) -> set[str]:
    """Rooms and files, as dvc.yaml names them, that a stage's code comes from."""
    of_rooms = [f for f in files_of(stage) if f.is_relative_to(PACKAGE) and f.parent != PACKAGE]
    rooms = {room_of(file) for file in of_rooms} - {"src/seqcompare/studies/__init__.py"}
    if "src/seqcompare/models" in rooms and is_of_one_model(stage):
        rooms = rooms - {"src/seqcompare/models"} | NETWORKS
    scripts = {str(f.relative_to(ROOT)) for f in files_of(stage) if f.parent == ROOT / "stages"}
    return rooms | scripts | {"stages/__init__.py"}


def packages(*files: Path) -> set[str]:
    return {name.split(".")[0] for file in files for name in imports(file)}


def is_of_one_model(stage: str) -> bool:
    return "model" in STAGES[stage].get("matrix", {})


def params_read(stage: str, name: str, kind: type[Params | Studies]) -> set[str]:
    """The sections that a stage's code takes from a variable of that name."""
    used = [node for file in files_of(stage) for node in nodes(file)]
    attributes = [node for node in used if isinstance(node, ast.Attribute)]
    taken = {a.attr for a in attributes if isinstance(a.value, ast.Name) and a.value.id == name}
    return taken & set(kind.model_fields)


def declared(stage: str, file: str | None = None) -> set[str]:
    """Sections of params.yaml, or of another file of params, that dvc.yaml names."""
    keys = STAGES[stage].get("params", [])
    if file:
        keys = [key for each in keys if isinstance(each, dict) for key in each.get(file, [])]
    return {key.split(".")[0] for key in keys if isinstance(key, str)}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_exactly_the_code_that_it_uses(stage: str) -> None:
    named = {dep for dep in STAGES[stage]["deps"] if dep.startswith(("src/", "stages/"))}
    used = code_used(stage)
    assert named == used, f"{stage}: add {sorted(used - named)}, remove {sorted(named - used)}"


@pytest.mark.parametrize("stage", [s for s in STAGES if s not in READ_ALL_PARAMS])
def test_a_stage_declares_every_param_that_it_reads(stage: str) -> None:
    used = params_read(stage, "params", Params) - WITHOUT_EFFECT
    if "torch" in packages(*files_of(stage)):
        used.add("reproducibility")  # stages/__init__.py pins the arithmetic
    missing = used - declared(stage) - declared(stage, "params.yaml")
    assert not missing, f"{stage}: add {sorted(missing)}"


@pytest.mark.parametrize("stage", STUDIES)
def test_a_study_declares_the_sections_of_its_own_params_that_it_reads(stage: str) -> None:
    used = params_read(stage, "studies", Studies)
    assert used <= declared(stage, "studies/params.yaml") | declared(stage), stage


@pytest.mark.parametrize("stage", sorted(READ_ALL_PARAMS))
def test_a_stage_that_checks_or_shows_all_params_declares_them_all(stage: str) -> None:
    assert STAGES[stage]["params"] == [{"params.yaml": None}]


@pytest.mark.parametrize("stage", [s for s in STAGES if is_of_one_model(s)])
def test_a_stage_of_one_model_reads_the_settings_of_that_model_alone(stage: str) -> None:
    keys: list[str] = []
    for each in STAGES[stage]["params"]:
        keys += [each] if isinstance(each, str) else each.get("params.yaml", [])
    assert [key for key in keys if key.startswith("models")] == [f"models.{MODEL}"]


def test_no_stage_of_the_comparison_depends_on_the_studies() -> None:
    """Else `dvc repro` would run them."""
    for stage in COMPARISON.values():
        assert not any(dep.startswith("reports/studies") for dep in stage["deps"])


def test_every_stage_after_split_waits_for_its_check_of_all_params() -> None:
    for name in COMPARISON.keys() - {"generate", "split"}:
        assert "data/split.csv" in COMPARISON[name]["deps"], name


def test_dvc_yaml_and_params_yaml_fit_on_a_screen() -> None:
    for file, most in {"dvc.yaml": 110, "studies/dvc.yaml": 110, "params.yaml": 60}.items():
        assert len((ROOT / file).read_text().splitlines()) <= most, file


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_says_in_a_sentence_what_it_does(stage: str) -> None:
    assert STAGES[stage]["desc"][0].isupper()
    assert STAGES[stage]["desc"].endswith(".")


def test_stages_holds_a_script_of_a_screen_for_each_stage_and_nothing_else() -> None:
    scripts = {file.stem: file for file in (ROOT / "stages").glob("*.py")}
    assert set(scripts) == {*STAGES, "__init__"}
    assert all(len(file.read_text().splitlines()) <= 50 for file in scripts.values())


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    for file in sorted((PACKAGE / room).rglob("*.py")):
        own = [name.split(".") for name in imports(file) if name.startswith("seqcompare.")]
        used = {parts[1] for parts in own if parts[1] in MAY_IMPORT}
        assert used <= MAY_IMPORT[room] | {room}, f"{file.relative_to(PACKAGE)}: {used}"
        assert not any(name.startswith("stages") for name in imports(file))


def test_every_source_file_is_in_a_room() -> None:
    names = {path.name for path in PACKAGE.iterdir()} - {"__pycache__"}
    assert names == {*MAY_IMPORT, *COMMANDS, "py.typed"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_loads_no_library_that_it_does_not_need(stage: str) -> None:
    loaded = packages(*files_of(stage))
    assert ("torch" in loaded) == any("/models" in dep for dep in STAGES[stage]["deps"])
    assert ("matplotlib" in loaded) == stage.startswith("render")


def test_nothing_that_a_user_may_receive_is_executed() -> None:
    words = ("pickle.load", "torch.load(", "eval(", "exec(", "shell=True", "yaml.unsafe")
    for file in SOURCES:
        found = [word for word in words if f" {word}" in file.read_text(encoding="utf-8")]
        assert not found, file
        assert not {"pickle", "csv", "ruamel"} & packages(file), file


def test_no_function_is_longer_than_a_screen() -> None:
    for file in SOURCES:
        for node in nodes(file):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= 40, f"{file.relative_to(ROOT)}: {node.name} has {lines} lines"
