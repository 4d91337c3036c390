"""Measures of a plan in the units that do them: what the shared process asks, notes on progress, pages."""
