"""Sweep: every model at every point of a grid over params, each trial done once."""
