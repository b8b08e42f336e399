"""Stage `render_sweep` of sweep/dvc.yaml: reports/sweep.csv, sweep_seconds.csv -> sweep.png."""

from seqcompare.core import paths
from seqcompare.core.files import load_table, write_bytes
from seqcompare.core.params import load_params
from seqcompare.report.figures.sweep import sweep_picture
from seqcompare.report.storage import SWEEP_PICTURE
from seqcompare.report.texts import load_texts
from stages import run


def main() -> None:
    params = load_params()
    texts = load_texts(params.report.language)
    picture = sweep_picture(load_table(paths.SWEEP), load_table(paths.SWEEP_SECONDS), texts)
    write_bytes(SWEEP_PICTURE, picture)


if __name__ == "__main__":
    run(main)
