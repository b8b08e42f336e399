"""Known vulnerabilities of the packages in requirements.txt: `make audit`.

Asks PyPI's database through pip-audit. Exit code 1 for what it finds. Without the network, or where
the package index knows no advisories, nothing is audited: that is said, and is no failure.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PIP_AUDIT = ROOT / ".venv/audit/bin/pip-audit"
ARGUMENTS = ("--requirement", "requirements.txt", "--no-deps", "--disable-pip", "--format", "json")


def main() -> None:
    packages = audited()
    asked = [package for package in packages if "vulns" in package]
    found = [
        f"{package['name']} {package['version']}: {each['id']}, mended in "
        f"{', '.join(each['fix_versions']) or 'no version yet'}"
        for package in asked
        for each in package["vulns"]
    ]
    print(*found, f"{len(asked)} packages audited, {len(packages) - len(asked)} not", sep="\n")
    sys.exit(bool(found))


def audited() -> list[dict[str, Any]]:
    """A row for each package; those that the database does not know have no `vulns`."""
    if not PIP_AUDIT.exists():
        print("not audited: pip-audit cannot be installed without the network")
        sys.exit(0)
    done = subprocess.run(
        [PIP_AUDIT, *ARGUMENTS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    try:
        rows: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, LookupError):
        reason = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        print(f"not audited: pip-audit had no answer from the network ({reason})")
        sys.exit(0)
    return rows


if __name__ == "__main__":
    main()
