"""Stage `render`: reports/ and histories -> reports/figures/comparison/."""

from seqcompare.core.params import load_params
from seqcompare.execution.processes import open_processes
from seqcompare.report.figures.comparison import file_names, pictures
from seqcompare.report.storage import COMPARISON_FIGURES, load_results, save_pictures
from seqcompare.report.texts import load_texts
from stages import run


def main() -> None:
    params = load_params()
    texts = load_texts(params.report.language)
    results = load_results(params.seq_len, params.seeds, params.models, params.data)
    names = file_names(results)
    with open_processes("cpu", params.executor.workers, len(names)) as processes:
        drawn = pictures(names, results, texts, processes.map)
    save_pictures(COMPARISON_FIGURES, drawn)


if __name__ == "__main__":
    run(main)
