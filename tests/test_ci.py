"""What CI shows of a pull request, and that its workflow names what is there."""

import re

import pytest
from conftest import ROOT, Project
from ruamel.yaml import YAML

WORKFLOW = ROOT / ".github/workflows/pipeline.yml"
SUMMARY = "tools/ci_summary.sh"


def test_the_workflow_runs_commands_that_are_there_and_needs_no_secret() -> None:
    text = WORKFLOW.read_text()
    job = YAML(typ="safe").load(text)["jobs"]["run"]
    ran = [step["run"] for step in job["steps"] if "run" in step]
    assert ran == ["make run", f'{SUMMARY} origin/main >> "$GITHUB_STEP_SUMMARY"']
    assert (ROOT / SUMMARY).stat().st_mode & 0o111
    assert "secrets." not in text
    assert YAML(typ="safe").load(text)["permissions"] == {"contents": "read"}


def test_every_action_has_a_version() -> None:
    used = re.findall(r"uses: (.*)", WORKFLOW.read_text())
    assert used
    assert [action for action in used if not re.fullmatch(r"actions/[\w-]+@v\d+", action)] == []


@pytest.mark.slow
def test_the_summary_shows_verdict_and_differences_or_says_that_there_are_none(
    project: Project,
) -> None:
    same = project.run(SUMMARY, "main").stdout
    assert same.startswith(project.read("reports/summary.md").decode())
    assert same.count("No difference.") == 2
    project.run("dvc", "exp", "run", "-S", "seq_len=8")
    changed = project.run(SUMMARY, "main").stdout
    assert re.search(r"\| params.yaml +\| seq_len +\| 20 +\| 8 +\|", changed)
    assert re.search(r"\| reports/metrics.json +\| lstm.mse +\| [\d.]+ +\| [\d.]+", changed)
