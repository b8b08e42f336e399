"""Stages: the steps of dvc.yaml, one script each, run as `python3 -m stages.NAME`.

A stage runs the library beside it (`dvc exp run --temp` copies both), whatever is installed.
"""

import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

if importlib.util.find_spec("torch") is None:  # dvc was called without activating .venv
    python = Path(os.environ.get("DVC_ROOT", ROOT)) / ".venv/bin/python3"
    if not python.exists() or Path(sys.prefix) == python.parents[1]:
        sys.exit(f"error: {sys.executable} lacks the project's packages: run `make setup` first")
    os.execv(python, [str(python), *sys.orig_argv[1:]])

from seqcompare.execution.main_process import run, set_up  # noqa: E402

__all__ = ["run"]

if sys.argv[0] == "-m":  # a stage is being started; Python puts its path there before it runs
    set_up()
