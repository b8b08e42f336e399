"""Adding problem: which lags a network can learn to bridge."""
