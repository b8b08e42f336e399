"""Execution of code: devices, memory, arithmetic, processes, Dask, environment, identity of code.

May import core.
"""
