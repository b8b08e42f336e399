"""Faults of a disk, injected: every open, write and rename of every stage fails once.

    python tests/faults.py PROJECT SHARE

PROJECT has been run by `dvc repro`. SHARE: of all faults, so many are tried, evenly spread. Each is
tried on a stage whose outputs are gone, as DVC leaves it to run: it must end in one line that names
the file, leave none half written, and end in the same bytes when it is run again. Prints the counts
as JSON. Stages run in forks of one process, in which what writes files is patched.
"""

import errno
import importlib
import io
import json
import os
import re
import shutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml

OWN_NAME = re.compile(r"^\.(.*?)(\.\d+)?\.tmp$")  # while a process writes a file
DISK = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO}
KINDS = {
    "open": [*DISK],
    "write": [*DISK, "short", "half, then ENOSPC"],
    "rename": [*DISK],
}
TIMED = re.compile(r"data/(timing|environment)/|reports/timing/")


class Point(NamedTuple):
    """The first time that an operation is done on a file."""

    operation: str
    file: str


class Stage(NamedTuple):
    name: str
    command: list[str]  # module and arguments
    outs: list[Path]
    kept: bool  # DVC leaves the outputs in place: `persist`


class Disk:
    """Notes every point, and fails once at one of them. Workers inherit it when they are forked."""

    def __init__(self, folder: Path, at: Point | None = None, kind: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._root, self._at, self._kind = Path.cwd(), at, kind
        self._notes, self._fired = folder / "points", folder / "fired"
        self.said = folder / "said"
        self._notes.write_text("")
        self._fired.unlink(missing_ok=True)

    def reached(self, operation: str, path: object) -> str:
        """The kind of fault that happens here, empty for none. Raises OSError for a plain one."""
        file = Path(os.path.relpath(str(path), self._root))
        point = Point(operation, str(file.with_name(OWN_NAME.sub(r"\1", file.name))))
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
    lock = yaml.safe_load((project / "dvc.lock").read_text())["stages"]
    kept = ("generate", "split")
    return [
        Stage(
            name, entry["cmd"].split()[2:], [Path(o["path"]) for o in entry["outs"]], name in kept
        )
        for name, entry in lock.items()
    ]


def run_stage(stage: Stage, disk: Disk) -> int:
    """In a fork: its exit code. What it says goes to a file of the disk's."""
    sys.stderr.flush()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70
    try:
        from seqcompare.execution.runtime import set_up
        from stages import run

        to = os.open(disk.said, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(to, 2)
        sys.argv = stage.command
        set_up()
        with patched(disk):
            run(importlib.import_module(stage.command[0]).main)
        code = 0
    except SystemExit as end:
        sys.stderr.write(f"{end.code}\n")
        code = 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def contents(stage: Stage) -> dict[str, bytes]:
    """Of all outputs, but for times."""
    inside = [f for out in stage.outs for f in ([out] if out.is_file() else out.rglob("*"))]
    return {str(f): f.read_bytes() for f in inside if f.is_file() and not TIMED.match(str(f))}


def remove(stage: Stage) -> None:
    for out in [] if stage.kept else stage.outs:
        if out.is_dir():
            shutil.rmtree(out)
        else:
            out.unlink(missing_ok=True)


def try_fault(stage: Stage, point: Point, kind: str, folder: Path) -> str:
    """What did not hold, empty when all did."""
    wanted = contents(stage)
    remove(stage)
    disk = Disk(folder, point, kind)
    code = run_stage(stage, disk)
    lines = disk.said.read_text().splitlines()
    lines = [line for line in lines if line.startswith("error: ") or "Traceback" in line]
    left = contents(stage)
    again = run_stage(stage, Disk(folder / "again"))
    if not disk.fired():
        return "the fault did not happen"
    if (code, len(lines)) != ((0, 0) if kind == "short" else (1, 1)):
        return f"ended with {code} and {disk.said.read_text()}"
    if lines and Path(point.file).name not in lines[0]:
        return f"said {lines[0]}"
    if any(wanted.get(name) != content for name, content in left.items()):
        return f"left other files than whole ones: {sorted(left)}"
    if again or contents(stage) != wanted:
        return f"the next run ended with {again} in other bytes"
    return ""


def main() -> None:
    project, share = Path(sys.argv[1]).resolve(), float(sys.argv[2])
    os.chdir(project)
    sys.path[:0] = [str(project), str(project / "src")]
    folder = project / ".faults"
    found: dict[str, Any] = {"points": 0, "tried": 0, "problems": []}
    owed = 0.0
    for stage in stages_of(project):
        importlib.import_module(stage.command[0])  # loaded once, for all forks
        noted = Disk(folder)
        remove(stage)
        if code := run_stage(stage, noted):
            sys.exit(f"{stage.name} ended with {code}: {noted.said.read_text()}")
        faults = [(point, kind) for point in noted.points() for kind in KINDS[point.operation]]
        found["points"] += len(faults)
        for point, kind in faults:
            owed += share
            if owed < 1:
                continue
            owed -= 1
            found["tried"] += 1
            if problem := try_fault(stage, point, kind, folder):
                found["problems"].append(f"{stage.name}, {kind} at {' '.join(point)}: {problem}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
