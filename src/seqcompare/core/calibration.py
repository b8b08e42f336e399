"""Calibration of intervals by errors on held-out data: how many errors it takes."""

import math

ROUNDING = 1e-9  # 0.95 * 20 and 0.95 / 0.05 are 19, whatever floats make of them


def conformal_rank(errors: int, confidence: float) -> int:
    """Which of so many absolute errors, from the smallest on, is the interval's half width.

    ceil((n + 1) * confidence) of split-conformal prediction (Vovk, Gammerman & Shafer 2005; Lei et
    al. 2018, algorithm 2). A rank above n means that no finite interval has this confidence.
    """
    return math.ceil((errors + 1) * confidence - ROUNDING)


def fewest_errors(confidence: float) -> int:
    """The least n whose `conformal_rank` is not above n: confidence / (1 - confidence), rounded up.

    confidence: above 0 and below 1.
    """
    return math.ceil(confidence / (1 - confidence) * (1 - ROUNDING))
