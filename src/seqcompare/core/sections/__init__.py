"""Sections of params.yaml, a file each: what may be set there, and what it means.

params.py above joins them; constraints that involve two sections stand there.
"""
