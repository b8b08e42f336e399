"""What the theory says, measured: cost, adding problem, claims; and the sweep over params.

May import all rooms but report. A folder a study.
"""
