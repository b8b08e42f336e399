"""The series: a seeded noisy sine or your CSV; its windows, split and scale. Imports core."""
