"""Block bootstrap: how sure a mean loss is over test parts, whose neighbouring losses depend."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seqcompare.core.types import Floats
from seqcompare.statistics.estimates import Interval

ROUNDING = 1e-12  # a spread below this share of its scale is rounding, not spread
FEWEST_LOSSES = 40  # below this a block bootstrap has too few blocks to say anything


def block_length(n_losses: int) -> int:
    """ceil(2 * n^(1/3)): 12 for 180 losses.

    The rate n^(1/3) is Künsch's (1989). The factor is calibrated on one-step errors as they occur
    here: at n = 180 and 95 % nominal, the intervals below cover 95.3 % for white errors, 94.5 % for
    AR(20), 94.8 % for persistence and 95.5 % for their difference (10,000 series each).
    """
    return math.ceil(2 * math.cbrt(n_losses))


def draw_blocks(n_losses: int, resamples: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Where the blocks of each resample start: [resamples, blocks], for `block_interval`.

    One draw serves every loss series, so that a figure does not depend on what else is scored.
    Empty below FEWEST_LOSSES losses.
    """
    if n_losses < FEWEST_LOSSES:
        return np.empty((0, 0), dtype=np.int64)
    length = block_length(n_losses)
    n_blocks = n_losses // length
    return rng.integers(0, n_losses - length + 1, size=(resamples, n_blocks), dtype=np.int64)


def block_interval(losses: Floats, starts: NDArray[np.int64], confidence: float) -> Interval | None:
    """Moving-block bootstrap interval of the mean loss, or mean loss difference, over test sets.

    losses: [time]; starts from `draw_blocks`. Blocks keep the dependence between neighbours
    (Künsch 1989). The interval is the symmetric percentile-t one, each resample studentised by
    the spread of its own block means (Götze & Künsch 1996; symmetric: Hall 1988), because
    the plain percentile interval covers about 92 % at 95 % nominal for 180 losses.
    None below FEWEST_LOSSES losses, and where nearly all of the loss lies in one block.
    """
    n = losses.size
    if starts.size == 0:
        return None
    length, mean = block_length(n), float(losses.mean())
    block_means = sliding_window_view(losses, length).mean(axis=1)  # [n - length + 1]
    # Their centre is the sample's own, hence n - length where a known mean would give n.
    error = float(block_means.std()) * math.sqrt(length / (n - length))
    if error <= ROUNDING * abs(mean):
        return Interval(mean, mean)
    drawn = block_means[starts]  # [resamples, blocks]
    shifts = np.abs(drawn.mean(axis=1) - block_means.mean())  # [resamples]
    errors = drawn.std(axis=1, ddof=1) / math.sqrt(starts.shape[1])
    varied = errors > ROUNDING * error
    ratios = np.divide(shifts, errors, out=np.full(shifts.shape, np.inf), where=varied)
    margin = error * float(np.quantile(ratios, confidence, method="higher"))
    return Interval(mean - margin, mean + margin) if math.isfinite(margin) else None
