"""Units, enterprises, people and posts."""
