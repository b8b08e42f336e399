"""Training: one trial from task to weights, and all trials of a model side by side.

May import core, data, models, execution.
"""
