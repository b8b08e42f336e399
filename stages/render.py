"""Stage `render`: reports/ and histories -> reports/figures/comparison.png."""

from seqcompare import artifacts
from seqcompare.figures import comparison
from seqcompare.params import load_params
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
    artifacts.save_picture("comparison.png", picture)


if __name__ == "__main__":
    run(main)
