"""Stage `render_studies`: cost, lookback and adding problem -> reports/figures/studies/."""

from seqcompare.core import paths
from seqcompare.core.files import load_json
from seqcompare.core.params import load_params
from seqcompare.report.figures.studies import cost_panels, lookback_panels
from seqcompare.report.storage import STUDY_FIGURES, load_study, save_pictures
from seqcompare.report.texts import load_texts
from stages import run


def main() -> None:
    params = load_params()
    texts = load_texts(params.report.language)
    cost = cost_panels(load_study(paths.COST), load_study(paths.OPERATIONS), texts)
    adding = load_json(paths.ADDING_PROBLEM.with_suffix(".json"))
    lookback = lookback_panels(load_study(paths.LOOKBACK), adding, texts)
    drawn = {f"{name}.svg": picture for name, picture in (cost | lookback).items()}
    save_pictures(STUDY_FIGURES, drawn)


if __name__ == "__main__":
    run(main)
