"""Licences: of each pinned package, as it states it."""

import subprocess
import sys
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from conftest import ROOT

from tools.licences import LOCKS, UNSTATED, licence, pinned


class Package(Distribution):
    def __init__(self, **headers: str) -> None:
        self._text = "".join(f"{key.replace('_', '-')}: {text}\n" for key, text in headers.items())

    def read_text(self, filename: str) -> str | None:
        return self._text if filename == "METADATA" else None

    def locate_file(self, path: object) -> Path:
        raise NotImplementedError


BSD = "License :: OSI Approved :: BSD License"


@pytest.mark.parametrize(
    ("package", "stated"),
    [
        (Package(License_Expression="MIT", License="other", Classifier=BSD), "MIT"),
        (Package(License="long text", Classifier=BSD), "BSD License"),
        (Package(License="Apache 2", Classifier="License :: OSI Approved"), "Apache 2"),
        (Package(Name="x"), UNSTATED),
    ],
)
def test_a_licence_is_the_most_exact_that_a_package_states(package: Package, stated: str) -> None:
    assert isinstance(package.metadata, Message)
    assert licence(package) == stated


def test_every_pinned_package_is_named_once_and_none_states_no_licence() -> None:
    done = subprocess.run(
        [sys.executable, "tools/licences.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    listed = [name for line in done.stdout.splitlines() for name in line.split(": ")[1].split(", ")]
    assert sorted(listed) == sorted(pinned(ROOT / lock for lock in LOCKS))
