"""Named queries, one module a noun. Services call these and import no sqlalchemy; hot ones are built once here."""
