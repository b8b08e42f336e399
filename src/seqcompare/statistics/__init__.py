"""Intervals, bootstraps, tests and growth laws: arrays in, estimates out.

May import types and errors of core. No torch, no params, no files.
"""
