"""Intervals, ratios of errors and growth laws: arrays in, estimates out.

May import types, errors and operation counts of core. No torch, no params, no files.
"""
