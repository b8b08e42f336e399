"""Captions: what must be known to read a figure, in a sentence."""

from collections.abc import Mapping
from typing import Any

from seqcompare.report.labels import device_name
from seqcompare.report.numbers import percent
from seqcompare.report.results import SHOWN_POINTS, Results
from seqcompare.report.texts import Texts

COST_PANELS = ("cost_seconds", "cost_macs", "cost_memory", "cost_speed")
LOOKBACK_PANELS = ("lookback_gradient", "lookback_context", "adding_problem")


def notes(results: Results, texts: Texts) -> dict[str, str]:
    """What must be known to read each panel."""
    first = next(iter(results.timings.values()))
    points = results.predictions["time"].size
    cut = texts("predictions.note_cut", shown=SHOWN_POINTS, all=points) + " "
    cut = cut if points > SHOWN_POINTS else ""
    shown_trial = results.seeds[0]
    confidence = percent(results.comparison.confidence)
    return {
        "loss": about_trials(len(results.seeds), texts),
        "speed": texts(
            "speed.note",
            device=device_name(first["device"]),
            threads=first["threads_per_trial"],
            side_by_side=first["trials_side_by_side"],
        ),
        "predictions": cut + texts("predictions.note", seed=shown_trial),
        "errors": cut + texts("errors.note", window=results.error_window, seed=shown_trial),
        "forecast": texts("forecast.note"),
        "horizon": texts("horizon.note"),
        "accuracy": texts("accuracy.note", confidence=confidence),
    }


def about_trials(trials: int, texts: Texts) -> str:
    """What lines and bands over so many trials are."""
    return texts("trials.one") if trials == 1 else texts("trials.many", trials=trials)


def study_notes(results: Results, measured_on: Mapping[str, Any], texts: Texts) -> dict[str, str]:
    """The same for the panels of the studies. measured_on: the setting of the study of cost."""
    known = {
        "batch_size": measured_on.get("batch_size"),
        "device": device_name(measured_on.get("device", "")),
        "clock": texts.get(f"clock.{measured_on.get('clock')}", ""),
        "confidence": percent(results.comparison.confidence),
        "seq_len": results.seq_len,
    }
    return {name: texts(f"{name}.note", **known) for name in (*COST_PANELS, *LOOKBACK_PANELS)}
