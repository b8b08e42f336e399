"""A disk that fails once, anywhere in any stage or sweep: one line, the next run has all bytes."""

import json
import sys

import pytest
from conftest import ROOT, Project

SHARE = 0.04  # of all faults, evenly spread over the stages; `--full` tries every one


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="stages are forked, and read /proc")
def test_a_disk_that_fails_once_costs_one_line_and_no_byte(
    project: Project, request: pytest.FixtureRequest
) -> None:
    share = 1.0 if request.config.getoption("--full") else SHARE
    one = {"seeds": [0], "grid": {"seq_len": [4]}}
    project.change_sweeps(sweeps={"small": one})
    script = str(ROOT / "tests/stages/faults.py")
    done = project.run(sys.executable, script, str(project.path), str(share))
    found = json.loads(done.stdout.splitlines()[-1])
    print(done.stderr)
    print(f"{found['points']} faults there are: {found['tried']} tried, {found['held']} held")
    assert found["problems"] == []
    assert found["tried"] >= int(share * found["points"]) > 10
