"""Figures: every picture of page, summary and studies, in one style."""

import os

# A notebook sets a backend of its own here, without which matplotlib cannot even be imported.
os.environ["MPLBACKEND"] = "agg"
