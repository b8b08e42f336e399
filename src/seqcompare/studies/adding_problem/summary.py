"""Summary of the adding problem: the longest lag that each model solves, by two budgets."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def within_equal_seconds(rows: Sequence[Row], seconds: Sequence[Row], steps: int) -> list[Row]:
    """The rows of all models, solved only if done within the same time for every model.

    At each lag that is the time in which the fastest model takes all its steps.
    rows, seconds: of both tables, in the same order; steps: that a trial may take.
    """
    paces: dict[tuple[float, str], list[float]] = {}
    for row in seconds:
        paces.setdefault((row["lag"], row["model"]), []).append(row["seconds_per_step"])
    fastest = {
        lag: min(statistics.median(paces[key]) for key in paces if key[0] == lag)
        for lag, _ in paces
    }
    return [
        {
            **row,
            "solved": row["solved"]
            and row["steps"] * timed["seconds_per_step"] <= steps * fastest[row["lag"]],
        }
        for row, timed in zip(rows, seconds, strict=True)
    ]


def longest_lag_solved(rows: Sequence[Row]) -> dict[str, int]:
    """model -> the longest lag that, like all shorter ones, every seed has solved; 0: none.

    rows: with columns model, lag and solved.
    """
    longest = {row["model"]: 0 for row in rows}
    for model in longest:
        for lag in sorted({row["lag"] for row in rows}):
            if not all(row["solved"] for row in rows if (row["model"], row["lag"]) == (model, lag)):
                break
            longest[model] = int(lag)
    return longest


def summarise_adding_problem(
    rows: Sequence[Row], seconds: Sequence[Row], steps: int
) -> dict[str, dict[str, int]]:
    """adding_problem.json: for each model the longest lag solved in equal steps and seconds."""
    in_steps = longest_lag_solved(rows)
    in_seconds = longest_lag_solved(within_equal_seconds(rows, seconds, steps))
    return {
        model: {
            "longest_lag_solved": in_steps[model],
            "longest_lag_solved_in_equal_seconds": in_seconds[model],
        }
        for model in in_steps
    }
