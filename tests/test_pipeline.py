"""The pipeline as users run it: the real `dvc` in a Git repository of its own."""

import json
import os
import re
from pathlib import Path

import pytest
from conftest import Project

from seqcompare.core import paths

AFTER_TRAINING = {
    "evaluate",
    "render",
    "lookback",
    "claims",
    "render_studies",
    "report",
}
TIMED = {
    "dvc.lock",
    "reports/adding_problem.json",
    "reports/adding_problem_seconds/lstm.csv",
    "reports/adding_problem_seconds/transformer.csv",
    "reports/claims.json",
    "reports/claims.md",
    "reports/convergence.json",
    "reports/cost.csv",
    "reports/cost.json",
    "reports/cost_timings.csv",
    "reports/figures/comparison/comparison.png",
    "reports/figures/comparison/comparison.svg",
    "reports/figures/comparison/speed.svg",
    "reports/figures/studies/cost_memory.svg",
    "reports/figures/studies/cost_seconds.svg",
    "reports/figures/studies/cost_speed.svg",
    "reports/report.html",
    "reports/summary.md",
    "reports/timing/lstm.json",
    "reports/timing/transformer.json",
}
GRU = '''"""A third model."""

from pydantic import PositiveInt
from torch import Tensor, nn


class GRU(nn.Module):
    def __init__(self, hidden_size: PositiveInt) -> None:
        super().__init__()
        self.gru = nn.GRU(1, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor) -> Tensor:
        hidden, _ = self.gru(x.unsqueeze(-1))
        return self.head(hidden[:, -1]).squeeze(-1)
'''


def plotted(project: Project, *command: str) -> dict[str, set[str]]:
    """Title of each picture of `dvc plots` -> the revisions that its legend names, by colour."""
    project.run("dvc", "plots", *command, "-o", "shown")
    found = {}
    for drawn in re.findall(r"var spec = (.*);\n", project.read("shown/index.html").decode()):
        spec = json.loads(drawn)
        colour = spec["encoding"]["color"]
        assert colour["field"] == "rev"
        found[spec["title"]["text"]] = set(colour["scale"]["domain"])
    return found


def ran(output: str) -> set[str]:
    """The stages that a `dvc repro` or `dvc exp run` says it ran."""
    return {
        line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage '")
    }


def metrics(project: Project) -> dict[str, dict[str, float]]:
    content: dict[str, dict[str, float]] = json.loads(project.read("reports/metrics.json"))
    return content


def test_a_second_repro_runs_nothing(project: Project) -> None:
    assert ran(project.run("dvc", "repro").stdout) == set()


@pytest.mark.slow
def test_a_forced_repro_changes_nothing_but_timings_and_what_shows_them(project: Project) -> None:
    project.run("dvc", "repro", "-f")
    changed = project.run("git", "status", "--porcelain").stdout.splitlines()
    assert {line[3:] for line in changed} <= TIMED


@pytest.mark.cuda
def test_on_a_gpu_all_stages_run_and_give_the_same_bytes_again(project: Project) -> None:
    project.change_params(device="cuda")
    project.run("dvc", "repro")
    project.run("git", "commit", "-qam", "on a GPU")
    for model in ("lstm", "transformer"):
        ran_on = json.loads(project.read(str(paths.environment(model))))["device"]
        assert ran_on.startswith("cuda:0")
    project.run("dvc", "repro", "-f")
    changed = project.run("git", "status", "--porcelain").stdout.splitlines()
    assert {line[3:] for line in changed} <= TIMED


def test_an_experiment_with_another_seq_len_leaves_the_series_alone(project: Project) -> None:
    before = metrics(project)
    output = project.run("dvc", "exp", "run", "-S", "seq_len=10").stdout
    trained = {"train@lstm", "train@transformer"}
    assert ran(output) == {"split"} | trained | AFTER_TRAINING
    difference = json.loads(project.run("dvc", "metrics", "diff", "--json").stdout)
    for model in ("lstm", "transformer"):
        mse = difference["reports/metrics.json"][f"{model}.mse"]
        assert mse["old"] == before[model]["mse"]
        assert mse["new"] == metrics(project)[model]["mse"] != mse["old"]
        assert f"reports/timing/{model}.json" in difference
    assert "seq_len" in project.run("dvc", "exp", "show", "--csv").stdout.splitlines()[0]
    assert len(project.run("dvc", "metrics", "diff").stdout.strip().splitlines()) <= 25


@pytest.mark.slow
def test_a_change_of_one_model_retrains_that_model_only(project: Project) -> None:
    output = project.run("dvc", "exp", "run", "-S", "models.lstm.hidden_size=4").stdout
    assert ran(output) == {
        "split",
        "train@lstm",
        "cost",
        "adding_problem@lstm",
        *AFTER_TRAINING,
    }


@pytest.mark.slow
def test_settings_of_one_models_training_change_no_byte_of_another(project: Project) -> None:
    def runs() -> dict[str, bytes]:
        files = (project.path / "data/runs").rglob("seed-*.safetensors")
        return {f"{file.parent.name}/{file.name}": file.read_bytes() for file in files}

    before = runs()
    project.run("dvc", "exp", "run", "-S", "+training.own.transformer.learning_rate=0.003", "train")
    changed = {name for name, content in runs().items() if content != before[name]}
    assert changed == {name for name in before if name.startswith("transformer/")}


