"""What trained models are worth: baselines, comparison, forecasts. A change retrains nothing."""
