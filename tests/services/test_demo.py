"""The demo city: built once, also when the building was broken off; its accounts work where the demo is allowed."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, func, select

import models
from app import create_app
from config import Settings
from domain.authority import Actor
from domain.errors import Invalid
from domain.workdays import BEIJING
from models import Base, Instance, Person, ProcessVersion, Task, reading, transaction
from models.queries import clock
from models.queries import demo as rows
from services.access import passwords, sessions
from services.plans import versions
from services.rehearsal import demo
from services.rehearsal.rehearsal_acts import actor_of
from services.tasks import inbox
from services.tasks.attachments import Store
from tests.support.site import RULES

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=BEIJING)
BROKEN_OFF_AFTER = "11月02日"


class BrokenOff(Exception):
    """Somebody pressed Ctrl-C."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def city(folder: Path, sqlite_url: str) -> Iterator[demo.City]:
    """A demo city whose building was broken off once and then went on."""
    database = models.bind(sqlite_url)
    versions.forget()
    built = demo.City(var_dir=folder, store=Store(folder / "attachments", 1 << 20), password_min_length=10)

    def say(sentence: str) -> None:
        if BROKEN_OFF_AFTER in sentence:
            raise BrokenOff

    with pytest.raises(BrokenOff):
        demo.seed(built, NOW, say)
    assert not demo.is_built()
    assert demo.seed(built, NOW + timedelta(minutes=5), lambda _sentence: None)
    yield built
    database.dispose()


def counts() -> dict[str, int]:
    with reading() as tx:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


def holder(account: demo.Account, now: datetime = NOW) -> Actor:
    with reading() as tx:
        post_id = rows.post_id(tx, account.unit, account.post)
        assert post_id is not None
        return actor_of(tx, post_id, now)


def account(username: str) -> demo.Account:
    return next(one for one in demo.accounts() if one.username == username)


def test_the_campaign_began_six_weeks_ago(city: demo.City) -> None:
    with reading() as tx:
        campaign = rows.state(tx)
        started = tx.execute(select(func.min(Instance.started_at))).scalar_one()
        last = tx.execute(select(func.max(Task.completed_at))).scalar_one()
    assert campaign is not None
    assert campaign["done"]
    assert campaign["shift_days"] % 7 == 0
    assert started == datetime(2026, 10, 12, 9, 0, tzinfo=BEIJING)
    assert NOW - timedelta(days=5) < last <= NOW + timedelta(minutes=5)


def _processes(status: str) -> Select[tuple[str]]:
    return (
        select(ProcessVersion.key)
        .join(Instance, Instance.process_version_id == ProcessVersion.id)
        .where(Instance.status == status)
    )


def test_it_was_played_as_the_rehearsal_plays(city: demo.City) -> None:
    """Nothing was done twice or forgotten where the building was broken off."""
    with reading() as tx:
        instances = set(tx.execute(select(Instance.status)).scalars())
        withdrawn = set(tx.execute(_processes("cancelled")).scalars())
        open_tasks = tx.execute(select(func.count()).where(Task.status == "open")).scalar_one()
        done = tx.execute(select(func.count()).where(Task.status == "done")).scalar_one()
        assert clock.open_incidents(tx) == []
        due = clock.next_due(tx)
    assert instances - {"cancelled"} == {"running", "ended"}
    assert withdrawn <= {"department_supervision"}, "what a clue's letter asked ends with an objection that is upheld"
    assert done > 2000
    # 23 units work off their old clues until the end, inspections go on, the shown accounts have their work
    assert 20 < open_tasks < 300
    assert due is None or due > NOW


def test_seeding_again_changes_nothing(city: demo.City) -> None:
    before = counts()
    assert demo.seed(city, NOW + timedelta(days=1), lambda _sentence: None) is False
    assert counts() == before


