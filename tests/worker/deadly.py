"""A worker for tests: one kind of job takes its process down, another is as usual and leaves a trace."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from models import Ledger, Tx
from services.running.jobs import handler
from worker.__main__ import main


@handler("test:deadly")
def deadly(_tx: Tx, _args: Mapping[str, Any], _now: datetime) -> None:
    """As a fault in a library's machine code or the memory running out would."""
    os._exit(9)


@handler("test:harmless")
def harmless(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    """Done once where there is one trace of it."""
    tx.execute(insert(Ledger).values(at=now, tag="task:open", data={"job": args["name"]}))


if __name__ == "__main__":
    sys.exit(main())
