"""A disk that fails once, anywhere in any stage: one line, and the next run has all bytes."""

import json
import sys

import pytest
from conftest import ROOT, Project

SHARE = 0.05  # of all faults, evenly spread over the stages; `--full` tries every one


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="stages are forked")
def test_a_disk_that_fails_once_costs_one_line_and_no_byte(
    project: Project, request: pytest.FixtureRequest
) -> None:
    share = 1.0 if request.config.getoption("--full") else SHARE
    script = str(ROOT / "tests/faults.py")
    done = project.run(sys.executable, script, str(project.path), str(share))
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"{found['points']} faults there are: {found['tried']} tried")
    assert found["problems"] == []
    assert found["tried"] >= int(share * found["points"]) > 5
