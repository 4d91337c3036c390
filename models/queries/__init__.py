"""Named queries, one module a noun. Services call these and import no sqlalchemy; hot statements are built once here."""
