"""Many series of a file: a row a series, the same in table, figure, answer, summary and studies."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up import CSV, make_map, make_map_trials, make_results, make_studies
from pandas.testing import assert_frame_equal

from seqcompare.evaluation.comparison import compare_pairs
from seqcompare.report import reproduce, tables
from seqcompare.report.figures import style
from seqcompare.report.figures.comparison import PANELS, shown_panels
from seqcompare.report.language import load_language
from seqcompare.report.page import answers, page, studies_page, summary
from seqcompare.report.results import RATIO, Results, series_table
from seqcompare.report.studies import series_tables
from seqcompare.report.verdict import series_answer, wins_text

EN = load_language("en")
MODELS = ["lstm", "transformer"]
QUESTION = "On how many series does each win?"
HARDER = [1.3, 1.2, 0.9, 1.5, 1.4, 1.25, 0.8, 1.6, 1.35, 1.45]  # for the Transformer, by series


@pytest.fixture(autouse=True)
def _no_files_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reproduce, "_check", lambda file: f"sha256sum {file}")


def make_losses() -> pd.DataFrame:
    """Squared errors of ten series, of which the LSTM is better on eight, in units far apart."""
    rng = np.random.default_rng(5)
    index = pd.MultiIndex.from_product(
        [[f"shop {n}" for n in range(10)], [3, 1, 2], range(60)], names=["series", "seed", "target"]
    )
    unit = 10.0 ** np.repeat(np.arange(10) - 4, 3 * 60)
    harder = np.repeat(HARDER, 3 * 60)
    squares = unit[:, None] * rng.normal(size=(len(index), 3)) ** 2 * [1, 1, 2]
    losses = pd.DataFrame(squares, index, [*MODELS, "ar"])
    return losses.assign(transformer=losses["lstm"] * harder * rng.uniform(0.99, 1.01, len(index)))


def ten_series() -> Results:
    """A run of them with four tested epochs of each network, whose mean is that of the losses."""
    mses = make_losses().groupby(["series", "seed"], sort=False).mean()
    rows = mses.reset_index().melt(["series", "seed"], var_name="predictor", value_name="mse")
    epochs = pd.concat(
        rows.assign(epoch=17 + at, mse=rows["mse"] * factor)
        for at, factor in enumerate((0.9, 0.95, 1.05, 1.1))
    )
    linear = rows[rows["predictor"] == "ar"].assign(epoch=np.nan)
    errors = pd.concat([epochs[epochs["predictor"] != "ar"], linear])
    return replace(make_results(design="many"), errors=errors)


def test_a_row_a_series_is_what_pandas_computes_of_the_losses() -> None:
    losses, rows = make_losses(), []
    for series, each in losses.groupby(level="series"):
        seeds = each.groupby(level="seed").mean()
        logs = [np.log(seed["lstm"] / seed["transformer"]) for _, seed in seeds.iterrows()]
        rows.append([series, *seeds.mean(), np.exp(sum(logs) / len(logs))])
    expected = pd.DataFrame(rows, columns=["series", *MODELS, "ar", RATIO]).set_index("series")
    table = ten_series().by_series
    assert_frame_equal(table, expected.sort_values(RATIO), check_names=False, check_dtype=False)
    assert list(table.index) == [f"shop {n}" for n in np.argsort(HARDER)[::-1]]


def test_the_verdict_is_the_geometric_mean_of_the_rows() -> None:
    results = ten_series()
    pair = compare_pairs(make_losses(), MODELS, results.params.evaluation).iloc[0]
    assert np.exp(np.log(results.by_series[RATIO]).mean()) == pytest.approx(pair["ratio"])
    assert pair["outcome"] == "lstm"


def test_the_answer_counts_wins_and_has_wilson_s_interval_of_their_rate() -> None:
    n, won, z = 10, 8, 1.959964
    # the shares p whose distance from won / n is z standard errors of p
    ends = np.roots([1 + z**2 / n, -2 * won / n - z**2 / n, (won / n) ** 2])
    low, high = sorted(100 * ends)
    assert series_answer(ten_series(), EN) == (
        "The LSTM has the lower test MSE on 8 of 10 series, the Transformer on 2. Win rate of the "
        f"LSTM: 80 % (95 % interval {low:.0f} to {high:.0f} %). A series counts for the model with "
        "the lower geometric mean over seeds, however small the difference."
    )


@pytest.mark.parametrize(
    ("ratios", "begins", "rate"),
    [
        ([0.5, 1.0, 1.0], "The LSTM has the lower test MSE on 1 of 3 series, the Transformer on 0.",
         "Win rate of the LSTM: 33 % (95 % interval 6 to 79 %)."),
        ([0.5, 2.0, 2.1], "The Transformer has the lower test MSE on 2 of 3 series, the LSTM on 1.",
         "Win rate of the Transformer: 67 %"),
        ([0.5, 2.0], "The LSTM has the lower test MSE on 1 of 2 series, the Transformer on 1.",
         "Win rate of the LSTM: 50 %"),
        ([1.0, 1.0], "The LSTM has the lower test MSE on 0 of 2 series, the Transformer on 0.",
         "Win rate of the LSTM: 0 % (95 % interval 0 to 66 %)."),
    ],
)  # fmt: skip
def test_a_tie_is_a_win_of_neither(ratios: list[float], begins: str, rate: str) -> None:
    text = wins_text(pd.DataFrame({RATIO: ratios}), MODELS, 0.95, EN)
    assert text.startswith(begins)
    assert rate in text


def test_figure_table_page_and_summary_show_the_same_series() -> None:
    results = ten_series()
    ratios, answer = results.by_series[RATIO], series_answer(results, EN)
    assert "series" in shown_panels(results)
    with style.in_style():
        axes = style.draw_panel(PANELS["series"], results, EN).axes[0]
    dots = {str(line.get_label()): line.get_ydata() for line in axes.lines[1:]}
    assert list(dots["LSTM better"]) == list(ratios[:8])
    assert list(dots["Transformer better"]) == list(ratios[8:])
    assert axes.get_ylabel() == "ratio of test MSEs"
    html = page(results, {}, {}, EN).decode().replace("&nbsp;", " ")
    shown = tables.series_table(results.by_series, MODELS, EN)
    assert list(shown.columns) == ["series", "LSTM", "Transformer", "Linear model",
                                   "LSTM / Transformer"]  # fmt: skip
    rows = [line for line in html.splitlines() if line.startswith('<th scope="row">shop ')]
    assert rows == [f'<th scope="row">{name}</th>' for name in shown["series"]]
    assert f"{ratios.iloc[0]:.3f}" in html
    assert answer in html
    assert f"- **{QUESTION}** {answer}" in summary(results, EN).decode()


@pytest.mark.parametrize(
    "kinds", [{}, {"design": "one"}, {"design": "many", "models": 1}, {"models": 3}]
)
def test_a_sine_one_series_and_one_model_have_none_of_it(kinds: dict[str, Any]) -> None:
    results = make_results(**kinds)
    assert results.by_series.empty
    assert "series" not in shown_panels(results)
    assert QUESTION not in dict(answers(results, EN))
    assert "Series by series" not in page(results, {}, {}, EN).decode()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_map_of_a_file_has_the_rows_of_its_first_setting_at_each_point(language: str) -> None:
    tr, found = load_language(language), make_map(data={**CSV, "id": "city"})
    of_file = replace(found, trials=make_map_trials(found))
    by_point = series_tables(of_file, EN)
    assert list(by_point) == [f"As in the tutorial, seq_len {n}" for n in (10, 20, 50, 100)]
    trials = of_file.trials
    here = trials[(trials["setting"] == "tutorial") & (trials["seq_len"] == 50)]
    table = by_point["As in the tutorial, seq_len 50"]
    assert_frame_equal(table, series_table(here, MODELS, "csv"))
    studies = replace(make_studies(), maps={"gallery": of_file})
    html = studies_page(studies, {}, tr).decode().replace("&nbsp;", " ")
    assert wins_text(table, MODELS, 0.95, tr) in html
    assert html.count('<th scope="row">Köln</th>') == 4
    assert tr("Series of one source move together: if anything, intervals over series are too "
              "narrow.") in html  # fmt: skip


@pytest.mark.parametrize("source", ["sine", "published"])
def test_a_map_of_a_sine_and_one_without_trials_have_none_of_it(source: str) -> None:
    found = make_map(data={**CSV, "id": "city"} if source == "published" else {})
    if source == "sine":
        found = replace(found, trials=make_map_trials(found))
    assert series_tables(found, EN) == {}
    studies = replace(make_studies(), maps={"settings": found})
    assert "Series by series" not in studies_page(studies, {}, EN).decode()
