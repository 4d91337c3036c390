"""The one door to the database: `bind` once a process, `transaction()` to write, `reading()` to look.

SQLite: WAL, synchronous=FULL, BEGIN IMMEDIATE, and a queue of writers around every write (a file lock): SQLite's own
waiting is unfair, and commits and checkpoints of two processes must not overlap on builds before 3.51.3.
PostgreSQL: READ COMMITTED with row locks; a lost race is refused by the business check or the version number.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from io import FileIO
from pathlib import Path
from typing import Any, cast

import orjson
import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, exc
from sqlalchemy.engine import URL, make_url

from models.faults import as_core_raises, map_db_error
from models.hot import wire_of

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    # without it INSERT OR REPLACE deletes a ledger row past the trigger
    "PRAGMA recursive_triggers=ON",
)
_WRITE, _READ = "BEGIN IMMEDIATE", "BEGIN"
_REST_SECONDS = 1.0
_PG_OPTIONS = "-c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c statement_timeout=60s"


class Database:
    """An engine with its writer queue.

    Without `durable` commits do not wait for the disk: a crash of the machine may cost the last ones, never tear one.
    """

    def __init__(self, url: str | URL, *, durable: bool = True) -> None:
        self.url = make_url(url)
        self.durable = durable
        self.backend = self.url.get_backend_name()
        if self.backend == "sqlite":
            self.engine = self._readers = self._sqlite()
        else:
            self.engine, self._readers = self._postgresql(), self._postgresql_readers()
        self._write = _Kept(self.engine)
        # on SQLite they share a connection: what one has read stands in its cache for the other
        self._read = self._write if self._readers is self.engine else _Kept(self._readers)
        file = self.url.database if self.backend == "sqlite" else None
        self._queue = _Queue(Path(file + ".lock")) if file and file != ":memory:" else None

    def _sqlite(self) -> Engine:
        engine = create_engine(self.url, connect_args={"check_same_thread": False}, json_serializer=orjson.dumps)
        event.listen(engine, "connect", partial(_prepare_sqlite, self.durable))
        event.listen(engine, "begin", _begun_by_core)
        return engine

    def _postgresql(self, options: str = _PG_OPTIONS, *, prepared_after: int | None = None, **more: Any) -> Engine:
        hurry = "" if self.durable else " -c synchronous_commit=off"
        # an address may bring options of its own, such as a search_path
        given = f"{self.url.query.get('options', '')} {options}{hurry}"
        # where psycopg prepares, it forgets everything prepared on the connection after a ROLLBACK
        args = {"options": given, "prepare_threshold": prepared_after}
        engine = create_engine(self.url, pool_size=5, max_overflow=5, connect_args=args, **more)
        event.listen(engine, "before_cursor_execute", _refuse_in_pipeline)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", partial(_look_after_rest, engine.dialect))
        return engine

    def _postgresql_readers(self) -> Engine:
        """Connections of their own, without BEGIN and ROLLBACK.

        Under READ COMMITTED every statement sees its own moment anyway.
        """
        options = _PG_OPTIONS + " -c default_transaction_read_only=on"
        return self._postgresql(options, prepared_after=2, isolation_level="AUTOCOMMIT")

    def _turn(self) -> AbstractContextManager[Any]:
        return self._queue.turn() if self._queue else nullcontext()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Write inside; everything is committed at the end or nothing."""
        with map_db_error(), self._turn(), self._write.connection(_WRITE) as tx:
            yield tx
            _refuse_swallowed(tx)
            _end(tx, lambda whole: whole.commit())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Look only: nothing written inside is kept; PostgreSQL refuses to write."""
        with map_db_error(), self._read.connection(_READ) as tx:
            yield tx

    def dispose(self) -> None:
        """Close all connections."""
        for kept in (self._write, self._read):
            kept.let_go()
        self.engine.dispose()
        self._readers.dispose()


class _Kept:
    """The connection that the main thread keeps between its transactions: fetching it each time costs a query's worth.

    Servers and workers do their work in the main thread; other threads ask the pool.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._owner = threading.main_thread().ident
        self._tx: Connection | None = None
        self._busy = False
        self._used = 0.0

    @contextmanager
    def connection(self, begin: str) -> Iterator[Connection]:
        """The connection with a transaction begun; rolled back at the end if nobody committed."""
        if self._busy or threading.get_ident() != self._owner:  # also one inside another
            with self._engine.connect() as tx:
                _begin(tx, begin)
                yield tx
            return
        self._busy = True
        try:
            tx = self._living()
            _begin(tx, begin)
            yield tx
            _end(tx, lambda whole: whole.rollback())
        except BaseException:
            self.let_go()
            raise
        finally:
            self._busy, self._used = False, time.monotonic()

    def _living(self) -> Connection:
        """A busy server is not asked before every command whether it lives; a connection that has rested is."""
        if self._tx is not None and time.monotonic() - self._used > _REST_SECONDS and not _answers(self._tx):
            self.let_go()
        if self._tx is None:
            self._tx = self._engine.connect()
        return self._tx

    def let_go(self) -> None:
        """Give the connection back to the pool."""
        tx, self._tx = self._tx, None
        if tx is not None:
            tx.close()


