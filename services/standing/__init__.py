"""Standing processes: work that staff start one item at a time."""
