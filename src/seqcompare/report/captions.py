"""Captions: what must be known to read a figure, in a sentence."""

from collections.abc import Iterable

from seqcompare.core.types import Row
from seqcompare.report.content import PageContent
from seqcompare.report.labels import device_name, model_name
from seqcompare.report.numbers import in_full, percent, significant
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
        "horizon": texts(
            "horizon.note", origins=_first(results.forecast_scores.values(), "origins")
        ),
        "accuracy": texts("accuracy.note", confidence=confidence),
    }


def about_trials(trials: int, texts: Texts) -> str:
    """What lines and bands over so many trials are."""
    return texts("trials.one") if trials == 1 else texts("trials.many", trials=trials)


def intervals_text(results: Results, texts: Texts) -> str:
    """How well each model's forecast intervals held; empty where none were made."""
    scores = {model: results.forecast_scores.get(model, {}) for model in results.models}
    if not all(scores.values()):
        return ""
    first = next(iter(scores.values()))
    return texts(
        "explain.intervals",
        level=percent(first["interval_level"]),
        origins=in_full(first["origins"]),
        apart=in_full(first["forecasts_apart"]),
        horizon=results.forecast["time"].size,
        models=texts("word.semicolon").join(
            _intervals_of(model, score, texts) for model, score in scores.items()
        ),
    )


def _intervals_of(model: str, score: Row, texts: Texts) -> str:
    low, high = score["interval_coverage_ci_low"], score["interval_coverage_ci_high"]
    return texts(
        "explain.intervals_of",
        model=model_name(model),
        coverage=_whole_percent(score["interval_coverage"]),
        low=_whole_percent(low),
        high=_whole_percent(high),
        width=significant(score["interval_width"]),
        score=significant(score["interval_score"]),
    )


def study_notes(content: PageContent, texts: Texts) -> dict[str, str]:
    """The same for the panels of the studies."""
    results, measured_on = content.results, content.measured_on
    known = {
        "windows": _first(content.studies.get("lookback", ()), "windows"),
        "points": in_full(results.comparison.targets),
        "batch_size": measured_on.get("batch_size"),
        "device": device_name(measured_on.get("device", "")),
        "clock": texts.get(f"clock.{measured_on.get('clock')}", ""),
        "confidence": percent(results.comparison.confidence),
        "seq_len": results.seq_len,
    }
    return {name: texts(f"{name}.note", **known) for name in (*COST_PANELS, *LOOKBACK_PANELS)}


def _first(rows: Iterable[Row], name: str) -> str:
    """A number that is the same in all rows."""
    return in_full(next((row[name] for row in rows), None))


def _whole_percent(share: float) -> str:
    return f"{100 * share:.0f}"
