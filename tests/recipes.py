"""Commands of the documents, run as they are printed there."""

import re
import shlex
from collections.abc import Mapping
from functools import cache
from subprocess import CompletedProcess

from conftest import ROOT, Project


@cache
def commands(document: str) -> tuple[tuple[str, ...], ...]:
    """Of every shell block of a document its commands, in order, without the comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)
    joined = (re.sub(r"\\\n\s*", "", block).splitlines() for block in blocks)
    return tuple(tuple(re.sub(r"\s+#.*", "", line) for line in block) for block in joined)


def printed(document: str) -> frozenset[str]:
    """Every command of a document."""
    return frozenset(command for block in commands(document) for command in block)


def run_printed(
    project: Project, document: str, command: str, filled: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Run a command that stands in the document; `filled` replaces parts of it."""
    assert command in printed(document), f"{document} prints no `{command}`"
    for part, value in (filled or {}).items():
        assert part in command
        command = command.replace(part, value)
    return project.run(*shlex.split(command))
