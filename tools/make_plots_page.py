"""Write .dvc/plots/page.html, the page of `dvc plots show` that needs no network.

    python3 tools/make_plots_page.py

DVC's own page loads Vega from a CDN; this one carries it. `npm` fetches the three packages in the
versions that DVC names (dvc_render/vega.py), and their licences go into the page with them.
"""

import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

from dvc_render.vega import VegaRenderer

PAGE = Path(__file__).resolve().parents[1] / ".dvc/plots/page.html"
HEAD = """<!DOCTYPE html>
<!-- Made by tools/make_plots_page.py: do not edit. -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh_tag}
<title>DVC plots</title>
<style>body { font-family: system-ui, sans-serif; margin: 1rem; overflow-x: auto; }</style>
"""
TAIL = """</head>
<body>
{plot_divs}
</body>
</html>
"""


def fetch(package: str, folder: Path) -> tuple[str, str]:
    """The minified script of `name@version` and its licence, as the npm registry has them."""
    packed = subprocess.run(
        ["npm", "pack", "--json", package], cwd=folder, check=True, capture_output=True
    )
    archive = folder / json.loads(packed.stdout)[0]["filename"]
    name = package.partition("@")[0]
    with tarfile.open(archive) as tar:
        script, licence = (
            file.read().decode()
            for member in (f"package/build/{name}.min.js", "package/LICENSE")
            if (file := tar.extractfile(member)) is not None
        )
    return re.sub(r"//# sourceMappingURL=\S+", "", script).strip(), licence.strip()


def main() -> None:
    packages = re.findall(r"npm/([\w-]+@[\d.]+)", VegaRenderer.SCRIPTS)
    parts = [HEAD]
    with tempfile.TemporaryDirectory() as folder:
        for package in packages:
            script, licence = fetch(package, Path(folder))
            if "</script" in script or "{plot_divs}" in script:
                raise SystemExit(f"error: {package} cannot stand inside a page as it is")
            parts.append(f"<!-- {package}\n{licence}\n-->\n<script>\n{script}\n</script>\n")
    parts.append(TAIL)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("".join(parts))
    print(f"{PAGE}: {', '.join(packages)}, {PAGE.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
