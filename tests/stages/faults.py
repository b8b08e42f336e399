"""Faults of a disk, injected: every open, write and rename of every stage fails once.

    python tests/stages/faults.py PROJECT SHARE

PROJECT has been run by `dvc repro`; of its sweeps, `small` is tried, too. SHARE: of all faults, so
many are tried, evenly spread, and all of a sweep's ledger. Each is tried on a stage whose outputs
are gone, as DVC leaves it to run: it must end in one line that names the file, leave none half
written, and end in the same bytes when it is run again. Prints the counts as JSON.

It runs stages in forks of one process that has loaded the library, with what writes files patched.
"""

import errno
import importlib
import io
import json
import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

KEPT = {"generate", "split"}  # whose outputs DVC leaves in place: `persist`
# What a study says of how far it is, beside any error.
PROGRESS = re.compile(r"[a-z][a-z ,_0-9]*: (\d+ of \d+ |\d+ trials, which)")
OWN_NAME = re.compile(r"\.\d+(\.tmp)?$")  # ends what a process writes under its own number
LEDGER = ".sweep/runs.txt"
SWEPT = "reports/sweeps/small"
DISK = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO}
KINDS = {
    "open": [*DISK],
    "write": [*DISK, "short", "half, then ENOSPC"],
    "rename": [*DISK],
}


class Point(NamedTuple):
    """The first time that an operation is done on a file."""

    operation: str
    file: str


class Stage(NamedTuple):
    name: str
    command: list[str]
    outs: list[Path]


