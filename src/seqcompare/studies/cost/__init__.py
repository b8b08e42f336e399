"""Cost of a training step and a prediction: seconds, memory and operations, by window length."""
