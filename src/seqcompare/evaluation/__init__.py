"""What trained models are worth: predictors, baselines, metrics, forecasts, lookback.

May import core, data, models, execution, statistics. A change here retrains nothing.
"""
