import numpy as np
import pytest

from seqcompare.core.errors import InputError
from seqcompare.evaluation.metrics import mae, mse, naive_step, skill

TRUTH, GUESS = np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 0.0])


def test_mse_is_the_mean_square() -> None:
    assert mse(TRUTH, GUESS) == 13 / 3


def test_mae_is_the_mean_absolute_error() -> None:
    assert mae(TRUTH, GUESS) == 5 / 3


def test_errors_have_one_value_a_row() -> None:
    assert mse(TRUTH, np.stack([TRUTH, GUESS])).tolist() == [0, 13 / 3]


def test_the_naive_step_is_the_error_of_in_sample_persistence() -> None:
    training = np.array([1.0, 2.0, 4.0, 3.0])
    assert naive_step(training) == mae(training[1:], training[:-1])


@pytest.mark.parametrize("training", [[2.0, 2.0], [2.0]])
def test_a_training_part_that_never_changes_has_no_naive_step(training: list[float]) -> None:
    with pytest.raises(InputError, match="all equal, so MASE has no scale"):
        naive_step(np.array(training))


def test_skill_is_the_share_of_the_reference_error_that_is_gone() -> None:
    assert (skill(0.0, 2.0), skill(1.0, 2.0), skill(4.0, 2.0)) == (1, 0.5, -1)


def test_skill_needs_a_reference_that_errs() -> None:
    with pytest.raises(InputError, match="is the series constant"):
        skill(1.0, 0.0)
