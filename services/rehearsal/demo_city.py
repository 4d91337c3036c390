"""A city with somebody at every desk: a directory file in the tables, and people who are posts, not names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalog.directory_data import DirectoryData, UnitData, read_directory, unresolved_members
from domain.authority import SYSTEM
from domain.errors import NotFound
from domain.ledger import Tag
from domain.plan import Plan
from models import Holding, Person, Tx, new_id, transaction
from models.queries import directory as rows
from services._record import record
from services.directory.directory_import import import_into, leads_of

UNITS = Path("processes/units")
NO_PASSWORD = "!"  # noqa: S105 - no hash looks like this, so nobody can sign in
# Latin names for sign-in names; a unit that is not here goes by its code.
PINYIN = {
    "140702": "yuci",
    "140703": "taigu",
    "140721": "yushe",
    "140722": "zuoquan",
    "140723": "heshun",
    "140724": "xiyang",
    "140725": "shouyang",
    "140727": "qixian",
    "140728": "pingyao",
    "140729": "lingshi",
    "140781": "jiexiu",
    "140790": "kaifaqu",
}


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """Somebody of the demo city: the posts (unit code, kind) they hold."""

    username: str
    name: str
    posts: tuple[tuple[str, str], ...]


def directory_for(plan: Plan, root: Path) -> DirectoryData:
    """The directory file that knows every unit and post the plan names."""
    for path in sorted((root / UNITS).glob("*.yaml")):
        data = read_directory(path)
        if not unresolved_members(plan, data):
            return data
    raise NotFound(f"没有与方案“{plan.title}”相配的单位目录文件（{UNITS}/）。")


def people_of(data: DirectoryData) -> Iterator[DemoPerson]:
    """One person a post; of the enterprises the first has its own person, the others share one a county.

    The people of the first office go by their posts alone.
    """
    office = {unit.code for unit in [one for one in data.units if one.kind == "office"][:1]}
    for unit in data.units:
        if unit.level == "enterprise":
            continue
        for post in data.posts_of(unit):
            name = post.name if unit.code in office else f"{unit.short_name}{post.name}"
            username = post.kind if unit.code in office else f"{_slug(unit, data)}.{post.kind}"
            yield DemoPerson(username=username, name=name[:60], posts=((unit.code, post.kind),))
    yield from _enterprise_people(data)


def demo_enterprise(data: DirectoryData) -> UnitData | None:
    """The enterprise that has an account of its own."""
    return data.enterprises[0].unit if data.enterprises else None


def _enterprise_people(data: DirectoryData) -> Iterator[DemoPerson]:
    own = demo_enterprise(data)
    counties: dict[str, list[tuple[str, str]]] = {}
    for enterprise in data.enterprises:
        held = [(enterprise.unit.code, post.kind) for post in data.posts_of(enterprise.unit)]
        if enterprise.unit is own:
            name = own.short_name.removesuffix("（示范）")
            yield DemoPerson(username="enterprise", name=f"{name}负责人"[:60], posts=tuple(held))
        else:
            counties.setdefault(enterprise.county, []).extend(held)
    units = {unit.code: unit for unit in data.units}
    for code, held in counties.items():
        slug = _slug(units[code], data)
        yield DemoPerson(username=f"{slug}.enterprises", name=f"{units[code].short_name}企业代填人", posts=tuple(held))


def _slug(unit: UnitData, data: DirectoryData) -> str:
    """`140702-emergency` -> `yuci-emergency`, and without the city's own code: `emergency`."""
    code, _, rest = unit.code.partition("-")
    if rest and code == data.city:
        return rest
    return "-".join(part for part in (PINYIN.get(code, code), rest) if part)


# -- into the tables ---------------------------------------------------------------------------------------------------
def settle(data: DirectoryData, *plans: Plan, now: datetime, password_hash: str, demo: bool) -> int:
    """Units, posts and people that are not there yet, in one transaction; how many people were added."""
    leads = {sector: department for plan in plans for sector, department in leads_of(plan).items()}
    with transaction() as tx:
        import_into(tx, SYSTEM, data, now, leads=leads)
        return _add_people(tx, data, now, password_hash, demo)


def _add_people(tx: Tx, data: DirectoryData, now: datetime, password_hash: str, demo: bool) -> int:
    units, posts = rows.unit_ids_by_code(tx), rows.post_ids(tx)
    people, holdings = [], []
    for person in people_of(data):
        if rows.username_taken(tx, person.username):
            continue
        person_id = new_id()
        people.append(
            {
                "id": person_id,
                "username": person.username,
                "name": person.name,
                "password_hash": password_hash,
                "demo": demo,
                "created_at": now,
            }
        )
        for code, kind in person.posts:
            post_id = posts[units[code][0], kind]
            holdings.append({"id": new_id(), "post_id": post_id, "person_id": person_id, "since": now})
    rows.insert_rows(tx, Person, people)
    rows.insert_rows(tx, Holding, holdings)
    if people:
        record(tx, Tag.PERSON_CREATE, now, SYSTEM, {"directory": data.id, "people": len(people)})
    return len(people)
