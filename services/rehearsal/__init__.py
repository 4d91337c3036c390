"""A campaign played on its own calendar, and the demo city, which is one played to today."""
