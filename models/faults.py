"""Database faults as domain errors: the one map (its cases: docs/decisions/2026-11-error-map.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, exc

from domain.errors import Busy, Conflict, DomainError, Invalid, StorageFull

_BY_SQLSTATE: dict[str, type[DomainError]] = {
    "40001": Busy,  # serialization failure: nobody has done the work, and the same command can be given again
    "40P01": Busy,  # deadlock: the same
    "23505": Conflict,  # unique violation
    "55P03": Busy,  # lock not available
    "57014": Busy,  # statement timeout
    "53100": StorageFull,
    "53300": Busy,  # too many connections
    "57P01": Busy,
    "57P02": Busy,
    "57P03": Busy,
    "25P03": Busy,  # idle in transaction: the server ended it
}
_BY_SQLITE: dict[str, type[DomainError]] = {
    "SQLITE_BUSY": Busy,
    "SQLITE_LOCKED": Busy,
    "SQLITE_CANTOPEN": Busy,
    "SQLITE_FULL": StorageFull,
    "SQLITE_CONSTRAINT_UNIQUE": Conflict,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Conflict,
}


def domain_error(fault: exc.DBAPIError) -> DomainError | None:
    """The domain error a database fault means, or None where it is a bug of ours."""
    orig: Any = fault.orig
    state = getattr(orig, "sqlstate", None)
    if state in _BY_SQLSTATE:
        return _BY_SQLSTATE[state]()
    name = getattr(orig, "sqlite_errorname", "") or ""
    for prefix, kind in _BY_SQLITE.items():
        if name.startswith(prefix):
            return kind()
    if isinstance(fault, exc.DataError):
        return Invalid("内容含有无法保存的字符或数字，或者过长，请检查后重新提交。")
    gone = fault.connection_invalidated or (isinstance(fault, exc.OperationalError) and state is None and not name)
    return Busy() if gone else None


def as_core_raises(tx: Connection, sql: str, values: Any, fault: Any) -> BaseException:
    """A fault of the driver, met past Core, in the form in which Core would have raised it."""
    gone = tx.dialect.is_disconnect(fault, tx.connection.driver_connection, None)
    if gone:
        tx.invalidate(fault)
    base = tx.dialect.loaded_dbapi.Error
    return exc.DBAPIError.instance(  # type: ignore[no-any-return]
        sql, values, fault, base, connection_invalidated=gone, dialect=tx.dialect
    )


@contextmanager
def map_db_error() -> Iterator[None]:
    """Turn the database's refusals into ours; what is neither stays as it is and is a fault."""
    try:
        yield
    except exc.DBAPIError as fault:
        # logs and incidents need not know what somebody wrote
        fault.hide_parameters = True
        mapped = domain_error(fault)
        if mapped is None:
            raise
        raise mapped from fault
    except exc.TimeoutError as fault:  # the connection pool
        raise Busy from fault
