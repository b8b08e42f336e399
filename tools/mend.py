"""Remove files of DVC's that a kill left half written, since DVC refuses to run with them.

DVC writes its locks in place. What a removed dvc.lock recorded is in its cache: `dvc repro`
restores it, and trains nothing again. `make run` and `make studies` call this first.
"""

from pathlib import Path

import yaml

for name in ("dvc.lock", "studies/dvc.lock", ".dvc/tmp/rwlock"):
    file = Path(name)
    if not file.is_file():
        continue
    try:
        content = yaml.safe_load(file.read_bytes())
        whole = isinstance(content, dict) and (file.name == "rwlock" or "stages" in content)
    except yaml.YAMLError:
        whole = False
    if not whole:
        print(f"{file}: was left half written by a kill, and is removed")
        file.unlink()
