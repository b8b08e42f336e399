"""The house: rooms import only downward; dvc.yaml names the rooms and params that a stage uses."""

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from seqcompare.core.params import Params
from seqcompare.studies.sweep.identity import ROOMS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/seqcompare"
PIPELINE: dict[str, Any] = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
SWEEPS: dict[str, Any] = YAML(typ="safe").load(ROOT / "sweeps/dvc.yaml")["stages"]
STAGES = PIPELINE | SWEEPS
# A room's imports, as DESIGN.md draws them: only of rooms before it.
MAY_IMPORT = {
    "core": set(),
    "data": {"core"},
    "models": {"core"},
    "execution": {"core"},
    "statistics": {"core"},
    "training": {"core", "data", "models", "execution"},
    "evaluation": {"core", "data", "models", "execution", "statistics"},
    "studies": {"core", "data", "models", "execution", "statistics", "training", "evaluation"},
    "report": {"core", "statistics"},
}
CHECKS_OR_SHOWS_ALL_PARAMS = {"split", "report"}
# Changes how long a stage takes, never what comes out: a change of it must rerun nothing.
WITHOUT_EFFECT = {"executor"}
# Shows how far a stage is: no byte of a result depends on it, so no stage does.
SHOWS_PROGRESS = PACKAGE / "progress.py"
MODEL = "${item.model}"


def module_file(dotted: str) -> Path | None:
    """The file of a module of this project, or None for other people's modules."""
    top = dotted.split(".")[0]
    base = {"stages": ROOT, "seqcompare": ROOT / "src"}.get(top)
    if base is None:
        return None
    path = base / dotted.replace(".", "/")
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.exists()), None)


@cache
def imports(file: Path) -> frozenset[str]:
    """Dotted names of all that a file imports, at its top and inside functions."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def project_files(start: Path) -> set[Path]:
    """The file, what it imports of this project, and what those import."""
    found: set[Path] = set()
    waiting = [start]
    while waiting:
        file = waiting.pop()
        if file not in found and file != SHOWS_PROGRESS:
            found.add(file)
            waiting += [other for name in imports(file) if (other := module_file(name))]
    return found


def room_of(file: Path) -> str:
    """As dvc.yaml names it. A study is a room of its own; a stage names the model that it is of."""
    parts = file.relative_to(PACKAGE).parts
    if parts[0] == "studies" or parts[:2] == ("models", "kernels"):
        parts = parts[:2]
    elif parts[0] != "models":
        parts = parts[:1]
    return "/".join(("src/seqcompare", *parts))


def rooms_used(stage: str) -> set[str]:
    """Rooms and own files that a stage's script, and all that it imports, come from."""
    files = project_files(ROOT / f"stages/{stage}.py")
    rooms = {
        room_of(file)
        for file in files
        if file.is_relative_to(PACKAGE) and file != PACKAGE / "studies/__init__.py"
    }
    scripts = {str(file.relative_to(ROOT)) for file in files if file.parent == ROOT / "stages"}
    rooms -= {"src/seqcompare/__init__.py"}
    if "src/seqcompare/models/__init__.py" in rooms:  # which loads networks by name, and kernels
        networks = {"src/seqcompare/models/kernels", f"src/seqcompare/models/{MODEL}.py"}
        rooms |= networks
        if not is_of_one_model(stage):  # every network
            rooms -= {*networks, "src/seqcompare/models/__init__.py"}
            rooms |= {"src/seqcompare/models"}
    return rooms | scripts | {"stages/__init__.py"}


def is_of_one_model(stage: str) -> bool:
    return "model" in STAGES[stage].get("matrix", {})


def params_used(stage: str) -> set[str]:
    """The sections that a stage's script, or what it hands all params to, takes from them."""
    files = project_files(ROOT / f"stages/{stage}.py")
    taken = {
        node.attr
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "params"
        and node.attr in Params.model_fields
    }
    # stages/__init__.py pins the arithmetic of whatever computes with torch
    pinned = {"reproducibility"} if "torch" in third_party(stage) else set()
    return (taken | pinned) - WITHOUT_EFFECT


def third_party(stage: str) -> set[str]:
    files = project_files(ROOT / f"stages/{stage}.py")
    return {name.split(".")[0] for file in files for name in imports(file)}


def declared_params(stage: str) -> set[str]:
    """Of params.yaml, whose keys stand in the list as they are."""
    declared = STAGES[stage].get("params", [])
    return {param.split(".")[0] for param in declared if isinstance(param, str)}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_exactly_the_rooms_that_it_uses(stage: str) -> None:
    declared = {dep for dep in STAGES[stage]["deps"] if dep.startswith(("src/", "stages/"))}
    used = rooms_used(stage)
    assert declared == used, (
        f"dvc.yaml, {stage}: add {sorted(used - declared)}, remove {sorted(declared - used)}"
    )


@pytest.mark.parametrize("stage", [s for s in STAGES if s not in CHECKS_OR_SHOWS_ALL_PARAMS])
def test_a_stage_declares_exactly_the_params_that_it_reads(stage: str) -> None:
    declared, used = declared_params(stage), params_used(stage)
    assert declared == used, (
        f"dvc.yaml, {stage}: add {sorted(used - declared)}, remove {sorted(declared - used)}"
    )


