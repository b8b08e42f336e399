"""The series: a seeded noisy sine or a CSV of yours; its windows, split and scale.

May import core.
"""
