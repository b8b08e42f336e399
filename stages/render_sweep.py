"""Stage `render_sweep` of sweep/dvc.yaml: reports/sweep.csv, sweep_seconds.csv -> sweep.png."""

from seqcompare import artifacts
from seqcompare.params import load_params
from seqcompare.sweep_figure import sweep_picture
from seqcompare.texts import load_texts
from stages import run


def main() -> None:
    params = load_params()
    picture = sweep_picture(
        artifacts.load_rows("sweep"),
        artifacts.load_rows("sweep_seconds"),
        load_texts(params.report.language),
    )
    artifacts.save_sweep_picture(picture)


if __name__ == "__main__":
    run(main)
