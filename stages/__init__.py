"""Stages: the steps of the pipelines, one script each, run as `python3 -m stages.NAME`.

A stage runs the library beside it, which `dvc exp run --temp` copies, in the project's own .venv,
whatever Python comes first on PATH.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

_venv = Path(os.environ.get("DVC_ROOT", ROOT)) / ".venv"
if sys.argv[0] == "-m":  # a stage is being started; Python puts its path there before it runs
    _python = _venv / "bin/python3"
    _is_other = Path(sys.prefix).resolve() != _venv.resolve() and sys.executable != str(_python)
    if _is_other and _python.exists():
        os.execv(_python, [str(_python), *sys.orig_argv[1:]])
    try:
        from seqcompare.execution.runtime import run, set_up

        set_up()
    except ModuleNotFoundError as error:
        sys.exit(f"error: {sys.executable} lacks the package {error.name}: run `make setup` first")
else:
    from seqcompare.execution.runtime import run

__all__ = ["run"]
