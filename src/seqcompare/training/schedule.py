"""Schedule: the learning rate of each step. It follows from the step's number, without a state."""

import math

from seqcompare.core.sections.training import Training


def learning_rate(training: Training, step: int, steps: int) -> float:
    """Of one step of Adam, the first of which is step 0.

    steps: of the whole trial. cosine (Loshchilov & Hutter 2017, eq. 5, one cycle): from the given
    rate down to nearly 0; the first step takes the given rate, and one after the last would take 0.
    """
    if training.schedule == "constant":
        return training.learning_rate
    return training.learning_rate * (1 + math.cos(math.pi * step / steps)) / 2
