"""Clues of the last three years: read from a file, entered, disposed of one by one; when a unit is done."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import Conflict, Forbidden, Invalid
from domain.hazards import SOURCES
from domain.old_clues import terms_of
from models import Hazard, Referral, Unit, reading
from services import excel
from services.clues import old_clue_import, old_clues
from services.inspections import hazard_pages
from services.running import jobs
from tests.support.hazards import campaign_id, enterprise_of, holder, unit_id
from tests.support.old_clues import book, ledger
from tests.support.played import KEY, LAUNCH
from tests.support.rows import instance_counts
from tests.support.world import World, beijing

GOOD = ("", "榆次区", "煤矿", "某煤业公司", "超层越界开采", "2021-05-18", 2, "12350举报")


@pytest.fixture
def world(backend: str, new_database: Callable[..., str], tmp_path: Path) -> World:
    """A city in its second week, on both databases."""
    world = World(new_database(backend), tmp_path, key=KEY, now=LAUNCH, enterprises=30)
    world.at(beijing("2022-01-05 10:00"))
    return world


def officer(world: World, unit: str = "榆次区") -> Any:
    return holder(unit, "liaison", world.now)


def take(world: World, *lines: Sequence[Any], good_only: bool = False) -> tuple[Any, int]:
    return old_clue_import.take(officer(world), campaign_id(), book(*lines), world.now, good_only=good_only)


def test_a_good_file_is_taken_and_numbers_are_given(world: World) -> None:
    _, added = take(world, GOOD, ("旧-7", "", "", "某村加油点", "无证经营", "2020年3月1日", None, ""))
    assert added == 2
    rows = {row.number: row for row in ledger()}
    assert set(rows) == {"起底00001", "旧-7"}
    given = rows["起底00001"]
    assert (given.subject, given.times, given.status, given.unit_id) == ("某煤业公司", 2, "open", unit_id("榆次区"))
    assert str(given.received_on) == "2021-05-18"


def test_every_fault_is_told_and_nothing_is_taken(world: World) -> None:
    take(world, ("旧-1", *GOOD[1:]))
    wrong = [
        ("旧-1", *GOOD[1:]),
        ("", "太谷区", *GOOD[2:]),
        ("", "某某局", *GOOD[2:]),
        ("", "榆次区", "捕鱼业", *GOOD[3:]),
        (*GOOD[:3], "", "", *GOOD[5:]),
        (*GOOD[:5], "2015-01-01", *GOOD[6:]),
        (*GOOD[:5], "去年", *GOOD[6:]),
        (*GOOD[:6], "许多", GOOD[7]),
        (*GOOD[:3], "长" * 121, *GOOD[4:]),
        ("旧-2", *GOOD[1:]),
        ("旧-2", *GOOD[1:]),
    ]
    read, added = take(world, *wrong)
    assert added == 0
    assert len(ledger()) == 1
    told = {fault.row: fault.sentence for fault in read.faults}
    words = (
        "已在台账中",
        "不是您的单位",
        "不是应当起底",
        "不在方案",
        "没有填写",
        "不在近三年内",
        "不是日期",
        "整数",
        "超过 120 字",
    )
    for row, word in enumerate(words, 2):
        assert word in told[row]
    assert "与第 11 行重复" in told[12]
    assert len(read.good) == 1
    _, added = take(world, *wrong, good_only=True)
    assert added == 1
    assert len(ledger()) == 2


def test_what_is_no_such_file_is_refused(world: World) -> None:
    swollen = io.BytesIO()
    with zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (60 << 20))
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(201):
            archive.writestr(f"{number}", b"")
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<no")
    cases = {
        b"no zip": "Excel",
        swollen.getvalue(): "过大",
        many.getvalue(): "过大",
        broken.getvalue(): "打不开",
        book(GOOD, head=("甲", "乙")): "表头",
    }
    for content, word in cases.items():
        with pytest.raises(Invalid, match=word):
            old_clue_import.read(officer(world), campaign_id(), content, world.now)


def test_the_template_can_be_read_again(world: World) -> None:
    content = excel.workbook(old_clue_import.template(officer(world), campaign_id(), world.now))
    read = old_clue_import.read(officer(world), campaign_id(), content, world.now)
    assert (len(read.good), read.faults) == (1, ())


def test_disposing(world: World) -> None:
    take(world, *[(f"旧-{n}", *GOOD[1:]) for n in range(1, 5)])
    closed, police, hazard, other = [row.id for row in ledger()]
    who = officer(world)
    with pytest.raises(Forbidden):
        old_clues.dispose(officer(world, "太谷区"), closed, "close", "已查处", world.now)
    with pytest.raises(Invalid):
        old_clues.dispose(who, closed, "close", "", world.now)
    with pytest.raises(Invalid):
        old_clues.dispose(who, closed, "forget", "已查处", world.now)
    old_clues.dispose(who, closed, "close", "现场核查不属实，已反馈", world.now)
    with pytest.raises(Conflict):
        old_clues.dispose(who, closed, "close", "再来一次", world.now)
    old_clues.dispose(who, police, "police", "涉嫌非法采矿", world.now)
    with pytest.raises(Conflict):
        old_clues.dispose(who, police, "discipline", "再移交", world.now)
    old_clues.dispose(who, police, "close", "公安机关已立案", world.now)
    where = {"enterprise_id": enterprise_of("榆次区"), "grade": "major"}
    old_clues.dispose(who, hazard, "hazard", "核查属实，越界开采", world.now, where)
    jobs.drain(world.now)
    with reading() as tx:
        assert tx.execute(select(Referral.to, Referral.old_clue_id)).all() == [("police", police)]
        (found,) = tx.execute(select(Hazard.source, Hazard.unit_id, Hazard.text)).all()
    # what the reporter wrote stays in the ledger of clues: the enterprise reads the register
    assert tuple(found) == ("old_clue", unit_id("榆次区"), "核查属实，越界开采")
    shown = hazard_pages.page(holder("榆次区", "officer", world.now), hazard_pages.Filters(), world.now)
    assert [line.source for line in shown.lines] == [SOURCES["old_clue"]]
    with reading() as tx:
        enterprise = tx.execute(select(Unit.short_name).where(Unit.id == enterprise_of("榆次区"))).scalar_one()
    own = holder(enterprise, "safety_officer", world.now)
    assert [line.source for line in hazard_pages.page(own, hazard_pages.Filters(), world.now).lines] == ["主管部门登记"]
    assert world.open_tasks("list_supervision")[0].unit == "榆次区"
    assert {row.id: row.status for row in ledger()} == {
        closed: "closed",
        police: "closed",
        hazard: "closed",
        other: "open",
    }


def test_a_unit_is_done_when_all_are_closed_or_it_says_why(world: World) -> None:
    (task,) = world.open_tasks("build_old_clue_ledger", unit="榆次区")
    assert task.due_at == beijing("2022-01-11 00:00")
    world.complete(task)
    take(world, GOOD)
    (task,) = world.open_tasks("work_off_old_clues", unit="榆次区")
    assert task.due_at == beijing("2022-04-01 00:00")
    with pytest.raises(Invalid, match="还有 1 条线索没有销号"):
        world.complete(task, reason=None)
    (clue,) = ledger()
    old_clues.dispose(officer(world), clue.id, "close", "已查处并反馈", world.now)
    world.complete(task, reason=None)
    assert world.open_tasks("work_off_old_clues", unit="榆次区") == []
    assert world.ask(instance_counts, "old_clue_ledger") == {"ended": 1, "running": 22}


def test_a_plan_may_call_the_ledger_otherwise_and_demand_what_is_stated() -> None:
    usual, own = (
        terms_of({}),
        terms_of({"old_clue_name": "问题线索", "old_clue_years": 0, "old_clue_points": ["处理事"]}),
    )
    assert (usual.name, usual.ledger, usual.span, usual.points) == (
        "近三年线索",
        "近三年问题线索专项台账",
        "近三年",
        (),
    )
    assert (own.name, own.ledger, own.years, own.points) == ("问题线索", "问题线索台账", 0, ("处理事",))


def test_a_campaign_without_hazards_hands_nothing_to_their_register() -> None:
    assert "hazard" in old_clues.ways({"rectification"})
    assert "hazard" not in old_clues.ways({"old_clue_ledger"})
