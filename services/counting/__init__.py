"""What forms show and gates measure: figures counted from rows, never typed."""
