"""The pipelines as users run them: the real `dvc` in a Git repository of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import MAKE, MODELS, ROOT, Project, ran
from models.test_models import GRU

AFTER_TRAINING = {"evaluate", "render"}
TIMED = re.compile(r"dvc\.lock|reports/(timing/.*|report\.html|summary\.md|figures/.*)")
SMALL_STUDIES = {
    "cost": {
        "seq_lens": [4, 8], "processes": 2, "calls": 1,
        "sizes": {"equal_size": {"transformer": {"dim_feedforward": 8}}},
    },
    "adding_problem": {"lags": [2, 3], "seeds": [0], "steps": 30},
}  # fmt: skip
SMALL_MAP = {
    "seeds": [0, 1],
    "params": {},
    "grid": {"seq_len": [4, 20]},
    "settings": {"tutorial": {}},
}


def small_studies(project: Project) -> None:
    project.change_params("studies/params.yaml", **SMALL_STUDIES)
    file = project.path / "studies/params.yaml"
    settings = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump(settings | {"maps": {"small": SMALL_MAP}}, sort_keys=False))


def changed(project: Project) -> list[str]:
    """Files that are not as committed."""
    lines = project.run("git", "status", "--porcelain", "--untracked-files=all").stdout
    return [line[3:] for line in lines.splitlines()]


def plotted(project: Project, *command: str) -> dict[str, set[str]]:
    """Title of each picture of `dvc plots` -> the revisions that its legend names, by colour.

    The page refers to no other computer.
    """
    project.run("dvc", "plots", *command, "-o", "shown")
    found, shown = {}, project.read("shown/index.html").decode()
    assert re.findall(r"<(?:script|link)[^>]*(?:src|href)=", shown) == []
    for drawn in re.findall(r"var spec = (.*);\n", shown):
        spec = json.loads(drawn)
        found[spec["title"]["text"]] = set(spec["encoding"]["color"]["scale"]["domain"])
    return found


def weights(project: Project) -> dict[str, bytes]:
    folder = project.path / "data/weights"
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*.safetensors")}


def test_a_second_repro_runs_nothing(project: Project) -> None:
    assert ran(project.run("dvc", "repro").stdout) == set()


def test_a_run_ends_with_the_verdict_and_the_page(project: Project) -> None:
    lines = project.run("dvc", "repro", "-f", "-s", "render").stdout.splitlines()
    page = lines.index((project.path / "reports/report.html").resolve().as_uri())
    verdict = lines[page - 1].split(".")[0]
    assert "LSTM" in verdict
    assert verdict in project.read("reports/summary.md").decode()


@pytest.mark.parametrize(
    "device",
    [pytest.param("cpu", marks=pytest.mark.slow), pytest.param("cuda", marks=pytest.mark.cuda)],
)
def test_a_forced_repro_changes_nothing_but_timings_and_what_shows_them(
    project: Project, device: str
) -> None:
    project.change_params(device=device)
    project.run("dvc", "repro")
    project.commit("on this device")
    for model in MODELS:
        record = json.loads(project.read(f"data/environment/{model}.json"))
        assert record["device"].startswith(device)
    project.run("dvc", "repro", "-f", "dvc.yaml")
    assert [file for file in changed(project) if not TIMED.fullmatch(file)] == []


@pytest.mark.slow
def test_an_experiment_with_another_seq_len_leaves_the_series_alone(project: Project) -> None:
    before = project.metrics()
    output = project.run("dvc", "exp", "run", "-S", "seq_len=10").stdout
    assert ran(output) == {"split", "train@lstm", "train@transformer", *AFTER_TRAINING}
    difference = json.loads(project.run("dvc", "metrics", "diff", "--json").stdout)
    for model in MODELS:
        mse = difference["reports/metrics.json"][f"{model}.mse"]
        assert mse["old"] == before[model]["mse"]
        assert mse["new"] == project.metrics()[model]["mse"] != mse["old"]
        assert f"reports/timing/{model}.json" in difference
    assert "seq_len" in project.run("dvc", "exp", "show", "--csv").stdout.splitlines()[0]


def test_another_language_redraws_and_retrains_nothing(project: Project) -> None:
    output = project.run("dvc", "exp", "run", "-S", "report.language=zh").stdout
    assert ran(output) == {"split", "render"}
    for file in ("report.html", "summary.md"):
        assert "均方误差" in project.read(f"reports/{file}").decode()


@pytest.mark.slow
def test_settings_of_one_model_change_no_byte_of_another(project: Project) -> None:
    before = weights(project)
    output = project.run("dvc", "exp", "run", "-S", "models.lstm.hidden_size=4").stdout
    assert ran(output) == {"split", "train@lstm", *AFTER_TRAINING}
    project.run("dvc", "exp", "run", "-S", "+training.overrides.lstm.learning_rate=0.003", "train")
    different = {name for name, content in weights(project).items() if content != before[name]}
    assert different == {name for name in before if name.startswith("lstm/")}


def test_a_bad_setting_is_one_line_and_leaves_all_results_in_place(project: Project) -> None:
    kept = [f for name in ("data", "reports") for f in (project.path / name).rglob("*.*")]
    before = {path: path.read_bytes() for path in kept if path.is_file()}
    failed = project.run("dvc", "exp", "run", "-S", "models.transformer.nhead=3", check=False)
    assert failed.returncode != 0
    (error,) = [line for line in failed.stderr.splitlines() if line.startswith("error: ")]
    assert "nhead" in error
    assert "Traceback" not in failed.stderr
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.slow
def test_a_third_model_is_a_file_and_a_line_of_params(project: Project) -> None:
    (project.path / "src/seqcompare/models/gru.py").write_text(GRU)
    project.change_params(models={"gru": {"hidden_size": 8}})
    reran = ran(project.run("dvc", "repro", "dvc.yaml").stdout)
    assert "train@gru" in reran
    assert not reran & {"train@lstm", "train@transformer"}
    scores = pd.read_csv(project.path / "reports/scores.csv", index_col="predictor")
    assert scores["parameters"]["gru"] == 3 * 8 * (1 + 8 + 2) + 9
    assert "transformer_vs_gru" in project.metrics()
    project.commit("a third model")
    assert plotted(project, "diff", "HEAD~1", "HEAD") == {
        f"reports/plots/{kind}/{name}.csv": {"HEAD"} if name == "gru" else {"HEAD", "HEAD~1"}
        for kind in ("loss", "predictions")
        for name in (*MODELS, "gru")
    }
    model = project.path / "src/seqcompare/models/gru.py"
    model.write_text(GRU.replace("hidden[:, -1]", "hidden.mean(1)"))
    assert "train@gru" in ran(project.run("dvc", "repro", "--dry", "dvc.yaml").stdout)


@pytest.mark.slow
def test_a_model_that_is_dropped_leaves_no_trace_in_results(project: Project) -> None:
    file = project.path / "params.yaml"
    settings = yaml.safe_load(file.read_text())
    del settings["models"]["lstm"]
    file.write_text(yaml.safe_dump(settings))
    project.run("dvc", "repro", "dvc.yaml")
    assert set(project.metrics()) & set(MODELS) == {"transformer"}
    assert "LSTM" not in project.read("reports/summary.md").decode()
    assert [f.name for f in (project.path / "reports/plots/loss").iterdir()] == ["transformer.csv"]


@pytest.mark.slow
def test_a_temporary_copy_runs_its_own_code(project: Project) -> None:
    series = project.path / "src/seqcompare/data/series.py"
    changed_code = series.read_text().replace("return noise +", "return noise + noise +")
    assert changed_code != series.read_text()
    series.write_text(changed_code)
    project.run("dvc", "exp", "run", "--temp", "--name", "doubled")
    shown = project.run("dvc", "metrics", "diff", "HEAD", "doubled", "--json").stdout
    assert "persistence.mse" in json.loads(shown)["reports/metrics.json"]
    assert changed(project) == ["src/seqcompare/data/series.py"]  # the workspace stays as it is


@pytest.mark.slow
def test_studies_run_apart_and_a_cell_is_a_run(project: Project) -> None:
    small_studies(project)
    project.commit("small studies")
    assert ran(project.run("dvc", "repro", "dvc.yaml").stdout) == set()  # they are no part of it
    done = project.run(*MAKE, "studies")
    assert (project.path / "reports/studies.html").as_uri() in done.stdout
    trials = pd.read_csv(project.path / "reports/studies/maps/small/trials.csv")
    errors = pd.read_csv(project.path / "reports/errors.csv")
    cell = trials[(trials["seq_len"] == 20) & (trials["setting"] == "tutorial")]
    for predictor in (*MODELS, "ar"):
        of_run = errors[errors["predictor"] == predictor]
        wanted = of_run.groupby("seed")["mse"].mean()  # over its tested epochs
        of_cell = cell[cell["predictor"] == predictor].sort_values("seed")["mse"]
        assert of_cell.to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-5)  # six digits
    published = project.path / "reports/maps/small"
    assert sorted(f.name for f in published.iterdir()) == ["pairs.csv", "params.yaml", "scores.csv"]
    assert ran(project.run("dvc", "repro", "dvc.yaml").stdout) == {"render"}  # which shows the map
    assert ran(project.run(*MAKE, "studies").stdout) == set()


# --- back to what was ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["this one", "another one"])
def test_the_way_back_after_experiments_takes_seconds(
    project: Project, tmp_path: Path, machine: str
) -> None:
    """Also in a clone whose committed dvc.lock names bytes that another processor made."""
    if machine == "another one":
        there = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}
        project.run("dvc", "repro", "-f", "dvc.yaml", **there)
        project.commit("results of another machine")
        project = project.clone_to(tmp_path / "clone")
    project.run("dvc", "repro", "dvc.yaml")  # `make run`
    first = {file: project.read(file) for file in ("reports/metrics.json", "dvc.lock")}
    timing = project.read("reports/timing/lstm.json")
    project.run("dvc", "exp", "run", "-S", "models.lstm.hidden_size=4", "-S", "seq_len=10")
    assert project.read("reports/metrics.json") != first["reports/metrics.json"]
    project.run("git", "checkout", "params.yaml")
    reran = ran(project.run("dvc", "repro", "dvc.yaml").stdout)
    assert not {stage for stage in reran if stage.startswith("train")}
    assert {file: project.read(file) for file in first} == first
    assert project.read("reports/timing/lstm.json") == timing


# --- the Python that runs a stage ---------------------------------------------------------------


@pytest.fixture
def other_python(tmp_path: Path) -> Path:
    """A Python like that of conda's base: it has a torch of its own, and not the rest."""
    library = tmp_path / "conda/torch"
    library.mkdir(parents=True)
    (library / "__init__.py").touch()
    bare = [sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"]
    subprocess.run(bare, check=True)
    python = tmp_path / "bin/python3"
    python.parent.mkdir()
    python.write_text(
        f'#!/bin/sh\nPYTHONPATH={library.parent} exec {tmp_path}/bare/bin/python3 "$@"\n'
    )
    python.chmod(0o755)
    return python


def test_a_stage_called_by_another_python_goes_on_with_the_project_s(
    project: Project, other_python: Path
) -> None:
    path = f"{other_python.parent}{os.pathsep}/usr/bin:/bin"
    project.run(sys.executable, "-m", "dvc", "repro", "-f", "-s", "generate", PATH=path)
    assert changed(project) == []


def test_a_python_without_the_packages_is_told_to_set_up(
    project: Project, other_python: Path
) -> None:
    (project.path / ".venv").unlink()
    failed = project.run(str(other_python), "-m", "stages.generate", check=False)
    assert failed.returncode == 1
    (line,) = failed.stderr.splitlines()
    assert line.startswith("error: ")
    assert line.endswith("run `make setup` first")


def test_the_environment_of_a_user_does_not_matter(project: Project) -> None:
    variables = {"LC_ALL": "C", "TZ": "Asia/Kathmandu", "PYTHONPATH": "/nowhere"}
    project.run("dvc", "repro", "-f", "-s", "generate", **variables)
    project.run(*MAKE, "run", PYTHONSAFEPATH="1")
    assert changed(project) == []


def test_the_installed_command_is_that_of_the_package() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "seqcompare"), "forecast", "--help"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "--confidence" in done.stdout
