"""What a page prints to make its run again, run as printed in a fresh clone."""

import html
import re
from pathlib import Path

import pytest
from conftest import ROOT, Project

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
    lines = html.unescape(block).replace("\\\n", "").splitlines()
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
