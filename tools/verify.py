"""Verification, first part: every file holds what dvc.lock says. `make verify`.

Of the standard library alone, so that damage to the project's own code or params cannot hide any.
It reads what the pipeline has made, and changes nothing. DVC itself does not notice a flipped byte
in its cache: objects are read-only, so it trusts them. Where all hashes hold, `seqcompare.verify`
computes again what follows from others.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = ".dir"  # ends the hash of a folder: its object lists the files in it
CODE = ("src/", "stages/")  # beginnings of what dvc.lock records of it
MOST_NAMED = 3  # files that one line names
IGNORED = {"__pycache__", ".DS_Store"}  # of a folder's content, as .dvcignore says
STAGE = re.compile(r"  ([^\s:]+):")
PART = re.compile(r"    (cmd|deps|params|outs):.*")
ENTRY = re.compile(r"    - path: (\S+)")
DIGEST = re.compile(r"      md5: ([0-9a-f]{32}(?:\.dir)?)")
ASIDE = re.compile(r"      (hash: md5|size: \d+|nfiles: \d+|isexec: true)")


def main() -> None:
    try:
        stages = ask_dvc("stage", "list", "--name-only")
        recorded = read_lock(Path("dvc.lock"), stages.splitlines() if stages else None)
    except (OSError, ValueError) as error:
        sys.exit(f"error: dvc.lock: cannot be read ({error}): run `dvc repro`")
    cache = Path(ask_dvc("cache", "dir") or ".dvc/cache")
    findings = check_files(Path(), cache, recorded)
    print(provenance(Path(), findings.problems))
    findings.problems += unreadable_code(Path("src/seqcompare"))
    print(*findings.problems, findings, sep="\n")
    if findings.problems:
        sys.exit(1)
    environment = {**os.environ, "PYTHONPATH": "src"}
    command = [sys.executable, "-m", "seqcompare.verify", str(cache)]
    sys.exit(subprocess.run(command, env=environment, check=False).returncode)


@dataclass
class Findings:
    """What was looked at, and what does not hold: a line for each, which names the file."""

    workspace: int = 0
    cached: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        looked_at = f"{self.workspace} files of dvc.lock, {self.cached} objects in the cache"
        if not self.problems:
            return f"hashed {looked_at}: all hold"
        return f"hashed {looked_at}: {len(self.problems)} do not hold, so nothing is computed again"


def provenance(root: Path, problems: Collection[str]) -> str:
    """One line: the commit, whether the tree is clean, whether its code is the recorded one.

    No result says that of itself: docs/REPRODUCIBILITY.md has the reason.
    problems: from `check_files`, each of which begins with its file.
    """
    commit = _ask_git(root, "rev-parse", "--short=12", "HEAD").strip()
    if not commit:
        here = "no commit: this is no clone, or Git is missing"
    elif changed := _changes(root):
        more = f" and {len(changed) - MOST_NAMED} more" if changed[MOST_NAMED:] else ""
        here = f"commit {commit}, and not as committed: {', '.join(changed[:MOST_NAMED])}{more}"
    else:
        here = f"commit {commit}, the tree clean"
    recorded = not any(problem.startswith(CODE) for problem in problems)
    return f"{here}; its code is {'what' if recorded else 'not what'} dvc.lock records"


def check_files(root: Path, cache: Path, recorded: Mapping[str, str]) -> Findings:
    """Hash again what dvc.lock records in the workspace, and every object in the cache.

    root: the project's folder; cache: DVC's; recorded: path -> MD5, from `read_lock`.
    """
    findings = Findings()
    for path, digest in sorted(recorded.items()):
        for file, wanted in _files(root / path, digest, cache):
            findings.workspace += 1
            problem = _problem(file, file.relative_to(root), wanted, "run `dvc repro`")
            in_folder = _changed_in(root, path) if problem and file.is_dir() else []
            findings.problems += in_folder or problem
    objects = cache / "files/md5"
    for file in sorted(objects.glob("*/*")):
        findings.cached += 1
        wanted = f"{file.parent.name}{file.name}".removesuffix(FOLDER)
        mend = "delete it, then `dvc repro` or `dvc fetch`"
        findings.problems += _problem(file, file, wanted, mend)
    findings.problems = list(dict.fromkeys(findings.problems))  # stages share folders
    return findings


def _problem(file: Path, name: Path, wanted: str, mend: str) -> list[str]:
    """A line when a file does not have the MD5 that is wanted, else none."""
    try:
        found = _md5(file)
    except OSError as error:
        return [f"{name}: cannot be read: {error.strerror}: {mend}"]
    if found == wanted:
        return []
    return [f"{name}: its MD5 is {found}, recorded is {wanted}: {mend}"]


def _changed_in(root: Path, folder: str) -> list[str]:
    """A line for each file of a folder that is not as committed: dvc.lock knows the folder alone.

    Empty without Git, or where all are as committed.
    """
    return [
        f"{file}: is not as committed, and {folder} not what dvc.lock records: `git checkout` it, "
        "or run `dvc repro`"
        for file in _changes(root, folder)
    ]


def _changes(root: Path, folder: str = ".") -> list[str]:
    """Files that are not as committed, new ones too. Empty without Git."""
    found = _ask_git(root, "status", "--porcelain", "--untracked-files=all", "-z", "--", folder)
    return [line[3:] for line in found.split("\0") if line[3:]]


def _ask_git(root: Path, *arguments: str) -> str:
    """What it answers; nothing without Git, or in what is no clone."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return "" if done.returncode else done.stdout


