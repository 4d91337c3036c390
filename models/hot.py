"""Statements of the hot path: written in Core, compiled once a dialect, run on the driver's own cursor.

Core's way from a statement to the driver costs several times what the database needs for it (figures:
docs/decisions/2026-11-hot-statements.md). A hot statement has a fixed shape: no IN over a list, no optional parts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import TypeEngine

from models.base import Moment
from models.faults import as_core_raises
from models.wire import Wire

Processor = Callable[[Any], Any] | None
# What a connection keeps in its `info`.
_CURSOR = "bihuan_cursor"
_WIRE = "bihuan_wire"
# as PostgreSQL itself counts parameters
_NUMBERED = PGDialect_psycopg(paramstyle="numeric_dollar")


class Hot:
    """A select, insert, update or delete with named parameters."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._ready: dict[str, _Ready] = {}

    def run(self, tx: Connection, values: Mapping[str, Any]) -> int:
        """Carry it out; how many rows it touched."""
        return int(self.send(tx, values).rowcount)

    def send(self, tx: Connection, values: Mapping[str, Any]) -> Any:
        """Carry it out; `rowcount` of what is returned is right at once, or inside `pipelined` after its end."""
        ready = self._for(tx)
        return ready.execute(tx, ready.bound(values))

    def run_many(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Carry it out for each row."""
        ready = self._for(tx)
        if not rows:
            return
        if len(rows) == 1:
            ready.execute(tx, ready.bound(rows[0]))
        else:
            ready.execute_many(tx, [ready.bound(row) for row in rows])

    def rows(self, tx: Connection, values: Mapping[str, Any]) -> list[Any]:
        """The rows found, each with its columns as attributes."""
        ready = self._for(tx)
        return [ready.row(found) for found in ready.ask(tx, ready.bound(values)).fetchall()]

    def first(self, tx: Connection, values: Mapping[str, Any]) -> Any | None:
        """The first row found, or None."""
        ready = self._for(tx)
        return ready.first_of(ready.ask(tx, ready.bound(values)))

    def later(self, tx: Connection, values: Mapping[str, Any]) -> Callable[[], Any | None]:
        """Ask now, read the first row later: inside `pipelined` the answer is there after its end."""
        ready = self._for(tx)
        sent = ready.execute(tx, ready.bound(values))
        return lambda: ready.first_of(sent)

    def scalar(self, tx: Connection, values: Mapping[str, Any]) -> Any | None:
        """The first column of the first row found, or None."""
        found = self.first(tx, values)
        return None if found is None else found[0]

    def _for(self, tx: Connection) -> _Ready:
        name = tx.dialect.name
        ready = self._ready.get(name)
        if ready is None:
            ready = self._ready[name] = _KINDS[name](self.statement, tx.dialect)
        return ready


def insert_into(model: Any) -> Hot:
    """An insert of whole rows: a missing column gets the model's default or NULL, one that counts itself its number."""
    return Hot(insert(model.__table__).values(whole_row(model)))


def whole_row(model: Any) -> dict[str, Any]:
    """A parameter a column with the model's default, for an insert."""
    columns = [c for c in model.__table__.c if c is not model.__table__.autoincrement_column]
    return {c.key: bindparam(c.key, type_=c.type, value=_default(c)) for c in columns}


def _default(column: Any) -> Any:
    return column.default.arg if column.default is not None and column.default.is_scalar else None


class _Ready(ABC):
    """A statement for one dialect."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        binds = [compiled.binds[name] for name in compiled.positiontup]
        self.binds = [(name, bind.value) for name, bind in zip(compiled.positiontup, binds, strict=True)]
        self.bind_processors = _processors([_bind_processor(bind.type, dialect) for bind in binds])
        columns = list(compiled._result_columns or ())
        self.make: Callable[[Any], Any] = _shape([c.keyname for c in columns])._make
        self.processors = _processors([_result_processor(column.type, dialect) for column in columns])

    def bound(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters as the driver takes them."""
        bound = [values.get(name, default) for name, default in self.binds]
        for place, process in self.bind_processors:
            bound[place] = process(bound[place])
        return bound

    def row(self, found: Sequence[Any]) -> Any:
        """A row of the driver's as a named one."""
        if self.processors:
            found = list(found)
            for place, process in self.processors:
                found[place] = process(found[place])
        return self.make(found)

    def first_of(self, sent: Any) -> Any | None:
        """The first row of an answer. All are fetched: SQLite keeps a half-read statement open past the commit."""
        found = sent.fetchall()
        return self.row(found[0]) if found else None

    def execute(self, tx: Connection, values: list[Any]) -> Any:
        """Run it on the driver's connection; a fault looks as if Core had run it."""
        try:
            return self._execute(tx, values)
        except tx.dialect.loaded_dbapi.Error as fault:
            raise as_core_raises(tx, self.sql, values, fault) from fault

    def ask(self, tx: Connection, values: list[Any]) -> Any:
        """The same for an answer that is read before the next question."""
        try:
            return self._ask(tx, values)
        except tx.dialect.loaded_dbapi.Error as fault:
            raise as_core_raises(tx, self.sql, values, fault) from fault

    def execute_many(self, tx: Connection, rows: list[list[Any]]) -> None:
        """The same for many rows."""
        try:
            self._execute_many(tx, rows)
        except tx.dialect.loaded_dbapi.Error as fault:
            raise as_core_raises(tx, self.sql, rows, fault) from fault

    @abstractmethod
    def _execute(self, tx: Connection, values: list[Any]) -> Any:
        """Run it."""

    def _ask(self, tx: Connection, values: list[Any]) -> Any:
        return self._execute(tx, values)

    @abstractmethod
    def _execute_many(self, tx: Connection, rows: list[list[Any]]) -> None:
        """Run it for each row."""


class _OnSqlite(_Ready):
    """By the standard library's driver."""

    def _execute(self, tx: Connection, values: list[Any]) -> Any:
        driver: Any = tx.connection.driver_connection
        return driver.execute(self.sql, values)

    def _ask(self, tx: Connection, values: list[Any]) -> Any:
        connection = tx.connection
        cursor = connection.info.get(_CURSOR)
        if cursor is None:
            cursor = connection.info[_CURSOR] = connection.driver_connection.cursor()  # type: ignore[union-attr]
        return cursor.execute(self.sql, values)

    def _execute_many(self, tx: Connection, rows: list[list[Any]]) -> None:
        driver: Any = tx.connection.driver_connection
        driver.executemany(self.sql, rows)


class _OnPostgresql(_Ready):
    """By libpq."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        super().__init__(statement, _NUMBERED)
        self.encoded = self.sql.encode()

    def _execute(self, tx: Connection, values: list[Any]) -> Any:
        return wire_of(tx).send(self.encoded, values)

    def _execute_many(self, tx: Connection, rows: list[list[Any]]) -> None:
        wire = wire_of(tx)
        alone = not wire.open
        wire.collect()
        for row in rows:
            wire.send(self.encoded, row)
        if alone:
            wire.carry_out()


_KINDS = {"sqlite": _OnSqlite, "postgresql": _OnPostgresql}


def wire_of(tx: Connection) -> Wire:
    """This connection's way to PostgreSQL."""
    connection = tx.connection
    wire: Wire | None = connection.info.get(_WIRE)
    if wire is None:
        wire = connection.info[_WIRE] = Wire(connection.driver_connection)  # type: ignore[arg-type]
    return wire


def _shape(names: list[str]) -> Any:
    return namedtuple("Row", names, rename=True)


def _processors(of_each: Sequence[Processor]) -> list[tuple[int, Callable[[Any], Any]]]:
    """Those that there are, with their places."""
    return [(place, process) for place, process in enumerate(of_each) if process is not None]


def _bind_processor(type_: TypeEngine[Any], dialect: Dialect) -> Processor:
    if isinstance(type_, Moment):
        return _moment_processor(dialect)
    return type_.dialect_impl(dialect).bind_processor(dialect)


@cache
def _moment_processor(dialect: Dialect) -> Callable[[Any], Any]:
    """A command binds its one moment a dozen times: the last one is remembered."""
    process: Any = Moment().dialect_impl(dialect).bind_processor(dialect)
    last: tuple[Any, Any] = (None, None)

    def bound(value: Any) -> Any:
        nonlocal last
        known, made = last
        if value is not known:
            made = process(value)
            last = (value, made)
        return made

    return bound


def _result_processor(type_: TypeEngine[Any], dialect: Dialect) -> Processor:
    return type_.dialect_impl(dialect).result_processor(dialect, None)