def _prepare_sqlite(durable: bool, connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    if not durable:
        connection.execute("PRAGMA synchronous=NORMAL")


def _begin(tx: Connection, begin: str) -> None:
    """Hot statements go past Core, which begins by itself and costs as much as a statement; so does BEGIN.

    PostgreSQL is sent BEGIN together with the first statement.
    """
    if tx.dialect.name == "sqlite":
        _begin_sqlite(tx, begin)


def _begun_by_core(tx: Connection) -> None:
    driver: Any = tx.connection.driver_connection
    if not driver.in_transaction:  # else its first statement after us
        _begin_sqlite(tx, _WRITE if tx.get_execution_options().get("write") else _READ)


def _begin_sqlite(tx: Connection, begin: str) -> None:
    driver: Any = tx.connection.driver_connection
    try:
        driver.execute(begin)
    except sqlite3.Error as fault:
        raise as_core_raises(tx, begin, (), fault) from fault


def _end(tx: Connection, how: Callable[[Any], None]) -> None:
    """Commit or roll back what is open: through Core where it has begun, else as near the server as can be."""
    if tx.in_transaction():
        how(tx)
        return
    driver: Any = tx.connection.driver_connection
    try:
        if isinstance(driver, sqlite3.Connection):
            if driver.in_transaction:
                how(driver)
        elif driver.pgconn.transaction_status != TransactionStatus.IDLE:
            how(wire_of(tx))
    except tx.dialect.loaded_dbapi.Error as fault:
        raise as_core_raises(tx, "(end)", (), fault) from fault


def _refuse_swallowed(tx: Connection) -> None:
    """PostgreSQL answers COMMIT after a failed statement with a ROLLBACK and no error: nothing may seem to be kept."""
    driver: Any = tx.connection.driver_connection
    if isinstance(driver, psycopg.Connection) and driver.pgconn.transaction_status == TransactionStatus.INERROR:
        raise RuntimeError("a statement failed and its fault was swallowed: the transaction cannot be committed")


def _refuse_in_pipeline(tx: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
    if wire_of(tx).open:
        raise RuntimeError(f"only hot statements wait in a pipeline; this one would overtake them: {statement}")


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _look_after_rest(dialect: Dialect, connection: Any, record: Any, _fairy: Any) -> None:
    """The same for a connection that comes out of the pool."""
    used = record.info.get("used")
    if used is None or time.monotonic() - used < _REST_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except psycopg.Error as fault:
        raise exc.DisconnectionError from fault


def _answers(tx: Connection) -> bool:
    try:
        return tx.dialect.do_ping(tx.connection.dbapi_connection)  # type: ignore[arg-type]
    except tx.dialect.loaded_dbapi.Error as fault:
        tx.invalidate(fault)
        return False


class _Queue:
    """Writers of all processes, one after the other; the kernel frees the place of a process that dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # a lock belongs to an opened file: threads that share one would not keep each other out
        self._own = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn and hold it."""
        file = self._file()
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _file(self) -> FileIO:
        # neither does a child that was forked share it with its parent
        if getattr(self._own, "pid", None) != os.getpid():
            self._own.file, self._own.pid = FileIO(self._path, "a"), os.getpid()
        return cast(FileIO, self._own.file)


_bound: Database | None = None


def bind(url: str | URL, *, durable: bool = True) -> Database:
    """Use this database in this process from now on."""
    global _bound
    if _bound is not None:
        _bound.dispose()
    _bound = Database(url, durable=durable)
    return _bound


@contextmanager
def hurried() -> Iterator[None]:
    """Inside, the bound database's commits do not wait for the disk: for work that could be done again."""
    url = database().url
    bind(url, durable=False)
    try:
        yield
    finally:
        bind(url)


def database() -> Database:
    """The bound database."""
    if _bound is None:
        raise RuntimeError("models.bind(url) has not been called")
    return _bound


def transaction() -> AbstractContextManager[Connection]:
    """A write transaction on the bound database: the only place that commits."""
    return database().transaction()


def reading() -> AbstractContextManager[Connection]:
    """A read-only look at the bound database."""
    return database().reading()


@contextmanager
def pipelined(tx: Connection) -> Iterator[None]:
    """Send the hot statements inside together (PostgreSQL); there are no others inside.

    Row counts and rows are there after its end.
    """
    if tx.dialect.name != "postgresql":
        yield
        return
    wire = wire_of(tx)
    wire.collect()
    try:
        yield
        wire.carry_out()
    except psycopg.Error as fault:
        raise as_core_raises(tx, "(pipeline)", (), fault) from fault
    finally:
        wire.forget()
