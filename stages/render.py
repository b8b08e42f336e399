"""Stage `render`: results of the comparison -> figures, page and summary; prints the verdict."""

from seqcompare.core import paths
from seqcompare.core.params import load_params
from seqcompare.core.tables import write_bytes
from seqcompare.execution.git import committed_yaml
from seqcompare.report.figures.comparison import pictures
from seqcompare.report.language import load_language
from seqcompare.report.page import page, summary
from seqcompare.report.results import load_results
from seqcompare.report.verdict import headline
from stages import run


def main() -> None:
    params = load_params()
    tr, results = load_language(params.report.language), load_results(params)
    drawn = pictures(results, tr)
    for name, picture in drawn.items():
        write_bytes(paths.FIGURES / name, picture)
    write_bytes(paths.PAGE, page(results, drawn, committed_yaml(paths.PARAMS), tr))
    write_bytes(paths.SUMMARY, summary(results, tr))
    print(headline(results, tr))
    print(paths.PAGE.resolve().as_uri())


if __name__ == "__main__":
    run(main)
