"""The installation's rules for signing in: the settings give the defaults, an administrator changes them while it runs.

A changed rule is a row of the table `policy`; what was never changed has none and follows the settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Conflict, Invalid
from domain.ledger import Tag
from models import Tx, reading
from models.queries import policies as rows
from services._command import command
from services._record import record

LONGEST_REASON = 200
MOVED = "策略刚刚被他人修改，请刷新页面查看后再改。"


@dataclass(frozen=True, kw_only=True)
class SignInPolicy:
    """The rules for signing in, whole numbers all of them."""

    password_min_length: int
    login_attempts: int  # wrong passwords in a row that lock the account
    lockout_minutes: int
    session_idle_minutes: int  # without a request
    session_hours: int  # since signing in
    sign_reauth_minutes: int  # after which a signature needs the password again


@dataclass(frozen=True)
class Rule:
    """What an administrator may change a rule to; `name` is the field of SignInPolicy and the setting."""

    name: str
    title: str
    unit: str
    low: int
    high: int

    def fits(self, value: int) -> bool:
        """Whether a value lies within the bounds."""
        return self.low <= value <= self.high

    @property
    def sentence(self) -> str:
        """What is said of a value that does not fit."""
        return f"{self.title}应为 {self.low} 至 {self.high} 之间的整数（{self.unit}）。"


RULES = (
    Rule("password_min_length", "口令最短位数", "位", 8, 64),
    Rule("login_attempts", "连续输错多少次锁定账号", "次", 3, 20),
    Rule("lockout_minutes", "账号锁定时长", "分钟", 5, 1440),
    Rule("session_idle_minutes", "多久不操作须重新登录", "分钟", 5, 480),
    Rule("session_hours", "登录后最长有效时间", "小时", 1, 72),
    Rule("sign_reauth_minutes", "签署时多久须重新输入口令（0 为每次）", "分钟", 0, 60),
)
_NAMES = tuple(rule.name for rule in RULES)
_WHOLE = re.compile("[0-9]{1,9}")


# -- reading -----------------------------------------------------------------------------------------------------------
def current(tx: Tx, defaults: SignInPolicy) -> SignInPolicy:
    """The rules in force."""
    return with_values(defaults, {row.name: row.value for row in rows.changed(tx, _NAMES)})


def in_force(defaults: SignInPolicy) -> SignInPolicy:
    """The same for who has no transaction."""
    with reading() as tx:
        return current(tx, defaults)


def with_values(defaults: SignInPolicy, stored: Mapping[str, str | None]) -> SignInPolicy:
    """The defaults with the values of the table, which are text: a row that somebody spoilt must not keep all out."""
    if not any(stored.values()):
        return defaults
    numbers = {rule: whole(stored.get(rule.name) or "") for rule in RULES}
    return replace(defaults, **{rule.name: n for rule, n in numbers.items() if n is not None and rule.fits(n)})


def whole(text: str) -> int | None:
    """A whole number as it is typed, or None."""
    return int(text) if _WHOLE.fullmatch(text) else None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A rule on the page."""

    rule: Rule
    value: int
    default: int
    changed_at: datetime | None
    changed_by: str

    @property
    def low(self) -> int:
        """A setting may lie outside the bounds: what is in force can always be left as it is."""
        return min(self.rule.low, self.value)

    @property
    def high(self) -> int:
        return max(self.rule.high, self.value)


@dataclass(frozen=True, kw_only=True)
class Page:
    """The rules with who changed them last. `seen` goes into the form: whoever saw other values is refused."""

    lines: tuple[Line, ...]
    seen: str


def page(defaults: SignInPolicy) -> Page:
    """All rules."""
    with reading() as tx:
        found = {row.name: row for row in rows.changed(tx, _NAMES)}
    policy = with_values(defaults, {name: row.value for name, row in found.items()})
    return Page(lines=tuple(_line(rule, policy, defaults, found.get(rule.name)) for rule in RULES), seen=_seen(policy))


def _line(rule: Rule, policy: SignInPolicy, defaults: SignInPolicy, row: Any) -> Line:
    return Line(
        rule=rule,
        value=getattr(policy, rule.name),
        default=getattr(defaults, rule.name),
        changed_at=row.changed_at if row else None,
        changed_by=row.person or "" if row else "",
    )


def _seen(policy: SignInPolicy) -> str:
    return "-".join(str(value) for value in asdict(policy).values())


# -- changing ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Change:
    """What an administrator sent: values by name (None = not a whole number), why, and which rules were on the page."""

    values: Mapping[str, int | None]
    reason: str
    seen: str = ""


def change(actor: Actor, wanted: Change, *, defaults: SignInPolicy, now: datetime) -> None:
    """Change rules; they are in force with the next request."""
    asked = ("policies.change", {name: str(value) for name, value in wanted.values.items()}, wanted.reason)
    with command(actor, asked, {}, now) as run:
        if run.replay is not None:
            return
        stored = rows.lock(run.tx, _NAMES)
        before = current(run.tx, defaults)
        if wanted.seen and wanted.seen != _seen(before):
            raise Conflict(MOVED)
        new = _changes(wanted, before)
        for name, value in new.items():
            if not rows.put(run.tx, name, value, at=now, by=actor.person_id, known=name in stored):
                raise Conflict(MOVED)
        old = {name: getattr(before, name) for name in new}
        record(run.tx, Tag.POLICY_CHANGE, now, actor, {"before": old, "after": new, "reason": wanted.reason})


def _changes(wanted: Change, before: SignInPolicy) -> dict[str, int]:
    """The values that are new; refuses what does not fit and what has no reason."""
    wrong: dict[str, str] = {}
    new: dict[str, int] = {}
    for rule in RULES:
        value = wanted.values.get(rule.name, getattr(before, rule.name))
        if value == getattr(before, rule.name):
            continue
        if value is None or not rule.fits(value):
            wrong[rule.name] = rule.sentence
        else:
            new[rule.name] = value
    if not 2 <= len(wanted.reason) <= LONGEST_REASON:
        wrong["reason"] = f"请写明修改理由，2 至 {LONGEST_REASON} 个字。"
    if wrong:
        raise Invalid(fields=wrong)
    if not new:
        raise Invalid("没有修改任何一项策略。")
    return new
