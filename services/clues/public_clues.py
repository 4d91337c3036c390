"""What anybody may do without an account: report a clue, and ask with the receipt code how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain import clues as words
from domain.authority import Actor
from domain.errors import Conflict, Invalid
from domain.workdays import BEIJING
from models import Tx, reading, transaction
from models.queries import clues as rows
from models.queries import serials
from services.clues.clues import Intake, Registered, checked, write
from services.clues.vault import Vault, receipt_hash
from services.plans.launched import Home, chosen_home

PUBLIC = Actor(person_id=None, name="公众")
# how many in an hour: from one address, and in all
LIMITS: Mapping[str, tuple[int, int]] = {"report": (5, 300), "ask": (30, 3000)}
TOO_MANY = "提交过于频繁，请过一段时间再试，或拨打举报电话。"
UNKNOWN = "没有查到，请核对查询码。"
CLOSED = "目前没有正在进行的集中行动，暂不受理网上举报。"


def report(
    intake: Intake, reporter: Mapping[str, str], vault: Vault, *, form: str, visitor: str, address: str, now: datetime
) -> Registered:
    """Register what somebody reports. The same form sent again gives the same number and code and registers nothing.

    Raises Invalid with the fields, or with one sentence where too much comes from one place.
    """
    entry = checked(intake, reporter, vault.code("public", visitor, form))
    with reading() as tx:
        home = _home(tx)
        earlier = rows.by_receipt(tx, receipt_hash(entry.code))
    if earlier is not None:
        return Registered(id=earlier.id, number=earlier.number, code=entry.code)
    _count(home.row.id, "report", address, vault, now)
    try:
        with transaction() as tx:
            number = write(tx, PUBLIC, home, entry, vault, now)
    except Conflict:
        # pressed twice at the same moment: the other one has registered it
        with reading() as tx:
            earlier = rows.by_receipt(tx, receipt_hash(entry.code))
        if earlier is None:
            raise
        return Registered(id=earlier.id, number=earlier.number, code=entry.code)
    return Registered(id=entry.id, number=number, code=entry.code)


def ask(code: str, vault: Vault, *, address: str, now: datetime) -> str:
    """How a clue stands, in plain words and nothing else."""
    if not code.strip():
        raise Invalid(fields={"code": "请填写查询码"})
    with reading() as tx:
        home = chosen_home(tx, None)
    if home is not None:
        _count(home.row.id, "ask", address, vault, now)
    with reading() as tx:
        found = rows.by_receipt(tx, receipt_hash(code[:60]))
    if found is None:
        raise Invalid(UNKNOWN, fields={"code": UNKNOWN})
    return words.PUBLIC[found.status]


def _home(tx: Tx) -> Home:
    found = chosen_home(tx, None)
    if found is None or found.row.status != "running":
        raise Invalid(CLOSED)
    return found


def _count(campaign_id: str, what: str, address: str, vault: Vault, now: datetime) -> None:
    """Count before anything is done, in a transaction of its own; an address is kept as a mark of this hour alone."""
    hour = f"{now.astimezone(BEIJING):%Y%m%d%H}"
    mark = vault.mark("address", hour, address)[:16]
    here, in_all = LIMITS[what]
    with transaction() as tx:
        serials.forget(tx, campaign_id, f"tries:{what}:", f"tries:{what}:{hour}")
        many = serials.next_number(tx, campaign_id, f"tries:{what}:{hour}:{mark}") > here
        flood = serials.next_number(tx, campaign_id, f"tries:{what}:{hour}") > in_all
    if many or flood:
        raise Invalid(TOO_MANY)
