"""Warnings: signs that errors alone do not show, each a sentence with its number.

A model that has learned nothing is named before any verdict, the others among its remarks.
"""

from seqcompare.core.names import PERSISTENCE
from seqcompare.report.labels import model_name
from seqcompare.report.numbers import percent, significant
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts

# Of the distance to the truth. Not 1: on noise that hides the steps of a series, the best possible
# predictions are about as far from the value before as from the one to come.
COPIED = 0.5
FLAT = 0.1  # of the variance of the targets


def warned(sentence: str, results: Results, texts: Texts) -> str:
    """The sentence of a verdict behind one that names the models that have learned nothing."""
    return texts("word.sentence").join([*_unlearned(results, texts), sentence])


def warnings(results: Results, texts: Texts) -> list[str]:
    """Models that copy or hardly vary, and a test part that is too short to tell."""
    scores = {model: results.comparison.predictors[model] for model in results.models}
    sentences = [
        texts(
            "warning.copying",
            model=model_name(model),
            previous=significant(score.previous_mse),
            mse=significant(score.mse),
            share=percent(COPIED),
        )
        for model, score in scores.items()
        if score.previous_mse is not None and score.previous_mse < COPIED * score.mse
    ]
    sentences += [
        texts(
            "warning.flat",
            model=model_name(model),
            share=significant(100 * score.variance_share, 2),
            limit=percent(FLAT),
        )
        for model, score in scores.items()
        if score.variance_share is not None and score.variance_share < FLAT
    ]
    return [*sentences, *_short_test(results, texts)]


def _unlearned(results: Results, texts: Texts) -> list[str]:
    """Of models whose error is above that of persistence."""
    scores, checks = results.comparison.predictors, results.comparison.checks
    naive = scores[PERSISTENCE].mse
    times = {model: scores[model].mse / naive for model in results.models}
    worse = [model for model in times if times[model] > 1]
    if not worse:
        return []
    if len(worse) == len(times) > 1:
        who = texts("warning.neither" if len(worse) == 2 else "warning.none")
    else:
        listed = texts.joined(
            [texts("warning.model", model=model_name(model)) for model in worse], "word.and_models"
        )
        who = texts("warning.one" if len(worse) == 1 else "warning.some", models=listed)
    parts = [
        texts("warning.times", model=model_name(model), times=significant(times[model]))
        for model in worse
    ]
    centred = checks is not None and checks.centre == "last"
    return [
        texts(
            "warning.unlearned",
            who=who[0].upper() + who[1:],
            parts=texts.joined(parts, "word.and_models"),
            ways=texts("warning.ways_centred" if centred else "warning.ways"),
        )
    ]


def _short_test(results: Results, texts: Texts) -> list[str]:
    checks, targets = results.comparison.checks, results.comparison.targets
    if checks is None or checks.period is None or targets >= checks.period:
        return []
    period = significant(checks.period)
    return [texts("warning.short_test", targets=f"{targets:,}", period=period)]