def test_another_language_redraws_and_retrains_nothing(project: Project) -> None:
    output = project.run("dvc", "exp", "run", "-S", "report.language=zh").stdout
    assert ran(output) == {"split", "render", "render_studies", "report"}
    for file in ("report.html", "summary.md", "claims.md"):
        assert "均方误差" in project.read(f"reports/{file}").decode()


def test_the_plots_page_refers_to_no_other_computer(project: Project) -> None:
    project.run("dvc", "plots", "show", "-o", "shown")
    shown = project.read("shown/index.html").decode()
    assert "vegaEmbed(" in shown
    assert re.findall(r"<(?:script|link)[^>]*(?:src|href)=", shown) == []


def test_each_model_has_pictures_of_its_own_in_dvc_plots(project: Project) -> None:
    assert plotted(project, "diff", "HEAD") == {
        f"reports/plots/{kind}/{name}.csv": {"HEAD", "workspace"}
        for kind in ("loss", "predictions")
        for name in ("lstm", "transformer")
    }


@pytest.mark.slow
def test_results_of_earlier_params_come_back_with_their_timings(project: Project) -> None:
    timing = project.read("reports/timing/lstm.json")
    project.run("dvc", "exp", "run", "-S", "models.lstm.hidden_size=4")
    assert project.read("reports/timing/lstm.json") != timing
    project.run("git", "checkout", "params.yaml")
    assert "train@lstm" not in ran(project.run("dvc", "repro").stdout)
    assert project.read("reports/timing/lstm.json") == timing


@pytest.mark.slow
def test_more_workers_change_no_result(project: Project) -> None:
    before = project.read("data/runs/lstm/seed-1.safetensors")
    project.change_params(executor={"workers": 1})
    project.run("dvc", "repro", "-f", "-s", "train@lstm")
    assert project.read("data/runs/lstm/seed-1.safetensors") == before


@pytest.mark.parametrize(
    ("setting", "key"), [("seq_len=80", "seq_len"), ("models.transformer.nhead=3", "nhead")]
)
def test_a_bad_setting_is_one_line_and_leaves_all_results_in_place(
    project: Project, setting: str, key: str
) -> None:
    kept = [*(project.path / "data/runs").rglob("*.*"), *(project.path / "reports").rglob("*.*")]
    before = {path: path.read_bytes() for path in kept}
    failed = project.run("dvc", "exp", "run", "-S", setting, check=False)
    assert failed.returncode != 0
    errors = [line for line in failed.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert key in errors[0]
    assert "Traceback" not in failed.stderr
    assert {path: path.read_bytes() for path in kept} == before


@pytest.mark.slow
def test_a_third_model_is_a_file_and_a_block_of_params(project: Project) -> None:
    (project.path / "src/seqcompare/models/gru.py").write_text(GRU)
    project.change_params(models={"gru": {"hidden_size": 8}})
    reran = ran(project.run("dvc", "repro").stdout)
    assert {"train@gru", "cost", "adding_problem@gru"} <= reran
    assert not any(stage.endswith(("@lstm", "@transformer")) for stage in reran)
    compared = json.loads(project.read("reports/comparison.json"))
    assert compared["predictors"]["gru"]["parameters"] == 3 * 8 * (1 + 8 + 2) + 9
    assert "transformer_vs_gru" in metrics(project)
    project.run("git", "add", ".")
    project.run("git", "commit", "-q", "-m", "a third model")
    assert plotted(project, "show") == {
        f"reports/plots/{kind}/{name}.csv": {"workspace"}
        for kind in ("loss", "predictions")
        for name in ("lstm", "transformer", "gru")
    }
    assert plotted(project, "diff", "HEAD~1", "HEAD") == {
        f"reports/plots/{kind}/{name}.csv": {"HEAD"} if name == "gru" else {"HEAD", "HEAD~1"}
        for kind in ("loss", "predictions")
        for name in ("lstm", "transformer", "gru")
    }
    model = project.path / "src/seqcompare/models/gru.py"
    model.write_text(GRU.replace("hidden[:, -1]", "hidden.mean(1)"))
    assert "train@gru" in ran(project.run("dvc", "repro", "--dry").stdout)


@pytest.mark.slow
def test_a_model_that_is_dropped_leaves_no_trace(project: Project) -> None:
    project.change_params(models={"lstm": None})
    project.run("dvc", "repro")
    assert set(metrics(project)) & {"lstm", "transformer"} == {"transformer"}
    assert [path.name for path in (project.path / "data/runs").iterdir()] == ["transformer"]


@pytest.mark.slow
def test_a_temporary_copy_runs_its_own_code(project: Project) -> None:
    series = project.path / "src/seqcompare/data/series.py"
    series.write_text(series.read_text().replace("+ noise\n", "* 2 + noise\n"))
    project.run("dvc", "exp", "run", "--temp", "--name", "doubled")
    shown = project.run("dvc", "metrics", "diff", "HEAD", "doubled", "--json").stdout
    assert "persistence.mse" in json.loads(shown)["reports/metrics.json"]


def test_a_stage_called_by_another_python_finds_the_one_of_the_project(
    project: Project, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    project.run("python3", "-m", "venv", "--without-pip", str(bare))
    (project.path / ".venv").symlink_to(Path(os.sys.prefix))
    project.run(str(bare / "bin/python3"), "-m", "stages.generate")


def test_a_python_without_the_packages_is_told_to_set_up(project: Project, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    project.run("python3", "-m", "venv", "--without-pip", str(bare))
    failed = project.run(str(bare / "bin/python3"), "-m", "stages.generate", check=False)
    assert failed.returncode == 1
    assert "make setup" in failed.stderr
