"""Seconds, memory and operations of a training step and a prediction, by window length."""