class Disk:
    """Notes every point, and fails once at one of them. Workers inherit it when they are forked."""

    def __init__(self, folder: Path, at: Point | None = None, kind: str = "") -> None:
        self._root, self._at, self._kind = Path.cwd(), at, kind
        self._notes, self._fired = folder / "points", folder / "fired"
        self._notes.write_text("")
        self._fired.unlink(missing_ok=True)

    def reached(self, operation: str, path: object) -> str:
        """The kind of fault that happens here, empty for none. Raises OSError for a plain one."""
        file = os.path.relpath(str(path), self._root)
        name = OWN_NAME.sub("", file.removesuffix(".tmp"))
        point = Point(operation, name)
        with io.FileIO(self._notes, "a") as notes:
            notes.write(f"{json.dumps(point)}\n".encode())
        if point != self._at or not self._is_first():
            return ""
        if self._kind in DISK:
            named = [str(path)] if operation != "write" else []  # as the system does
            raise OSError(DISK[self._kind], os.strerror(DISK[self._kind]), *named)
        return self._kind

    def points(self) -> list[Point]:
        lines = dict.fromkeys(self._notes.read_text().splitlines())
        return sorted(Point(*json.loads(line)) for line in lines)

    def fired(self) -> bool:
        return self._fired.exists()

    def _is_first(self) -> bool:
        try:
            os.close(os.open(self._fired, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True


class File(io.FileIO):
    def __init__(self, path: Path, mode: str, disk: Disk) -> None:
        super().__init__(path, mode)
        self._path, self._disk = path, disk

    def write(self, content: Any) -> int:
        fault = self._disk.reached("write", self._path)
        if not fault:
            return super().write(content)
        written = super().write(bytes(content)[: max(1, len(content) // 2)])
        if fault == "short":
            return written
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def patched(disk: Disk) -> Iterator[None]:
    """Within it, whatever the stages write goes to this disk."""
    opened, replace = Path.open, os.replace

    def open_(path: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if not set(mode) & set("xwa"):
            return opened(path, mode, *rest, **named)
        disk.reached("open", path)
        raw = File(path, mode.replace("b", ""), disk)
        return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)

    def replace_(source: Any, target: Any) -> None:
        disk.reached("rename", target)
        replace(source, target)

    Path.open, os.replace = open_, replace_  # type: ignore[assignment]
    yield
    Path.open, os.replace = opened, replace  # type: ignore[method-assign]


def stages_of(project: Path) -> list[Stage]:
    lock = YAML(typ="safe", pure=True).load(project / "dvc.lock")
    return [
        Stage(name, shlex.split(entry["cmd"])[2:], [Path(out["path"]) for out in entry["outs"]])
        for name, entry in lock["stages"].items()
    ]


def stages_of_sweeps() -> list[Stage]:
    outs = {"sweep": (".csv", ".json", "_seconds.csv"), "render_sweep": (".md", ".png", ".svg")}
    return [
        Stage(name, [f"stages.{name}", "small"], [Path(SWEPT + end) for end in ends])
        for name, ends in outs.items()
    ]


def main_of(stage: Stage) -> Callable[[], None]:
    main: Callable[[], None] = importlib.import_module(stage.command[0]).main
    return main


def run_stage(stage: Stage, disk: Disk, said: Path) -> int:
    """In a fork: its exit code. What it says goes to a file."""
    sys.stderr.flush()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70
    try:
        from seqcompare.execution.main_process import run, set_up

        to = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(to, 1)
        os.dup2(to, 2)
        sys.argv = stage.command
        set_up()
        with patched(disk):
            run(main_of(stage))
        code = 0
    except SystemExit as end:
        sys.stderr.write(f"{end.code}\n")
        code = 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def contents(outs: list[Path]) -> dict[str, bytes]:
    inside = [file for out in outs for file in ([out] if out.is_file() else out.rglob("*"))]
    return {str(file): file.read_bytes() for file in inside if file.is_file()}


def remove(stage: Stage) -> None:
    for out in stage.outs if stage.name not in KEPT else []:
        if out.is_dir():
            shutil.rmtree(out)
        else:
            out.unlink(missing_ok=True)
    Path(LEDGER).unlink(missing_ok=True)  # or a sweep would have nothing to do


def without_times(files: dict[str, bytes], timed: Callable[[str], bool]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if not timed(name)}


def is_timed(name: str) -> bool:
    """Does a file hold times, or what is drawn or computed from them?"""
    return name.startswith(TIMED)


MEASURED = ("train", "cost", "adding", "sweep")  # stages that write such files anew
TIMED = (
    "data/timing/", "data/environment/", "reports/adding_problem_seconds/", "reports/cost",
    f"{SWEPT}_seconds",
    "reports/timing/", "reports/convergence.json", "reports/claims", "reports/report.html",
    "reports/summary.md", "reports/figures/",
)  # fmt: skip


def try_fault(stage: Stage, point: Point, kind: str, folder: Path) -> str:
    """What did not hold, empty when all did."""
    wanted, said = contents(stage.outs), folder / "said"
    timed = (
        is_timed if stage.name.startswith(("train", "cost", "adding", "sweep")) else lambda _: False
    )
    remove(stage)
    disk = Disk(folder, point, kind)
    code = run_stage(stage, disk, said)
    lines = [line for line in said.read_text().splitlines() if not PROGRESS.match(line)]
    left = contents(stage.outs)
    again = run_stage(stage, Disk(folder / "again"), folder / "again/said")
    now = contents(stage.outs)
    if not disk.fired():
        return "the fault did not happen"
    if (code, len(lines)) != ((0, 0) if kind == "short" else (1, 1)):
        return f"ended with {code} and {lines}"
    if lines and not (
        lines[0].startswith("error: ") and Path(point.file).name.lstrip(".") in lines[0]
    ):
        return f"said {lines[0]}"
    sound = without_times(wanted, timed)
    if any(sound.get(name) != content for name, content in without_times(left, timed).items()):
        return f"left other files than whole ones: {sorted(left)}"
    if left.keys() - wanted.keys():
        return f"left {sorted(left.keys() - wanted.keys())}"
    if again or without_times(now, timed) != sound or now.keys() != wanted.keys():
        return f"the next run ended with {again} in other bytes"
    return ""


def main() -> None:
    project, share = Path(sys.argv[1]).resolve(), float(sys.argv[2])
    os.chdir(project)
    sys.path[:0] = [str(project), str(project / "src")]
    folder = project / ".faults"
    (folder / "again").mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {"points": 0, "tried": 0, "held": 0, "problems": []}
    owed = 0.0
    for stage in [*stages_of(project), *stages_of_sweeps()]:
        main_of(stage)  # loaded once, for all forks
        noted = Disk(folder)
        remove(stage)
        started_at = time.monotonic()
        if code := run_stage(stage, noted, folder / "said"):
            sys.exit(f"{stage.name} ended with {code}: {(folder / 'said').read_text()}")
        took_s = time.monotonic() - started_at
        faults = [(point, kind) for point in noted.points() for kind in KINDS[point.operation]]
        found["points"] += len(faults)
        print(f"{stage.name}: {len(faults)} faults, {took_s:.1f} s a run", file=sys.stderr)
        for point, kind in faults:
            owed += 1 if point.file == LEDGER else share
            if owed < 1:
                continue
            owed -= 1
            found["tried"] += 1
            problem = try_fault(stage, point, kind, folder)
            found["held"] += not problem
            if problem:
                found["problems"].append(f"{stage.name}, {kind} at {' '.join(point)}: {problem}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
