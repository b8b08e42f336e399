"""Intervals, ratios of errors and tests: arrays in, numbers out. No torch, no files."""
