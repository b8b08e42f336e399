"""A trial, from task to trained model: loop, optimizer, checkpoint. What comes out is bytes alone.

May import core, data, models, execution.
"""
