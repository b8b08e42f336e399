"""Where and how code runs: devices, memory, arithmetic, worker processes, Dask, identity of code.

May import core.
"""
