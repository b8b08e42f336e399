"""Stage `render`: reports/ and histories -> reports/figures/."""

from seqcompare import artifacts
from seqcompare.figures import comparison_png, comparison_svg, panels
from seqcompare.params import load_params
from seqcompare.style import PRINT, README
from seqcompare.texts import load_texts
from stages import run
from stages.results import load_outcome


def main() -> None:
    params = load_params()
    texts = load_texts(params.report.language)
    outcome = load_outcome(
        params.seq_len, params.seeds, params.models, params.data, params.evaluation
    )
    artifacts.save_picture("comparison.png", comparison_png(outcome, texts, README))
    artifacts.save_picture("comparison.svg", comparison_svg(outcome, texts, PRINT))
    for name, picture in panels(outcome, texts).items():
        artifacts.save_picture(f"{name}.svg", picture)


if __name__ == "__main__":
    run(main)
