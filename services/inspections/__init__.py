"""Inspections, what they found, what was decided, hazards until they are closed."""
