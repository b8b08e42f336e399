"""Stages: the steps of the pipelines, one script each, run as `python3 -m stages.NAME`.

A stage runs the library beside it, which `dvc exp run --temp` copies, in the project's own .venv,
whatever Python comes first on PATH.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

_venv = Path(os.environ.get("DVC_ROOT", ROOT)) / ".venv"
_starts = sys.argv[0] == "-m"  # a stage is being started; Python puts its path there before it runs
_python = str(_venv / "bin/python3")
_is_other = Path(sys.prefix).resolve() != _venv.resolve() and sys.executable != _python
if _starts and _is_other and Path(_python).exists():
    os.execv(_python, [_python, *sys.orig_argv[1:]])
try:
    from seqcompare.core.errors import InputError
    from seqcompare.core.paths import PARAMS
    from seqcompare.execution import runtime

    if _starts:
        runtime.set_up()
except ModuleNotFoundError as error:
    sys.exit(f"error: {sys.executable} lacks the package {error.name}: run `make setup` first")


def run(main: Callable[[], Callable[[], None] | None]) -> None:
    """Run a stage. Its results do not count if params.yaml was changed meanwhile.

    main returns what to do once they count, or None.
    """

    def guarded() -> None:
        before = PARAMS.read_bytes()
        finish = main()
        if PARAMS.read_bytes() != before:  # DVC would record the new params as those it ran with
            raise InputError(
                "params.yaml: was changed while this stage ran: run `dvc repro` again, and "
                "`dvc exp run --temp` for experiments side by side"
            )
        if finish:
            finish()

    runtime.run(guarded)
