"""Several claims judged together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from simulated import share_and_error

from seqcompare.statistics.estimates import Estimate, Interval
from seqcompare.statistics.familywise import holm, p_value_at
from seqcompare.statistics.students_t import mean_over_trials


def test_holms_p_values_are_those_computed_by_hand() -> None:
    # 4 * 0.005, 3 * 0.01, then 2 * 0.03 for both: the last, 0.04, is no smaller than the one before
    found = holm({"c": 0.03, "a": 0.01, "d": 0.04, "b": 0.005})
    assert found == pytest.approx({"c": 0.06, "a": 0.03, "d": 0.06, "b": 0.02})
    assert list(found) == ["c", "a", "d", "b"]


def test_one_claim_alone_needs_no_correction() -> None:
    assert holm({"a": 0.04}) == {"a": 0.04}
    assert holm({}) == {}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.001, 0.2))
def test_what_falls_below_a_level_is_what_holm_rejects_step_by_step(
    p_values: list[float], level: float
) -> None:
    named = {str(i): p for i, p in enumerate(p_values)}
    rejected = set()
    for rank, name in enumerate(sorted(named, key=lambda name: named[name])):
        if (len(named) - rank) * named[name] > level:
            break
        rejected.add(name)
    assert {name for name, p in holm(named).items() if p <= level} == rejected


@given(
    value=st.floats(-5, 5),
    half_width=st.floats(0.01, 5),
    limit=st.floats(-5, 5),
    freedom=st.integers(1, 30),
)
def test_a_limit_outside_the_interval_has_a_p_value_below_its_level(
    value: float, half_width: float, limit: float, freedom: int
) -> None:
    interval = Interval(value - half_width, value + half_width)
    found = p_value_at(limit, Estimate(value, interval, None), 0.95, freedom)
    assert found is not None
    if abs(abs(limit - value) - half_width) > 1e-6:
        assert (found < 0.05) == (not interval.holds(limit))


def test_the_p_value_at_0_is_students() -> None:
    values = np.array([0.3, 0.1, 0.5, -0.1, 0.4])
    number = mean_over_trials(values, 0.9)
    expected = stats.ttest_1samp(values, 0.2).pvalue
    assert p_value_at(0.0, number, 0.9, 4) == pytest.approx(number.p_value)
    assert p_value_at(0.2, number, 0.9, 4) == pytest.approx(expected)


def test_fewer_degrees_of_freedom_err_on_the_careful_side() -> None:
    number = mean_over_trials(np.array([0.3, 0.1, 0.5, 0.2, 0.4]), 0.95)
    careful, exact = (p_value_at(0.0, number, 0.95, freedom) for freedom in (2, 4))
    assert careful is not None
    assert exact is not None
    assert exact < careful < 0.05


@pytest.mark.parametrize(("limit", "p"), [(1.0, 1.0), (0.5, 0.0)])
def test_a_number_that_never_varies_is_certain(limit: float, p: float) -> None:
    assert p_value_at(limit, Estimate(1.0, Interval(1.0, 1.0), None), 0.95, 2) == p
    assert p_value_at(limit, Estimate(1.0, None, None), 0.95, 2) is None


@pytest.mark.slow
@pytest.mark.parametrize("related", [0.0, 0.5])
@pytest.mark.parametrize("true_effects", [0, 3])
def test_no_more_than_one_family_in_twenty_has_a_wrong_verdict(
    related: float, true_effects: int
) -> None:
    """Ten claims, of which some have an effect: no "effect" of the others, none the wrong way."""
    rng = np.random.default_rng(2)
    effects = np.zeros(10)
    effects[:true_effects] = 1.5
    wrong = []
    for _ in range(4000):
        common = rng.standard_normal((10, 1))
        noise = np.sqrt(1 - related) * rng.standard_normal((10, 10)) + np.sqrt(related) * common
        values = effects + noise  # [trial, claim]
        numbers = [mean_over_trials(values[:, claim], 0.95) for claim in range(10)]
        found = holm({str(i): number.p_value or 0.0 for i, number in enumerate(numbers)})
        decided = [i for i in range(10) if found[str(i)] <= 0.05]
        wrong.append(any(effects[i] == 0 or numbers[i].value < 0 for i in decided))
    share, error = share_and_error(np.array(wrong), 0.05, f"{true_effects} effects, {related}")
    assert share <= 0.05 + 3 * error
