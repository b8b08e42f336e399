"""What must be known to read a figure, in a sentence."""

from seqcompare.outcome import SHOWN_POINTS, Outcome
from seqcompare.texts import Texts


def notes(outcome: Outcome, texts: Texts) -> dict[str, str]:
    """What must be known to read each panel."""
    first = next(iter(outcome.timings.values()))
    seeds, points = len(outcome.seeds), outcome.predictions["time"].size
    cut = texts("predictions.note_cut", shown=SHOWN_POINTS, all=points) + " "
    cut = cut if points > SHOWN_POINTS else ""
    seeds_shown = texts("word.one_seed") if seeds == 1 else texts("word.seeds", seeds=seeds)
    confidence = f"{100 * outcome.confidence:.4g}"
    return {
        "loss": seeds_shown,
        "speed": texts(
            "speed.note",
            device=first["device"],
            threads=first["threads_per_run"],
            side_by_side=first["runs_side_by_side"],
        ),
        "predictions": cut + seeds_shown,
        "errors": cut + texts("errors.note", window=outcome.error_window),
        "forecast": texts("forecast.note"),
        "accuracy": texts("accuracy.note", confidence=confidence),
    }
