"""dvc.yaml names what each stage uses, no more and no less; imports go one way."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from seqcompare import artifacts

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/seqcompare"
DVC = YAML(typ="safe").load(ROOT / "dvc.yaml")
SWEEP = YAML(typ="safe").load(ROOT / "sweep/dvc.yaml")["stages"]
DVC["stages"] |= SWEEP
STAGES = sorted(DVC["stages"])
USES_ALL_PARAMS = {"split", "report"}  # the one checks them, the other shows them
# Changes how long a run takes, never what comes out: a change of it must rerun nothing.
WITHOUT_EFFECT = {"executor"}
BUILDS_NETWORKS = {"split", "train", "evaluate", "cost", "recall", "reach", "sweep"}
# Folders that a stage depends on as a whole: a model that is added needs no line in dvc.yaml.
WHOLE = ("models", "texts", "templates")
# What modules read that is not Python.
DATA = {"texts": ("texts/*.yaml", "fonts/*.otf"), "report": ("templates/*",)}
# A module may import those before it.
LAYERS = [
    {"errors", "arrays", "arithmetic", "texts"},
    {"strict", "files", "grid"},
    {"params"},
    {"verify"},
    {"uncertainty"},
    {"estimates", "scaling"},
    {"complexity"},
    {"series"},
    {"windows"},
    {"models", "baselines"},
    {"devices", "environment", "allocator", "optimizer", "predictors"},
    {"checkpoint", "ledger"},
    {"progress", "runs"},
    {"cluster", "training"},
    {"evaluation", "forecasting"},
    {"cost_table", "convergence", "cost", "reach", "recall", "sweep"},
    {"claims"},
    {"naming", "outcome"},
    {"captions", "style", "verdict"},
    {"figures", "tables"},
    {"study_figures", "sweep_figure", "claims_page"},
    {"report"},
    {"artifacts"},
]


def module_file(dotted: str) -> Path | None:
    """The file of a module of this project, or None for other people's modules."""
    base = ROOT / dotted.replace(".", "/") if dotted.startswith("stages") else None
    if dotted.split(".")[0] == "seqcompare":
        base = ROOT / "src" / dotted.replace(".", "/")
    if base is None:
        return None
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.exists():
            return candidate
    return None


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
    """The file, what it imports of this project, what those import, and their packages' files."""
    found: set[Path] = set()
    waiting = [start]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        parts = [name.rsplit(".", depth)[0] for name in imports(file) for depth in (0, 1)]
        waiting += [other for name in parts if (other := module_file(name))]
        if file.is_relative_to(PACKAGE):
            waiting.append(file.parent / "__init__.py")
    return found


def data_files(modules: set[Path]) -> set[Path]:
    """The files that these modules read out of the package."""
    names = {module_of(file) for file in modules if file.is_relative_to(PACKAGE)}
    return {file for name in names for glob in DATA.get(name, ()) for file in PACKAGE.glob(glob)}


def dependency(file: Path) -> str:
    """What dvc.yaml names for a file of the project: itself, or a folder that is used whole."""
    whole = [PACKAGE / name for name in WHOLE if file.is_relative_to(PACKAGE / name)]
    return str((whole[0] if whole else file).relative_to(ROOT))


def script(stage: str) -> Path:
    return ROOT / f"stages/{stage}.py"


def params_used(stage: str) -> set[str]:
    """The sections that a stage, with what it imports of stages/, takes from `params`."""
    scripts = [file for file in project_files(script(stage)) if file.parent == ROOT / "stages"]
    taken = {
        node.attr
        for file in scripts
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "params"
    }
    pinned = {"reproducibility"} if "torch" in third_party(stage) else set()  # stages/__init__.py
    return (taken | pinned) - WITHOUT_EFFECT


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_exactly_the_source_files_that_it_imports(stage: str) -> None:
    declared = {dep for dep in DVC["stages"][stage]["deps"] if dep.startswith(("src/", "stages/"))}
    files = project_files(script(stage))
    used = {dependency(file) for file in files | data_files(files)}
    assert declared == used


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in USES_ALL_PARAMS])
def test_a_stage_declares_exactly_the_params_that_it_reads(stage: str) -> None:
    declared = {param.split(".")[0] for param in DVC["stages"][stage].get("params", [])}
    assert declared == params_used(stage)


@pytest.mark.parametrize("stage", sorted(USES_ALL_PARAMS))
def test_a_stage_that_checks_or_shows_all_params_declares_them_all(stage: str) -> None:
    assert DVC["stages"][stage]["params"] == [{"params.yaml": None}]


def test_the_page_depends_on_every_result_of_a_stage_that_it_shows() -> None:
    made = {
        out if isinstance(out, str) else next(iter(out))
        for stage in DVC["stages"].values()
        for kind in ("outs", "metrics", "plots")
        for out in stage.get(kind, [])
    }
    shown = {str(path) for path in (artifacts.CLAIMS, *artifacts.STUDIES.values())}
    assert made & shown <= set(DVC["stages"]["report"]["deps"])


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_script_fits_on_one_screen(stage: str) -> None:
    assert len(script(stage).read_text().splitlines()) <= 45


@pytest.mark.parametrize("stage", [s for s in STAGES if s not in {"generate", *SWEEP}])
def test_every_later_stage_waits_for_the_check_of_all_params(stage: str) -> None:
    deps = set(DVC["stages"][stage]["deps"])
    assert stage == "split" or deps & {"data/split.json", "data/checked"}


def third_party(stage: str) -> set[str]:
    names = set().union(*(imports(file) for file in project_files(script(stage))))
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_stages_that_build_networks_import_torch(stage: str) -> None:
    assert ("torch" in third_party(stage)) == (stage in BUILDS_NETWORKS)


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_stages_that_draw_import_matplotlib(stage: str) -> None:
    drawing = {"render", "render_studies", "render_sweep"}
    assert ("matplotlib" in third_party(stage)) == (stage in drawing)


def module_of(file: Path) -> str:
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.stem)
def test_a_module_imports_only_what_stands_before_it(file: Path) -> None:
    if file == PACKAGE / "__init__.py":
        assert not imports(file)
        return
    rank = {module: rank for rank, layer in enumerate(LAYERS) for module in layer}
    later = {
        name
        for other in project_files(file) - {file, PACKAGE / "__init__.py"}
        if other.is_relative_to(PACKAGE)
        and (name := module_of(other)) != module_of(file)
        and rank[name] > rank[module_of(file)]
    }
    assert not later


def test_models_know_nothing_of_windows_or_training() -> None:
    known = {module_of(file) for file in project_files(PACKAGE / "models/__init__.py")}
    assert known <= {"__init__", "errors", "strict", "grid", "params", "models"}


def test_only_stages_import_artifacts() -> None:
    users = [f for f in PACKAGE.rglob("*.py") if "seqcompare.artifacts" in imports(f)]
    assert users == []


def test_a_step_looks_for_every_package_that_the_project_needs() -> None:
    from stages import PACKAGES

    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert set(PACKAGES) == {re.split(r"\W", package)[0] for package in needed} - {"dvc"}
