"""Stage `render_studies`: tables of the studies -> reports/studies.html, figures, claims.csv."""

from seqcompare.core import paths
from seqcompare.core.params import load_params
from seqcompare.core.study_params import load_studies
from seqcompare.core.tables import save_table, write_bytes
from seqcompare.report.figures.map import map_pictures
from seqcompare.report.figures.studies import study_panels
from seqcompare.report.language import load_language
from seqcompare.report.page import studies_page
from seqcompare.report.results import load_maps
from seqcompare.report.studies import StudyResults
from seqcompare.studies.claims import cost_points, judge, lag_shares, load_evidence
from stages import run


def main() -> None:
    params = load_params()
    tr, confidence = load_language(params.report.language), params.evaluation.confidence
    studies = load_studies()
    evidence = load_evidence(list(params.models), studies)
    maps = load_maps(paths.MAP_TRIALS)
    found = StudyResults(
        claims=judge(evidence, confidence),
        cost=cost_points(evidence.timings, confidence),
        lags=lag_shares(evidence.lags, confidence),
        maps={name: maps[name] for name in studies.maps if name in maps},
        measured_on=evidence.timings.iloc[0][["device", "clock", "batch_size"]].to_dict(),
    )
    save_table(paths.CLAIMS, found.claims)
    drawn = {f"{name}.svg": svg for name, svg in study_panels(found.cost, found.lags, tr).items()}
    for name, each in found.maps.items():
        kinds = map_pictures(each, params, tr)
        drawn |= {f"map_{name}.{kind}": picture for kind, picture in kinds.items()}
    for name, picture in drawn.items():
        write_bytes(paths.STUDIES / "figures" / name, picture)
    write_bytes(paths.STUDIES_PAGE, studies_page(found, drawn, tr))
    print(paths.STUDIES_PAGE.resolve().as_uri())


if __name__ == "__main__":
    run(main)
