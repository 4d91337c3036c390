"""Measurements: what a completion costs, and whether anything is lost when processes die."""
