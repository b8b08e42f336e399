"""Numbers, changes and intervals as readers see them."""

import math

import pytest

from seqcompare.report import words
from seqcompare.report.language import load_language

EN, ZH = load_language("en"), load_language("zh")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0140544, "0.0141"), (0.01, "0.0100"), (1234567.0, "1.23e+06"), (-2.22e-16, "0"), (0.0, "0"),
     (12345.6, "12,346"), (-0.5, "−0.500"), (99.96, "100"), (None, "–"), (math.nan, "–")],
)  # fmt: skip
def test_a_number_has_digits_that_mean_something(value: float | None, text: str) -> None:
    assert words.significant(value) == text


@pytest.mark.parametrize(
    ("ratio", "en", "zh"),
    [(0.93, "7 % lower", "低 7%"), (1.036, "3.6 % higher", "高 3.6%"),
     (0.857, "14 % lower", "低 14%"), (0.99999, "<0.1 % lower", "低 <0.1%"),
     (0.0004, "99.9 % lower", "低 99.9%"), (14.5, "1,350 % higher", "高 1,350%")],
)  # fmt: skip
def test_a_ratio_is_a_change_in_percent(ratio: float, en: str, zh: str) -> None:
    assert (words.change_text(ratio, EN), words.change_text(ratio, ZH)) == (en, zh)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (words.interval_text(0.81, 0.95, EN), "5 to 19 % lower"),
        (words.interval_text(0.834352, 1.03642, EN), "17 % lower to 3.6 % higher"),
        (words.in_full(563_777), "563,777"), (words.in_full(0.93), "0.930"),
        (words.in_full(math.nan), "–"), (words.rounded_up(0.5), "1"),
        (words.percent(0.975), "97.5"), (words.span(0.1, 0.25), "0.100 … 0.250"),
        (words.rounded_up(37), "37"), (words.rounded_up(1234), "1,300"),
        (words.outcome_text("ar", 0.05, EN), "Linear model better"),
        (words.outcome_text("equivalent", 0.05, EN), "equal within 5 %"),
    ],
)  # fmt: skip
def test_intervals_counts_and_outcomes_as_words(text: str, expected: str) -> None:
    assert text == expected
