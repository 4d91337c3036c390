"""User tasks: inbox, task page, files, completing; instances and gates as pages show them."""
