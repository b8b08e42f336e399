"""Where and how code runs: devices, workers, clusters, environment. Imports core."""
