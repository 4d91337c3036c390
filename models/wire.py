"""PostgreSQL without psycopg's cursors: the statements of one round trip leave in one packet.

psycopg sends each statement of a pipeline by itself, so that the server wakes as often as there are statements, and
walks through its generators for each. Here libpq (`psycopg.pq`) gets them together. Parameters travel as text and the
server infers their types: each statement is prepared once a connection. psycopg's own dumpers and loaders convert, and
what psycopg itself runs on the connection stands in the same transaction.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from typing import Any

from psycopg import Connection, Error, OperationalError, errors
from psycopg.abc import Transformer as Adapter
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

# No statement of this name is left, or its columns have changed under a connection that lived through it.
_OUTDATED = frozenset({"26000", "0A000"})
_ANSWERED = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


class Sent:
    """A statement with its parameters; its answer is there once it has been carried out."""

    __slots__ = ("_adapt", "params", "result", "sql")

    def __init__(self, adapt: Adapter, sql: bytes, params: Sequence[Any]) -> None:
        self.sql = sql
        self.params = params
        self.result: PGresult | None = None
        self._adapt = adapt

    @property
    def rowcount(self) -> int:
        """How many rows it touched."""
        return self._answer().command_tuples or 0

    def fetchall(self) -> list[Any]:
        """The rows it found."""
        self._adapt.set_pgresult(self._answer())
        return self._adapt.load_rows(0, self._answer().ntuples, tuple)

    def _answer(self) -> PGresult:
        if self.result is None:
            raise RuntimeError("read inside the pipeline in which it was asked")
        return self.result


class Wire:
    """One connection's way to the server."""

    def __init__(self, driver: Connection[Any]) -> None:
        self._driver = driver
        self._pg = driver.pgconn
        self._adapt: Adapter = Transformer(driver)
        self._names: dict[bytes, bytes] = {}
        self._count = 0
        self._socket = select.poll()
        self._socket.register(self._pg.socket, select.POLLIN)
        self._waiting: list[Sent] = []
        self.open = False

    def collect(self) -> None:
        """From now on statements wait for `carry_out`."""
        self.open = True

    def forget(self) -> None:
        """What was collected is not sent."""
        self._waiting.clear()
        self.open = False

    def send(self, sql: bytes, values: Sequence[Any]) -> Sent:
        """Carry a statement out, or collect it."""
        sent = Sent(self._adapt, sql, self._adapt.dump_sequence(values, [PyFormat.TEXT] * len(values)))
        self._waiting.append(sent)
        if not self.open:
            self.carry_out()
        return sent

    def carry_out(self) -> None:
        """Send what waits and hear every answer; raises the first error, in the words of psycopg."""
        batch, self._waiting, self.open = self._waiting, [], False
        if not batch:
            return
        try:
            self._pg.enter_pipeline_mode()
            fault = self._hear(self._speak(batch))
            self._pg.exit_pipeline_mode()
        except BaseException:
            # broken off in the middle: nobody knows which answer would come next
            self._driver.close()
            raise
        if fault is not None:
            raise fault

    def commit(self) -> None:
        """Keep everything; raises psycopg's errors."""
        self._end(b"COMMIT")

    def rollback(self) -> None:
        """Undo everything."""
        self._end(b"ROLLBACK")

    def _end(self, how: bytes) -> None:
        result = self._pg.exec_(how)
        if result.status != ExecStatus.COMMAND_OK:
            raise errors.error_from_result(result, encoding="utf-8")

    def _speak(self, batch: list[Sent]) -> list[Sent]:
        """The statements in the order of their answers, with a BEGIN and preparations where they are needed."""
        said: list[Sent] = []
        if not self._driver.autocommit and self._pg.transaction_status == TransactionStatus.IDLE:
            said.append(Sent(self._adapt, b"BEGIN", ()))
            self._pg.send_query_params(b"BEGIN", None)
        names = dict(self._names)
        for sent in batch:
            name = names.get(sent.sql)
            if name is None:
                name = names[sent.sql] = f"hot_{self._count}".encode()
                self._count += 1
                said.append(_Preparation(self._adapt, sent.sql, name))
                self._pg.send_prepare(name, sent.sql)
            said.append(sent)
            self._pg.send_query_prepared(name, sent.params)
        self._pg.pipeline_sync()
        return said

    def _hear(self, said: list[Sent]) -> Error | None:
        fault: Error | None = None
        self._flush()
        for sent in said:
            result = self._next()
            if result is None:
                raise fault or OperationalError("the connection was lost")
            if result.status in _ANSWERED:
                sent.result = result
                if isinstance(sent, _Preparation):
                    self._names[sent.sql] = sent.name
            elif fault is None and result.status == ExecStatus.FATAL_ERROR:
                fault = errors.error_from_result(result, encoding="utf-8")
                if fault.sqlstate in _OUTDATED:
                    self._names.clear()
            self._pg.get_result()  # nothing: the answer is whole
        if self._pg.status == ConnStatus.BAD:
            raise fault or OperationalError("the connection was lost")
        self._next()  # the sync's own answer
        return fault

    def _flush(self) -> None:
        while self._pg.flush():
            # the server may have to get rid of answers before it reads on
            waiting = select.poll()
            waiting.register(self._pg.socket, select.POLLIN | select.POLLOUT)
            if any(events & select.POLLIN for _, events in waiting.poll()):
                self._pg.consume_input()

    def _next(self) -> PGresult | None:
        while self._pg.is_busy():
            self._socket.poll()
            self._pg.consume_input()
        return self._pg.get_result()


class _Preparation(Sent):
    """A statement that gets a name."""

    __slots__ = ("name",)

    def __init__(self, adapt: Adapter, sql: bytes, name: bytes) -> None:
        super().__init__(adapt, sql, ())
        self.name = name
