"""Licences of all pinned packages that are installed here, as they state them: `make licences`.

A table of licence and packages. Packages that state none are named last, and end it with an error.
seqcompare hands none of them on: who installs it gets them from the package index.
"""

import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

LOCKS = (Path("requirements.txt"), Path("requirements-slow.txt"))
UNSTATED = "(states none)"
CLASSIFIER = "License :: "


def main() -> None:
    by_licence: dict[str, list[str]] = {}
    missing = []
    for name in pinned(LOCKS):
        try:
            by_licence.setdefault(licence(distribution(name)), []).append(name)
        except PackageNotFoundError:
            missing.append(name)
    for stated, names in sorted(by_licence.items(), key=lambda each: (-len(each[1]), each[0])):
        print(f"{len(names):4d}  {stated}: {', '.join(sorted(names))}")
    if missing:
        print(f"not installed here: {', '.join(sorted(missing))}")
    if UNSTATED in by_licence:
        sys.exit(f"error: look up the licences of {', '.join(sorted(by_licence[UNSTATED]))}")


def pinned(locks: Iterable[Path]) -> set[str]:
    """Names of the packages in the lock files."""
    lines = [line for lock in locks for line in lock.read_text(encoding="utf-8").splitlines()]
    return {found[1] for line in lines if (found := re.match(r"([\w.-]+)==", line))}


def licence(package: Distribution) -> str:
    """Its SPDX expression, else its classifiers, else the first line of what it says."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classified = [
        each.rpartition(" :: ")[2]
        for each in metadata.get_all("Classifier") or []
        if each.startswith(CLASSIFIER)
    ]
    named = [each for each in classified if each != "OSI Approved"]
    if named:
        return "; ".join(sorted(named))
    said = (metadata.get("License") or "").strip().splitlines()
    return said[0][:60] if said else UNSTATED


if __name__ == "__main__":
    main()
