"""Figures: one file for each group of panels, one style for all."""
