"""Names of predictors, and of what compares them, as result files use them."""

# The two models that the theory makes claims about.
LSTM, TRANSFORMER = "lstm", "transformer"

COMPARISON = "comparison"
PERSISTENCE = "persistence"
AR = "ar"
SEASONAL = "seasonal"
ORACLE = "oracle"
# In the order in which they are shown.
BASELINES = (ORACLE, AR, SEASONAL, PERSISTENCE)


def pair(first: str, second: str) -> str:
    """The key of a comparison of two predictors: first minus, or divided by, second."""
    return f"{first}_vs_{second}"