@pytest.mark.parametrize(
    ("username", "task"),
    [
        ("yuci.liaison", "fill_statement"),
        ("emergency.liaison", "fill_statement"),
        ("city_leader", "sign_stage_1"),
        ("enterprise", "report_self_inspection"),
        ("yuci.liaison", "verify_clue"),
        ("yuci.liaison", "complete_inspection"),
        ("yuci.party_principal", "sign_party"),
        ("yuci.government_principal", "sign_government"),
        ("yuci.officer", "accept_rectification"),
        ("emergency.officer", "check_picks"),
    ],
)
def test_the_shown_accounts_have_work(city: demo.City, username: str, task: str) -> None:
    page = inbox.todo(holder(account(username)), inbox.Query(), NOW)
    with reading() as tx:
        elements = tx.execute(select(Task.element).where(Task.id.in_([item.id for item in page.items]))).scalars()
        assert task in set(elements)


def test_people_are_posts(city: demo.City) -> None:
    with reading() as tx:
        found = {row.username: row.name for row in tx.execute(select(Person.username, Person.name))}
    assert found["yuci.liaison"] == "榆次区联络人"
    assert found["emergency.liaison"] == "市应急局联络人"
    assert found["director"] == "办公室主任"
    assert found["yuci.enterprises"] == "榆次区企业代填人"
    with reading() as tx:
        assert all(tx.execute(select(Person.demo)).scalars())


def test_one_password_opens_all_of_them(city: demo.City) -> None:
    word = demo.password(city)
    assert word is not None
    assert len(word) >= 10
    mode = (city.var_dir / demo.PASSWORD_FILE).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    with reading() as tx:
        hashes = set(tx.execute(select(Person.password_hash)).scalars())
    assert len(hashes) == 1
    assert passwords.matches(hashes.pop(), word)


def test_a_lost_password_is_replaced(city: demo.City) -> None:
    before = demo.password(city)
    (city.var_dir / demo.PASSWORD_FILE).unlink()
    demo.seed(city, NOW, lambda _sentence: None)
    assert demo.password(city) not in (None, before)
    test_one_password_opens_all_of_them(city)


@pytest.mark.parametrize("allowed", [True, False])
def test_demo_accounts_sign_in_only_where_the_demo_is_on(city: demo.City, allowed: bool) -> None:
    word = demo.password(city) or ""
    token = sessions.sign_in("director", word, defaults=RULES, address="", now=NOW)
    found = sessions.find(token, NOW, RULES, demo=allowed)
    assert (found is not None) == allowed
    if not allowed:
        with pytest.raises(Invalid, match="登录名或口令不正确"):
            sessions.sign_in("director", word, defaults=RULES, demo=False, address="", now=NOW)


# -- where it is not allowed -------------------------------------------------------------------------------------------
def test_somebody_elses_data_is_left_alone(tmp_path: Path, new_database: Callable[..., str]) -> None:
    database = models.bind(new_database("sqlite"))
    with transaction() as tx:
        row = {"id": "p", "username": "wang", "name": "王", "password_hash": "!", "created_at": NOW}
        tx.execute(Person.__table__.insert(), row)
    before, said = counts(), list[str]()
    other = demo.City(var_dir=tmp_path, store=Store(tmp_path, 1), password_min_length=10)
    assert demo.seed(other, NOW, said.append) is False
    assert counts() == before
    assert "不再建演示城市" in said[0]
    database.dispose()


@pytest.mark.parametrize("command", ["demo-seed", "demo-accounts", "demo-reset"])
@pytest.mark.parametrize("environment", [{"HOST": "0.0.0.0"}, {"DEMO": "off"}])  # noqa: S104  refused because of it
def test_no_demo_where_others_can_reach_it(command: str, environment: dict[str, str], tmp_path: Path) -> None:
    settings = Settings.from_env({**environment, "VAR_DIR": str(tmp_path)})
    done: Any = create_app(settings).test_cli_runner().invoke(args=[command])
    assert done.exit_code == 1
    assert "没有启用演示城市" in done.output
