"""Results as figures, tables, sentences and pages. Imports core and statistics, never torch."""