def unreadable_code(package: Path) -> list[str]:
    """A line for each file beside the rooms that is no Python: dvc.lock does not record those."""
    problems = []
    for file in sorted(package.glob("*.py")):
        try:
            compile(file.read_bytes(), file, "exec")
        except (OSError, SyntaxError, ValueError) as error:
            problems.append(f"{file}: cannot be read as Python ({error}): `git checkout` it")
    return problems


def read_lock(lock: Path, stages: Collection[str] | None) -> dict[str, str]:
    """path -> MD5 of all dependencies and outputs of these stages; None: of all.

    DVC leaves in dvc.lock also what it recorded of stages that dvc.yaml no longer has.
    Raises OSError or ValueError when dvc.lock is not as DVC writes it.
    """
    recorded: dict[str, str] = {}
    stage = part = path = ""
    for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), 1):
        if found := STAGE.fullmatch(line):
            stage, part = found[1], ""
        elif found := PART.fullmatch(line):
            part = found[1]
        elif part not in ("deps", "outs"):
            continue
        elif found := ENTRY.fullmatch(line):
            path = found[1]
        elif found := DIGEST.fullmatch(line):
            if stages is None or stage in stages:
                recorded[path] = found[1]
        elif not ASIDE.fullmatch(line):
            raise ValueError(f"line {number} is not as DVC writes it: {line[:60]!r}")
    if not recorded:
        raise ValueError("it names no files of stages")
    return recorded


def _files(path: Path, digest: str, cache: Path) -> Iterator[tuple[Path, str]]:
    """Each file below a path with its recorded MD5. A folder's are listed by its object.

    Without that object, sound, in the cache (of folders that are dependencies alone, or on a fresh
    clone) the list is made from what is there, and hashed as DVC does.
    """
    if not digest.endswith(FOLDER):
        yield path, digest
        return
    listing = cache / "files/md5" / digest[:2] / digest[2:]
    if not listing.is_file() or _md5(listing) + FOLDER != digest:
        yield path, digest
        return
    listed = {entry["relpath"]: entry["md5"] for entry in json.loads(listing.read_bytes())}
    there = {str(file.relative_to(path)) for file in _content(path)}
    for name in sorted(there | set(listed)):
        yield path / name, listed.get(name, "none")


def _md5(path: Path) -> str:
    """As DVC computes it: of a file's bytes, or of the list of a folder's files."""
    if not path.is_dir():
        return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    listing = [
        {"md5": _md5(file), "relpath": file.relative_to(path).as_posix()}
        for file in sorted(_content(path), key=lambda file: file.relative_to(path).parts)
    ]
    return hashlib.md5(json.dumps(listing).encode(), usedforsecurity=False).hexdigest() + FOLDER


def _content(folder: Path) -> list[Path]:
    """All files below a folder but those that DVC ignores."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if not IGNORED & set(file.relative_to(folder).parts)]


def ask_dvc(*arguments: str) -> str:
    """What it answers; nothing where it has no answer, because params.yaml is damaged, say."""
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode else done.stdout.strip()


if __name__ == "__main__":
    main()
