"""People, posts and who holds which; a directory file in bulk; the first administrator. On both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import models
from catalog.directory_data import DirectoryData, read_directory
from domain.authority import SYSTEM
from domain.errors import Forbidden, Invalid, NotFound
from models import Enterprise, Holding, Ledger, Person, Post, Unit
from services.access import passwords
from services.directory import directory, directory_import
from tests.support.site import new_app, new_person, new_post, new_unit

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime.now(UTC)
GOOD = "correct-horse-9"


@pytest.fixture(autouse=True)
def bound(database: models.Database) -> Iterator[models.Database]:
    models.bind(database.url.render_as_string(hide_password=False))
    yield database


@pytest.fixture(scope="module")
def city() -> DirectoryData:
    """The demo city with ten enterprises."""
    data = read_directory(ROOT / "processes" / "units" / "shanxi-jinzhong.yaml")
    kept = data.enterprises[:10]
    units = [unit for unit in data.units if unit.level != "enterprise"]
    return replace(data, enterprises=kept, units=(*units, *(enterprise.unit for enterprise in kept)))


def asked(query: Any) -> Any:
    with models.reading() as tx:
        return tx.execute(query).scalar_one()


def test_a_directory_file_is_imported_once(city: DirectoryData) -> None:
    first = directory_import.import_directory(SYSTEM, city, NOW)
    again = directory_import.import_directory(SYSTEM, city, NOW)
    assert (first.units, first.enterprises) == (len(city.units), 10)
    assert first.posts == sum(len(city.posts_of(unit)) for unit in city.units)
    assert (again.units, again.enterprises, again.posts) == (0, 0, 0)
    more = replace(city, units=(*city.units, replace(city.units[-1], code="one-more", parent=city.units[0].code)))
    assert directory_import.import_directory(SYSTEM, more, NOW).units == 1


def test_a_path_is_the_way_from_the_top(city: DirectoryData) -> None:
    directory_import.import_directory(SYSTEM, city, NOW)
    with models.reading() as tx:
        paths = {row.id: (row.parent_id, row.path) for row in tx.execute(select(Unit.id, Unit.parent_id, Unit.path))}
    for unit_id, (parent_id, path) in paths.items():
        above = paths[parent_id][1] if parent_id else "/"
        assert path == f"{above}{unit_id}/"


def test_sectors_get_the_department_in_charge(city: DirectoryData) -> None:
    code = "sector-test"
    enterprise = replace(city.enterprises[0], unit=replace(city.enterprises[0].unit, code=code), sector="coal_mine")
    with_one = replace(city, units=(*city.units, enterprise.unit), enterprises=(*city.enterprises, enterprise))
    directory_import.import_directory(SYSTEM, with_one, NOW, leads={"coal_mine": "市应急局", "other": "没有的单位"})
    query = select(Unit.short_name).join(Enterprise, Enterprise.sector_unit_id == Unit.id)
    own = select(Unit.id).where(Unit.code == code).scalar_subquery()
    assert asked(query.where(Enterprise.unit_id == own)) == "市应急局"


class TestPeople:
    """Accounts."""

    def test_the_password_is_stored_as_argon2id_and_must_be_changed(self) -> None:
        new = directory.NewPerson(username="wang", name=" 王某 ", password=GOOD)
        person_id = directory.create_person(SYSTEM, new, min_length=10, now=NOW)
        with models.reading() as tx:
            row = tx.execute(select(Person.__table__).where(Person.id == person_id)).one()
        assert row.password_hash.startswith("$argon2id$")
        assert (row.name, row.must_change, row.active) == ("王某", True, True)
        assert passwords.matches(row.password_hash, GOOD)
        with pytest.raises(Invalid) as refusal:
            directory.create_person(SYSTEM, new, min_length=10, now=NOW)
        assert "username" in refusal.value.fields

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"username": "a"}, "username"),
            ({"username": "with space"}, "username"),
            ({"username": "a" * 61}, "username"),
            ({"name": "  "}, "name"),
            ({"password": "short"}, "password"),
            ({"password": "a" * 129}, "password"),
            ({"password": "abababababab"}, "password"),
            ({"username": "zhangsan", "password": "x-zhangsan-x1"}, "password"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(self, change: dict[str, str], field: str) -> None:
        new = replace(directory.NewPerson(username="somebody", name="某人", password=GOOD), **change)
        with pytest.raises(Invalid) as refusal:
            directory.create_person(SYSTEM, new, min_length=10, now=NOW)
        assert list(refusal.value.fields) == [field]

    def test_nobody_closes_their_own_account(self) -> None:
        person_id = new_person()
        actor = replace(SYSTEM, person_id=person_id)
        with pytest.raises(Forbidden):
            directory.set_active(actor, person_id, False, NOW)

    def test_a_password_is_given_anew_and_must_be_changed(self) -> None:
        person_id = new_person()
        directory.reset_password(SYSTEM, person_id, "first-horse-12", min_length=10, now=NOW)
        with models.reading() as tx:
            row = tx.execute(select(Person.__table__).where(Person.id == person_id)).one()
        assert row.must_change and passwords.matches(row.password_hash, "first-horse-12")
        with pytest.raises(NotFound):
            directory.reset_password(SYSTEM, "nobody", "first-horse-12", min_length=10, now=NOW)

    def test_changes_stand_in_the_ledger(self) -> None:
        person_id = new_person()
        actor = replace(SYSTEM, person_id="the-administrator")
        directory.rename_person(actor, person_id, "新名", NOW)
        directory.unlock(actor, person_id, NOW)
        with models.reading() as tx:
            rows = tx.execute(select(Ledger.data).where(Ledger.person_id == "the-administrator")).scalars()
            told = [data["what"] for data in rows if data.get("person") == person_id]
        assert told == ["name", "unlocked"]


class TestHoldings:
    """Posts are held over time."""

    def test_a_new_holder_takes_the_place_of_the_old_one(self) -> None:
        first, second = new_person(), new_person()
        unit_id, _ = new_unit("甲")
        post_id = new_post(unit_id, "liaison", "staff", first)
        directory.set_holding(SYSTEM, post_id, second, NOW)
        with models.reading() as tx:
            rows = tx.execute(select(Holding.person_id, Holding.until).where(Holding.post_id == post_id)).all()
        assert {(row.person_id, row.until is None) for row in rows} == {(first, False), (second, True)}

    def test_a_stand_in_stands_beside_the_holder(self) -> None:
        holder, stand_in = new_person(), new_person()
        unit_id, _ = new_unit("乙")
        post_id = new_post(unit_id, "liaison", "staff", holder)
        until = NOW + timedelta(days=3)
        holding = directory.set_holding(SYSTEM, post_id, stand_in, NOW, kind="stand_in", until=until)
        query = select(func.count()).where(Holding.post_id == post_id, Holding.until.is_(None))
        assert asked(query) == 1
        directory.end_holding(SYSTEM, holding, NOW)
        with pytest.raises(NotFound):
            directory.end_holding(SYSTEM, holding, NOW)

    @pytest.mark.parametrize("how", [{"kind": "owner"}, {"until": NOW - timedelta(seconds=1)}])
    def test_nonsense_is_refused(self, how: dict[str, Any]) -> None:
        unit_id, _ = new_unit("丙")
        post_id = new_post(unit_id, "liaison", "staff", new_person())
        with pytest.raises(Invalid):
            directory.set_holding(SYSTEM, post_id, new_person(), NOW, **how)

    def test_a_post_is_added_once(self) -> None:
        unit_id, _ = new_unit("丁")
        directory.create_post(SYSTEM, unit_id, kind="liaison", name="联络人", role="staff", now=NOW)
        for given in ({"kind": "liaison"}, {"kind": "Bad Kind"}, {"kind": "other", "role": "king"}):
            with pytest.raises(Invalid):
                directory.create_post(
                    SYSTEM, unit_id, **{"kind": "x_y", "name": "岗", "role": "staff", "now": NOW, **given}
                )


def test_the_first_administrator_comes_from_the_command_line(new_database: Any, backend: str, tmp_path: Path) -> None:
    app = new_app(new_database(backend), tmp_path)
    run = app.test_cli_runner().invoke
    weak = run(args=["create-admin", "--username", "root", "--name", "管理员", "--password", "short"])
    assert weak.exit_code == 1 and "至少 10 位" in weak.output
    done = run(args=["create-admin", "--username", "chief", "--name", "管理员", "--password", GOOD])
    assert (done.exit_code, "现在可以登录" in done.output) == (0, True)
    assert GOOD not in done.output
    second = run(args=["create-admin", "--username", "second", "--name", "管理员", "--password", GOOD])
    assert second.exit_code == 0
    held = select(func.count()).select_from(Holding).join(Post, Post.id == Holding.post_id)
    assert asked(held.where(Post.role == "admin", Holding.until.is_(None))) == 2
    assert "`SESSION_HOURS`" in run(args=["settings"]).output


class TestImportedAgain:
    """A changed file updates what is there; people keep their posts."""

    def test_names_are_changed_and_nobody_loses_a_post(self, city: DirectoryData) -> None:
        directory_import.import_directory(SYSTEM, city, NOW)
        bureau = next(unit for unit in city.units if unit.short_name == "市交通局")
        person = directory.create_person(
            SYSTEM, directory.NewPerson(username="li", name="李某", password=GOOD), min_length=10, now=NOW
        )
        own = select(Post.id).join(Unit, Unit.id == Post.unit_id).where(Unit.code == bureau.code)
        post_id = asked(own.where(Post.kind == "liaison"))
        directory.set_holding(SYSTEM, post_id, person, NOW)
        after = self.changed(
            city, bureau.code, name="晋中市交通局", aliases=("市交通运输局",), named={"k": ("交通局",)}
        )
        again = directory_import.import_directory(SYSTEM, replace(after, notices={"k": "某通知"}), NOW)
        assert (again.units, again.posts, again.changed) == (0, 0, 1)
        with models.reading() as tx:
            row = tx.execute(select(Unit.__table__).where(Unit.code == bureau.code)).one()
        assert (row.name, row.aliases, row.other_names) == ("晋中市交通局", ["市交通运输局"], "市交通运输局\n交通局")
        assert row.named == {"k": {"title": "某通知", "names": ["交通局"]}}
        assert asked(select(Holding.person_id).where(Holding.post_id == post_id)) == person
        assert directory_import.import_directory(SYSTEM, replace(after, notices={"k": "某通知"}), NOW).changed == 0

    def test_what_the_file_no_longer_has_stays(self, city: DirectoryData) -> None:
        directory_import.import_directory(SYSTEM, city, NOW)
        before = asked(select(func.count()).select_from(Post))
        fewer = replace(city, units=tuple(unit for unit in city.units if unit.short_name != "市交通局"))
        directory_import.import_directory(SYSTEM, fewer, NOW)
        assert asked(select(Unit.active).where(Unit.short_name == "市交通局"))
        assert asked(select(func.count()).select_from(Post)) == before

    def test_a_file_moves_no_unit(self, city: DirectoryData) -> None:
        directory_import.import_directory(SYSTEM, city, NOW)
        bureau = next(unit for unit in city.units if unit.short_name == "市交通局")
        with pytest.raises(Invalid) as refusal:
            directory_import.import_directory(SYSTEM, self.changed(city, bureau.code, parent="140000"), NOW)
        assert "移动单位会改变数据范围" in refusal.value.message
        assert asked(select(Unit.name).where(Unit.code == bureau.code)) == bureau.name

    def changed(self, city: DirectoryData, code: str, **values: Any) -> DirectoryData:
        return replace(city, units=tuple(replace(u, **values) if u.code == code else u for u in city.units))
