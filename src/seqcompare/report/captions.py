"""What must be known to read a figure, in a sentence."""

from collections.abc import Mapping
from typing import Any

from seqcompare.report.labels import shown_device
from seqcompare.report.results import SHOWN_POINTS, Results
from seqcompare.report.texts import Texts

COST_PANELS = ("cost_seconds", "cost_macs", "cost_memory", "cost_speed")
LOOKBACK_PANELS = ("lookback_gradient", "lookback_context", "adding_problem")


def notes(results: Results, texts: Texts) -> dict[str, str]:
    """What must be known to read each panel."""
    first = next(iter(results.timings.values()))
    seeds, points = len(results.seeds), results.predictions["time"].size
    cut = texts("predictions.note_cut", shown=SHOWN_POINTS, all=points) + " "
    cut = cut if points > SHOWN_POINTS else ""
    seeds_shown = texts("word.one_seed") if seeds == 1 else texts("word.seeds", seeds=seeds)
    confidence = f"{100 * results.confidence:.4g}"
    return {
        "loss": seeds_shown,
        "speed": texts(
            "speed.note",
            device=shown_device(first["device"]),
            threads=first["threads_per_run"],
            side_by_side=first["runs_side_by_side"],
        ),
        "predictions": cut + seeds_shown,
        "errors": cut + texts("errors.note", window=results.error_window),
        "forecast": texts("forecast.note"),
        "horizon": texts("horizon.note"),
        "accuracy": texts("accuracy.note", confidence=confidence),
    }


def study_notes(results: Results, measured_on: Mapping[str, Any], texts: Texts) -> dict[str, str]:
    """The same for the panels of the studies. measured_on: the setting of the study of cost."""
    known = {
        "batch_size": measured_on.get("batch_size"),
        "device": shown_device(measured_on.get("device", "")),
        "confidence": f"{100 * results.confidence:.4g}",
        "seq_len": results.seq_len,
    }
    return {name: texts(f"{name}.note", **known) for name in (*COST_PANELS, *LOOKBACK_PANELS)}
