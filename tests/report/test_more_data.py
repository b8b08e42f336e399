"""More data: what a sweep of the page's own series says, and no more than its interval holds."""

import hashlib
import re
from typing import Any

import pytest
from conftest import default_settings, merged
from made_up import make_results
from made_up_sweep import make_summary

from seqcompare.core.comparison import Outcome
from seqcompare.core.files import rounded
from seqcompare.core.sweep import Doubling, MadeFrom
from seqcompare.report.content import PageContent
from seqcompare.report.more_data import more_data
from seqcompare.report.page import page, summary
from seqcompare.report.sweep_table import sweep_markdown
from seqcompare.report.texts import load_texts

EN, ZH = load_texts("en"), load_texts("zh")
FILE = b"v\n1\n2\n"
CSV = {"source": "csv", "path": "data/input/mine.csv", "value": "v"}


def doubling(
    model: str, ratio: float, low: float | None, high: float | None, outcome: Outcome, **also: Any
) -> Doubling:
    known = {"setting": "tutorial", "fewer": 800, "more": 1600, "confidence": 0.975, **also}
    return Doubling(model=model, ratio=ratio, low=low, high=high, outcome=outcome, **known)


def content_of(
    here: dict[str, Any] | None = None,
    swept: dict[str, Any] | None = None,
    doublings: tuple[Doubling, ...] = (
        doubling("lstm", 0.81, 0.7, 0.93, "better"),
        doubling("transformer", 1.01, 0.97, 1.04, "equivalent"),
    ),
    file_of_sweep: bytes = FILE,
) -> PageContent:
    """A page of the default params and a sweep of its own; here, swept: what differs in data."""
    settings = merged(default_settings(), {"data": here or {}})
    data = rounded(merged(default_settings()["data"], swept or {}))
    digest = hashlib.sha256(file_of_sweep).digest()
    made_from = MadeFrom(params="a", code="b", data=hashlib.sha256(digest).hexdigest())
    update = {"made_from": made_from, "data": data, "doublings": doublings}
    found = make_summary("split.train", (800, 1600)).model_copy(update=update)
    csv = settings["data"]["source"] == "csv"
    results = make_results()
    return PageContent(
        results=results,
        settings=settings,
        figures={},
        environments={name: {"device": "cpu"} for name in results.models},
        hashes={"data/series.csv": "0" * 64},
        data_digest=hashlib.sha256(FILE).hexdigest() if csv else "",
        maps={"settings": make_summary(), "amounts": found},
    )


def test_what_the_last_doubling_did_is_said_of_every_model_with_its_interval() -> None:
    assert more_data(content_of(), EN) == [
        "Would more data help? By the sweep “amounts”, with settings and trials of its own: As in "
        "the tutorial, the last doubling of training targets, from 800 to 1,600, left the LSTM's "
        "test MSE 19 % lower (97.5 % interval 7 to 30 % lower): more would likely help; the "
        "Transformer's test MSE 1 % higher (97.5 % interval 3 % lower to 4 % higher): more would "
        "likely not help (equal within 5 %)."
    ]
    (chinese,) = more_data(content_of(), ZH)
    assert (
        "LSTM 的测试均方误差低 19%（97.5% 置信区间：低 7% 至 30%），更多数据很可能有用" in chinese
    )


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ((1.3, 1.1, 1.5, "better"), "30 % higher (97.5 % interval 10 % higher to 50 % higher): "
         "more would likely not help."),
        ((0.9, 0.7, 1.2, "undecided"), "whether more would help is undecided."),
        ((0.9, None, None, "undecided"), "test MSE 10 % lower: whether more would help is"),
    ],
)  # fmt: skip
def test_no_more_is_said_than_the_interval_holds(found: Any, says: str) -> None:
    (said,) = more_data(content_of(doublings=(doubling("lstm", *found),)), EN)
    assert says in said


@pytest.mark.parametrize(
    ("here", "swept", "same"),
    [
        ({}, {"x_max": 60.0}, False),
        ({"seed": 3}, {}, False),
        ({"centre": "last"}, {}, False),
        ({"x_max": 100.05005005005005}, {"x_max": 100.05005005005005}, True),
        ({"path": "data/input/unused.csv", "period": 7}, {"scale": "none"}, True),
        (CSV, CSV | {"size": 2000, "scale": "standard"}, True),
        (CSV, CSV | {"value": "w"}, False),
        (CSV, {}, False),
    ],
)
def test_a_sweep_of_other_data_says_nothing(here: Any, swept: Any, same: bool) -> None:
    said = more_data(content_of(here, swept), EN)
    assert [each for each in said if "“amounts”" in each] == (said if same else [])


def test_of_a_csv_the_content_counts() -> None:
    assert "“amounts”" in more_data(content_of(CSV, CSV), EN)[0]
    assert "“amounts”" not in more_data(content_of(CSV, CSV, file_of_sweep=b"v\n1\n"), EN)[0]


def test_only_models_of_the_page_are_spoken_of() -> None:
    assert more_data(content_of(doublings=(doubling("gru", 0.8, 0.7, 0.9, "better"),)), EN) == []


def test_who_brings_a_csv_is_told_how_to_find_it_out() -> None:
    for texts in (EN, ZH):
        (said,) = more_data(content_of(CSV, doublings=()), texts)
        assert {"“make sweeps”", "data_amount"} <= set(
            re.findall(r"“make sweeps”|data_amount", said)
        )
    assert more_data(content_of(doublings=()), EN) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_and_summary_and_the_sweep_s_own_table_say_it(language: str) -> None:
    texts, content = load_texts(language), content_of()
    (said,) = more_data(content, texts)
    html, markdown = (make(content, texts).decode() for make in (page, summary))
    assert said.replace("'", "&#39;") in html
    assert said in markdown
    table = sweep_markdown("amounts", content.maps["amounts"], texts)
    sentence = next(line[2:] for line in table.splitlines() if "1,600" in line)
    assert said.endswith(sentence)
