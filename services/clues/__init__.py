"""Clues from registering to the result (附件1), their letters, the reporters' vault, clues of earlier years."""
