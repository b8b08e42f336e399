"""The theory and the maps: cost, adding problem, claims, every model in many settings."""
