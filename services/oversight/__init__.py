"""Oversight of counties (督导) and spot checks (抽查) of what they inspected."""
