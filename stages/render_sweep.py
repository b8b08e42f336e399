"""Stage `render_sweep NAME` of sweeps/dvc.yaml: reports/sweeps/NAME.json -> .md, .png and .svg.

The table says how to make it again, which is by what differs from the last commit's params.
"""

import sys

from seqcompare.core import paths
from seqcompare.core.files import write_bytes
from seqcompare.core.params import PARAMS, load_params
from seqcompare.core.schema import load_yaml
from seqcompare.core.sweep_params import SWEEP_PARAMS, load_sweeps
from seqcompare.execution.git import committed_yaml
from seqcompare.report.figures.sweep import sweep_pictures
from seqcompare.report.reproduce import reproduce_markdown, sweep_changes, sweep_commands
from seqcompare.report.storage import hashes_of, sweep_file
from seqcompare.report.sweep_table import sweep_markdown
from seqcompare.report.texts import load_texts
from seqcompare.studies.sweep.identity import csv_files, made_from
from seqcompare.studies.sweep.storage import load_summary
from stages import run


def main() -> None:
    params, wanted, name = load_params(), load_sweeps(), sys.argv[1]
    now = made_from(wanted.base, wanted.sweeps[name], params.reproducibility, params.device)
    summary, texts = load_summary(name, now), load_texts(params.report.language)
    committed = committed_yaml(PARAMS), committed_yaml(SWEEP_PARAMS)
    changes = sweep_changes(name, committed, (load_yaml(PARAMS), load_yaml(SWEEP_PARAMS)))
    inputs = hashes_of(csv_files(wanted.base, wanted.sweeps[name]))
    commands = sweep_commands(name, changes, inputs, hashes_of([paths.sweep_table(name)]))
    table = sweep_markdown(name, summary, texts) + reproduce_markdown(commands, texts)
    write_bytes(sweep_file(name, "md"), table.encode())
    for kind, picture in sweep_pictures(summary, texts).items():
        write_bytes(sweep_file(name, kind), picture)


if __name__ == "__main__":
    run(main)
