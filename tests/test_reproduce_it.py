"""What a page or a sweep's table prints to make it again, run as printed in a fresh clone."""

import html
import re
from pathlib import Path

import pytest
from conftest import ROOT, Project, new_project

pytestmark = pytest.mark.slow
CSV = "data/input/walk of mine.csv"
CHANGES = {
    "sine": ("seq_len=8", "seeds=[3,4]", "data.noise=0.2", "+training.own.lstm.learning_rate=0.01"),
    "csv": (
        "data.source=csv", f'data.path="{CSV}"', 'data.value="price in €"', "data.time=day",
        "data.seed=0",
    ),
}  # fmt: skip


def printed(project: Project) -> list[str]:
    page = project.read("reports/report.html").decode()
    (block,) = re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    return without_setup(html.unescape(block))


def without_setup(block: str) -> list[str]:
    """The commands after the clone; what they would install is here already."""
    lines = block.replace("\\\n", "").splitlines()
    assert lines[0] == "git clone REPOSITORY seqcompare && cd seqcompare"
    return [line.replace("make setup && source .venv/bin/activate", "true") for line in lines[1:]]


@pytest.mark.parametrize("source", CHANGES)
def test_a_page_is_made_again_in_a_fresh_clone_to_the_same_hashes(
    project: Project, tmp_path: Path, source: str
) -> None:
    rows = [f"2024-01-{1 + day:02d},{day % 7 + day / 10}" for day in range(31)]
    rows += [f"2024-02-{1 + day:02d},{day % 7 + 3 - day / 9}" for day in range(29)]
    rows += [f"2024-03-{1 + day:02d},{day % 7 + day / 11}" for day in range(31)]
    content = "\n".join(["day,price in €", *rows]) + "\n"
    (project.path / CSV).write_text(content)
    options = [part for change in CHANGES[source] for part in ("-S", change)]
    project.run("dvc", "exp", "run", *options)

    project.run("git", "clone", "-q", str(project.path), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    (clone.path / CSV).write_text(content)  # as who reads the page would have to get it
    said = [clone.run("bash", "-c", line).stdout for line in printed(project)]
    *_, files = said
    wanted = project.run(*printed(project)[-1].split()).stdout
    assert files == wanted
    assert files.count("\n") >= 5


def test_the_committed_page_prints_what_makes_the_committed_run() -> None:
    assert "make run" in printed(Project(ROOT))


@pytest.mark.parametrize("source", ["committed", "changed"])
def test_a_sweep_is_made_again_in_a_fresh_clone_to_the_same_table(
    tmp_path: Path, source: str
) -> None:
    project, target = new_project(tmp_path / "project"), "sweeps/dvc.yaml:render_sweep@small"
    changes = {
        "committed": ("sweeps.small.grid.seq_len=[4]", "~sweeps.small.settings.tuned"),
        "changed": (
            "base.data.noise=0.2", "sweeps.small.seeds=[3]", "++sweeps.small.settings.one={}",
        ),
    }[source]  # fmt: skip
    options = [part for change in changes for part in ("-S", f"sweeps/params.yaml:{change}")]
    project.run("dvc", "exp", "run", target, *options)
    if source == "committed":  # with the results, as here
        project.run("git", "add", ".")
        project.run("git", "commit", "-q", "-m", "a sweep")
        project.run("dvc", "repro", "-f", "-s", target)

    project.run("git", "clone", "-q", str(project.path), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    text = project.read("reports/sweeps/small.md").decode()
    (block,) = re.findall(r"```sh\n(.*?)\n```", text, re.DOTALL)
    lines = without_setup(block)
    said = [clone.run("bash", "-c", line).stdout for line in lines]
    assert said[-1] == "reports/sweeps/small.csv: OK\n"
    assert ("dvc repro" if source == "committed" else "dvc exp run") in lines[-2]
    assert (clone.path / ".sweep/runs.txt").exists()  # so every trial was trained
    assert clone.read("reports/sweeps/small.csv") == project.read("reports/sweeps/small.csv")
