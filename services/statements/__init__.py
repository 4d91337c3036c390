"""Statements, the six lists, briefings: what is handed in and what it sums up to."""
