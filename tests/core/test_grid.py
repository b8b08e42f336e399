"""A grid's keys may stand in sections or with dots; every key has a list of values."""

import pytest

from seqcompare.core.grid import flat_grid, is_list_of_values


def test_keys_in_sections_and_keys_with_dots_are_the_same() -> None:
    flat = {"seq_len": [4, 8], "training.epochs": [1]}
    assert flat_grid({"seq_len": [4, 8], "training": {"epochs": [1]}}) == flat
    assert flat_grid(flat) == flat


@pytest.mark.parametrize("values", [20, "x", None, [], [[4]], [{"a": 1}]])
def test_what_is_no_list_of_values(values: object) -> None:
    assert not is_list_of_values(values)


@pytest.mark.parametrize("values", [[4], [0.1, None], ["a", True]])
def test_what_is_a_list_of_values(values: object) -> None:
    assert is_list_of_values(values)
