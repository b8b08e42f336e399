"""Stage `render_sweep NAME` of sweeps/dvc.yaml: reports/sweeps/NAME.json -> .md, .png and .svg."""

import sys

from seqcompare.core.files import write_bytes
from seqcompare.core.params import load_params
from seqcompare.core.sweep_params import load_sweeps
from seqcompare.report.figures.sweep import sweep_pictures
from seqcompare.report.storage import sweep_file
from seqcompare.report.sweep_table import sweep_markdown
from seqcompare.report.texts import load_texts
from seqcompare.studies.sweep.identity import made_from
from seqcompare.studies.sweep.storage import load_summary
from stages import run


def main() -> None:
    params, wanted, name = load_params(), load_sweeps(), sys.argv[1]
    now = made_from(wanted.base, wanted.sweeps[name], params.reproducibility, params.device)
    summary, texts = load_summary(name, now), load_texts(params.report.language)
    write_bytes(sweep_file(name, "md"), sweep_markdown(name, summary, texts).encode())
    for kind, picture in sweep_pictures(summary, texts).items():
        write_bytes(sweep_file(name, kind), picture)


if __name__ == "__main__":
    run(main)
