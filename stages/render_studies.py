"""Stage `render_studies`: cost, reach and recall -> their panels in reports/figures/."""

from seqcompare import artifacts
from seqcompare.params import load_params
from seqcompare.study_figures import cost_panels, reach_panels
from seqcompare.texts import load_texts
from stages import run


def main() -> None:
    params = load_params()
    texts = load_texts(params.report.language)
    cost = cost_panels(
        artifacts.load_rows("cost"),
        artifacts.load_rows("complexity"),
        artifacts.load_summary("cost"),
        texts,
    )
    reach = reach_panels(
        artifacts.load_rows("reach"),
        artifacts.load_rows("recall"),
        params.reach.solved_below,
        texts,
    )
    for name, picture in (cost | reach).items():
        artifacts.save_picture(f"{name}.svg", picture)


if __name__ == "__main__":
    run(main)
