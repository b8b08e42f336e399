"""Stage `render_studies`: cost, reach and recall -> reports/figures/cost.svg and reach.svg."""

from seqcompare import artifacts
from seqcompare.params import load_params
from seqcompare.study_figures import cost_picture, reach_picture
from stages import run


def main() -> None:
    params = load_params()
    cost = cost_picture(
        artifacts.load_rows("cost"),
        artifacts.load_rows("complexity"),
        artifacts.load_summary("cost"),
    )
    reach = reach_picture(
        artifacts.load_rows("reach"),
        artifacts.load_rows("recall"),
        params.reach.solved_below,
        params.seq_len,
    )
    artifacts.save_picture("cost.svg", cost)
    artifacts.save_picture("reach.svg", reach)


if __name__ == "__main__":
    run(main)
