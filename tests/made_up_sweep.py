"""A sweep's summary as no one has measured it: every outcome is in it."""

from collections.abc import Sequence

from seqcompare.core.comparison import Outcome, Pair
from seqcompare.core.names import AR, ORACLE, PERSISTENCE
from seqcompare.core.sweep import CellScore, CellSummary, MadeFrom, SweepSummary, Value

# ratio, low, high, outcome: the LSTM's error over the Transformer's
WINS = (0.72, 0.66, 0.79, "better")
LOSES = (1.31, 1.12, 1.52, "better")
EQUAL = (1.01, 0.98, 1.04, "equivalent")
OPEN = (0.93, 0.78, 1.11, "undecided")
Found = tuple[float, float, float, Outcome]


def make_summary(
    key: str = "seq_len",
    values: Sequence[Value] = (10, 20, 50, 100),
    settings: Sequence[str] = ("tutorial", "equal_size", "tuned"),
    models: Sequence[str] = ("lstm", "transformer"),
    also: dict[str, Value] | None = None,
) -> SweepSummary:
    """also: a second key of the grid, with one value."""
    found: list[Found] = [WINS, EQUAL, OPEN, LOSES]
    cells = [
        _cell(setting, {key: value, **(also or {})}, models, found[(x + y) % 4], y)
        for y, setting in enumerate(settings)
        for x, value in enumerate(values)
    ]
    return SweepSummary(
        made_from=MadeFrom(params="a", code="b", data="c"),
        trials=10,
        confidence=0.95,
        equivalence=0.05,
        models=tuple(models),
        cells=tuple(cells),
    )


def _cell(
    setting: str, point: dict[str, Value], models: Sequence[str], found: Found, row: int
) -> CellSummary:
    ratio, low, high, outcome = found
    last = 0.015 / (1 + row)
    mse = {model: last * ratio ** (place == 0) for place, model in enumerate(models)}
    chosen: dict[str, Value] = {"learning_rate": 0.003, "schedule": "cosine"}
    predictors = {
        name: CellScore(
            mse=each,
            low=each * 0.9,
            high=each * 1.2,
            parameters=50_497,
            chosen=chosen if setting == "tuned" else {},
            validation_mse=each * 1.1 if setting == "tuned" else None,
        )
        for name, each in mse.items()
    }
    for name, each in ((PERSISTENCE, 0.02), (AR, 0.0115), (ORACLE, 0.0104)):
        predictors[name] = CellScore(mse=each, low=each * 0.95, high=each * 1.05)
    pairs = []
    for place, first in enumerate(models):
        for second in models[place + 1 :]:
            winner = (first if ratio < 1 else second) if outcome == "better" else None
            pairs.append(
                Pair(
                    first=first,
                    second=second,
                    family="models",
                    ratio=ratio,
                    low=low,
                    high=high,
                    confidence=0.95,
                    outcome=outcome,
                    winner=winner,
                )
            )
        line = mse[first] / 0.0115
        pairs.append(
            Pair(
                first=first,
                second=AR,
                family="line",
                ratio=line,
                low=line * 0.9,
                high=line * 1.1,
                confidence=0.975,
                outcome="better",
                winner=AR if line > 1 else first,
            )
        )
    return CellSummary(
        setting=setting,
        point=point,
        design="draws",
        training_targets=720,
        test_targets=180,
        predictors=predictors,
        pairs=tuple(pairs),
        line_beats_all=all(pair.winner == AR for pair in pairs if pair.family == "line"),
    )
