"""People and posts for the administration's pages: lists, one person, a post over time, first passwords."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Invalid, NotFound
from domain.signs import Sign
from models import Tx, reading, transaction
from models.queries import directory as rows
from models.queries import people as people_rows
from services.access import passwords
from services.directory import directory
from services.directory.directory import NewPerson

PAGE = 50
LETTERS = "abcdefghjkmnpqrstuvwxyz"
DIGITS = "23456789"
LEVELS = {
    "province": "省级",
    "city": "市级",
    "county": "县级",
    "township": "乡级",
    "village": "村级",
    "enterprise": "企业",
}
ACTIVE = Sign("active", "启用", "green", "ok")
CLOSED = Sign("closed", "已停用", "grey", "dash")
LOCKED = Sign("locked", "已锁定", "red", "alert")
FIRST = Sign("first", "待首次登录", "blue", "clock")


def person_sign(row: Any, now: datetime) -> Sign:
    """How an account stands."""
    if not row.active:
        return CLOSED
    if row.locked_until and row.locked_until > now:
        return LOCKED
    return FIRST if row.must_change else ACTIVE


def one_time_password(min_length: int) -> str:
    """A first password: groups of four without characters that look alike."""
    groups = max(3, -(-min_length // 4))
    words = ["".join(secrets.choice(LETTERS) for _ in range(3)) + secrets.choice(DIGITS) for _ in range(groups)]
    return "-".join(words)


# -- people ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """A person of the list."""

    row: Any
    sign: Sign
    posts: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class PeoplePage:
    """A page of the list."""

    lines: tuple[PersonLine, ...]
    total: int
    vacancies: int
    next_after: str


def page(text: str, after: str, now: datetime) -> PeoplePage:
    """People by login name."""
    with reading() as tx:
        found = rows.people(tx, text=text, unit_path="", after=after, limit=PAGE + 1)
        shown = found[:PAGE]
        held = _by_person(tx, [row.id for row in shown], now)
        total = people_rows.person_count(tx)
        vacant = sum(row.n for row in people_rows.vacancies(tx, now))
    return PeoplePage(
        lines=tuple(
            PersonLine(row=row, sign=person_sign(row, now), posts=tuple(held.get(row.id, ()))) for row in shown
        ),
        total=total,
        vacancies=vacant,
        next_after=shown[-1].username if len(found) > PAGE else "",
    )


def _by_person(tx: Tx, ids: Sequence[str], now: datetime) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for holding in rows.holdings(tx, now=now, persons=ids):
        found[holding.person_id].append(holding)
    return found


@dataclass(frozen=True, kw_only=True)
class PersonPage:
    """One person."""

    row: Any
    sign: Sign
    holdings: tuple[Any, ...]
    past: tuple[Any, ...]
    found_posts: tuple[Any, ...]


def one(person_id: str, text: str, now: datetime) -> PersonPage:
    """One person with all posts held, now and before; `text` looks for posts to be given."""
    with reading() as tx:
        row = rows.person(tx, person_id)
        if row is None:
            raise NotFound("没有找到这个人员。")
        holdings = rows.holdings(tx, now=now, persons=[person_id], past=True)
        posts = rows.posts_found(tx, text, 20) if text else []
    return PersonPage(
        row=row,
        sign=person_sign(row, now),
        holdings=tuple(h for h in holdings if _in_force(h, now)),
        past=tuple(h for h in holdings if not _in_force(h, now)),
        found_posts=tuple(posts),
    )


def _in_force(holding: Any, now: datetime) -> bool:
    return holding.until is None or holding.until > now


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new person, or one with a new first password; the password is shown once and kept nowhere."""

    person_id: str
    username: str
    name: str
    password: str
    post: str = ""


def create(actor: Actor, *, username: str, name: str, post_id: str, min_length: int, now: datetime) -> Made:
    """Add somebody with a one-time password, and give them a post if one is named."""
    password = one_time_password(min_length)
    new = NewPerson(username=username, name=name, password=password)
    directory.refuse_bad(new, min_length)
    stored = passwords.hashed(password)
    with transaction() as tx:
        post = rows.post(tx, post_id) if post_id else None
        if post_id and post is None:
            raise Invalid(fields={"post": "没有找到这个岗位。"})
        person_id = directory.add_person(tx, actor, new, stored, now)
        if post is not None:
            directory.put_holding(tx, actor, post.id, person_id, now)
    named = f"{post.unit_name} · {post.name}" if post is not None else ""
    return Made(person_id=person_id, username=username, name=new.name.strip(), password=password, post=named)


def reset(actor: Actor, person_id: str, *, min_length: int, now: datetime) -> Made:
    """Give somebody a one-time password again."""
    password = one_time_password(min_length)
    with reading() as tx:
        row = rows.person(tx, person_id)
    if row is None:
        raise NotFound("没有找到这个人员。")
    directory.reset_password(actor, person_id, password, min_length=min_length, now=now)
    return Made(person_id=person_id, username=row.username, name=row.name, password=password)


def posts_found(text: str) -> list[Any]:
    """Posts by a text in the post's or its unit's name, to choose from."""
    with reading() as tx:
        return rows.posts_found(tx, text, 20) if text else []


# -- posts -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class PostsPage:
    """A page of posts with their holders."""

    lines: tuple[tuple[Any, tuple[Any, ...]], ...]
    vacancies: tuple[tuple[str, str, int], ...]  # level, its name, how many
    next_after: str


def posts(text: str, level: str, vacant: bool, after: str, now: datetime) -> PostsPage:
    """Posts by unit."""
    with reading() as tx:
        found = people_rows.posts(
            tx, text=text, level=level if level in LEVELS else "", vacant=vacant, after=after, limit=PAGE + 1, now=now
        )
        shown = found[:PAGE]
        held: dict[str, list[Any]] = defaultdict(list)
        for holding in rows.holdings(tx, now=now, posts=[row.id for row in shown]):
            held[holding.post_id].append(holding)
        empty = people_rows.vacancies(tx, now)
    return PostsPage(
        lines=tuple((row, tuple(held[row.id])) for row in shown),
        vacancies=tuple((row.level, LEVELS.get(row.level, row.level), row.n) for row in empty),
        next_after=shown[-1].place if len(found) > PAGE else "",
    )


@dataclass(frozen=True, kw_only=True)
class PostPage:
    """One post over time."""

    row: Any
    holdings: tuple[Any, ...]
    past: tuple[Any, ...]
    found_people: tuple[Any, ...]


def post(post_id: str, text: str, now: datetime) -> PostPage:
    """One post with everybody who holds or held it; `text` looks for people to be given it."""
    with reading() as tx:
        row = rows.post(tx, post_id)
        if row is None:
            raise NotFound("没有找到这个岗位。")
        holdings = rows.holdings(tx, now=now, posts=[post_id], past=True)
        people = rows.people(tx, text=text, unit_path="", after="", limit=20) if text else []
    return PostPage(
        row=row,
        holdings=tuple(h for h in holdings if _in_force(h, now)),
        past=tuple(reversed([h for h in holdings if not _in_force(h, now)])),
        found_people=tuple(person for person in people if person.active),
    )