@pytest.mark.parametrize("stage", sorted(CHECKS_OR_SHOWS_ALL_PARAMS))
def test_a_stage_that_checks_or_shows_all_params_declares_them_all(stage: str) -> None:
    assert STAGES[stage]["params"] == [{"params.yaml": None}]


@pytest.mark.parametrize("stage", [s for s in STAGES if is_of_one_model(s)])
def test_a_stage_of_one_model_reads_the_settings_of_that_model_alone(stage: str) -> None:
    assert [p for p in STAGES[stage]["params"] if p.startswith("models")] == [f"models.{MODEL}"]


@pytest.mark.parametrize("stage", SWEEPS)
def test_a_stage_of_a_sweep_reads_that_sweep_alone(stage: str) -> None:
    (of_sweeps,) = [param for param in SWEEPS[stage]["params"] if isinstance(param, dict)]
    assert of_sweeps == {"sweeps/params.yaml": ["base", "sweeps.${item.name}"]}


def test_a_sweep_s_identity_is_of_the_rooms_that_decide_its_table() -> None:
    rooms = {f"src/seqcompare/{room}" for room in ROOMS}
    assert rooms == {dep for dep in SWEEPS["sweep"]["deps"] if dep.startswith("src/")}


@pytest.mark.parametrize("stage", [s for s in PIPELINE if s not in {"generate", "split"}])
def test_every_later_stage_waits_for_the_check_of_all_params(stage: str) -> None:
    assert set(PIPELINE[stage]["deps"]) & {"data/split.json", "data/checked"} or any(
        dep.startswith("reports/") for dep in PIPELINE[stage]["deps"]
    )


def test_dvc_yaml_is_a_contents_page() -> None:
    assert len((ROOT / "dvc.yaml").read_text().splitlines()) < 200


def test_stages_holds_a_script_for_each_stage_and_nothing_else() -> None:
    scripts = {file.stem for file in (ROOT / "stages").glob("*.py")}
    assert scripts == {*STAGES, "__init__"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_script_fits_on_one_screen(stage: str) -> None:
    assert len((ROOT / f"stages/{stage}.py").read_text().splitlines()) <= 45


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    for file in sorted((PACKAGE / room).rglob("*.py")):
        of_project = [name.split(".") for name in imports(file) if name.startswith("seqcompare.")]
        upward = {parts[1] for parts in of_project if parts[1] in MAY_IMPORT}
        assert upward <= MAY_IMPORT[room] | {room}, f"{file.relative_to(PACKAGE)}: {upward}"
        assert not any(name.startswith("stages") for name in imports(file))


def test_every_source_file_is_in_a_room() -> None:
    of_commands = {"__init__.py", "__main__.py", "trained.py", "verify.py", "progress.py"}
    known = {*MAY_IMPORT, *of_commands, "py.typed"}
    found = {path.name for path in PACKAGE.iterdir()} - {"__pycache__"}
    assert found == known


@pytest.mark.parametrize("room", sorted(path.parent for path in PACKAGE.glob("*/**/__init__.py")))
def test_a_room_has_a_sign_and_no_code_at_its_door(room: Path) -> None:
    tree = ast.parse((room / "__init__.py").read_text())
    assert ast.get_docstring(tree)
    by_name = room == PACKAGE / "models" or room.name == "texts"  # load files by their names
    assert by_name or len(tree.body) == 1


def test_modules_import_one_another_in_no_circle() -> None:
    def reach(file: Path, path: tuple[Path, ...]) -> None:
        assert file not in path, " -> ".join(f.stem for f in (*path, file))
        if file in done:
            return
        for name in imports(file):
            other = module_file(name)
            if other and other != file:
                reach(other, (*path, file))
        done.add(file)

    done: set[Path] = set()
    for file in sorted(PACKAGE.rglob("*.py")):
        reach(file, ())


@pytest.mark.parametrize("room", ["core", "data", "statistics", "report"])
def test_rooms_without_networks_never_import_torch(room: str) -> None:
    for file in (PACKAGE / room).rglob("*.py"):
        assert not any(name.split(".")[0] == "torch" for name in imports(file)), file


def test_statistics_knows_neither_params_nor_files() -> None:
    for file in (PACKAGE / "statistics").rglob("*.py"):
        of_core = {
            name.split(".")[2] for name in imports(file) if name.startswith("seqcompare.core.")
        }
        assert not of_core & {"params", "sections", "files"}, file


def test_models_know_nothing_of_windows_or_training() -> None:
    files = {file for own in (PACKAGE / "models").rglob("*.py") for file in project_files(own)}
    assert {room_of(file).split("/")[2] for file in files} == {"core", "models"}


@pytest.mark.parametrize("stage", STAGES)
def test_only_stages_that_build_networks_import_torch(stage: str) -> None:
    builds = any("/models" in dep for dep in STAGES[stage]["deps"])
    assert ("torch" in third_party(stage)) == builds


@pytest.mark.parametrize("stage", STAGES)
def test_only_stages_that_draw_import_matplotlib(stage: str) -> None:
    drawing = {"render", "render_studies", "render_sweep"}
    assert ("matplotlib" in third_party(stage)) == (stage in drawing)
