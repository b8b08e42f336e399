"""Stage `render`: reports/ and histories -> reports/figures/*.png."""

from seqcompare import artifacts
from seqcompare.figures import comparison
from seqcompare.params import load_params
from seqcompare.study_figures import cost_picture, reach_picture
from stages import run


def main() -> None:
    params = load_params()
    models = list(params.models)
    picture = comparison(
        {model: artifacts.load_history(model) for model in models},
        {model: artifacts.load_timing(model) for model in models},
        {model: artifacts.load_epoch_seconds(model) for model in models},
        artifacts.load_predictions(),
        artifacts.load_metrics(),
    )
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
    artifacts.save_picture("comparison.png", picture)
    artifacts.save_picture("cost.png", cost)
    artifacts.save_picture("reach.png", reach)


if __name__ == "__main__":
    run(main)
