"""Lists that units keep up to date: each for its own unit, every version kept, a programme takes its children's in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import models
from domain.authority import SYSTEM, Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from models import Campaign, Ledger, ListEntry, ListSnapshot
from services import excel
from services.campaigns import campaigns
from services.counting.form_context import context_of
from services.plans import versions
from services.running import instances, jobs
from services.statements import list_entries, list_import, six_lists
from services.statements.six_lists import Filters
from tests.support import events
from tests.support.played import somebody
from tests.support.programmes import FIRE, KEY, LEARNING, installed, remind_of_lists
from tests.support.world import World, beijing

LIST = "measures"
LINE = {
    "内容": "每月开展一次安全培训",
    "措施": "纳入年度计划",
    "责任岗位": "分管副县长",
    "时限": "2022-03-31",
    "依据": "三（二）",
}
LAUNCH, LATER = beijing("2022-01-04 09:00"), beijing("2022-01-10 09:00")


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("files")
    root = installed(folder)
    remind_of_lists(root)
    world = World(database_url, folder, key=KEY, now=LAUNCH, launch=False, enterprises=2, root=root)
    campaigns.launch(SYSTEM, KEY, past="keep", now=LAUNCH)
    jobs.drain(LAUNCH)
    return world


@pytest.fixture
def county(world: World) -> Actor:
    return somebody("榆次区", "liaison")


def campaign(key: str) -> str:
    with models.reading() as tx:
        return str(tx.execute(select(Campaign.id).where(Campaign.key == key)).scalar_one())


def unit(actor: Actor) -> str:
    return actor.in_use[0].unit_id


def added(actor: Actor, key: str = LEARNING, **line: str) -> str:
    done = list_entries.add(actor, campaign(key), LIST, unit(actor), [{**LINE, **line}], LATER)
    return str(done["entries"][0])


def row(entry_id: str) -> Any:
    with models.reading() as tx:
        return tx.execute(select(ListEntry.__table__).where(ListEntry.id == entry_id)).one()


def looking_at(actor: Actor, key: str) -> Actor:
    return replace(actor, campaign_id=campaign(key))


def page(actor: Actor, key: str = LEARNING, **more: str) -> six_lists.ListPage:
    found = six_lists.page(looking_at(actor, key), Filters(key=more.pop("list", LIST), **more))
    assert found is not None
    return found


def test_an_entry_is_added_changed_closed_and_opened_again(county: Actor) -> None:
    entry = added(county, 内容="每月开展一次演练")
    first = row(entry)
    assert (first.status, first.version, first.content, first.cells["时限"]) == (
        "open",
        1,
        "每月开展一次演练",
        "2022-03-31",
    )
    list_entries.change(county, entry, {**LINE, "内容": "每季开展一次演练"}, 1, LATER)
    list_entries.close(county, entry, "已写入制度", LATER)
    assert (row(entry).status, row(entry).reason, row(entry).closed_at) == ("closed", "已写入制度", LATER)
    list_entries.reopen(county, entry, "制度被废止", LATER)
    assert (row(entry).status, row(entry).version, row(entry).closed_at) == ("open", 4, None)
    shown = list_entries.page(county, entry)
    assert [event.what for event in shown.events] == ["清单条目恢复", "清单条目销号", "更新清单条目", "登记清单条目"]
    assert [event.text for event in shown.events] == ["制度被废止", "已写入制度", "内容原为“每月开展一次演练”", ""]
    assert shown.may_keep


def test_every_version_stands_in_the_ledger(county: Actor) -> None:
    entry = added(county)
    list_entries.change(county, entry, {**LINE, "措施": "另行安排"}, 1, LATER)
    with models.reading() as tx:
        told = tx.execute(
            select(Ledger.data).where(Ledger.tag == Tag.LIST_ENTRY_CHANGE.value).order_by(Ledger.seq.desc())
        )
        data = next(one.data for one in told if one.data["entry"] == entry)
    assert data["cells"]["措施"] == "另行安排"
    assert data["before"] == {"措施": "纳入年度计划"}


def test_two_people_do_not_write_over_each_other(county: Actor) -> None:
    entry = added(county)
    list_entries.change(county, entry, {**LINE, "措施": "一"}, 1, LATER)
    with pytest.raises(Conflict, match="刚被别人修改过"):
        list_entries.change(county, entry, {**LINE, "措施": "二"}, 1, LATER)
    assert row(entry).cells["措施"] == "一"


REFUSED = {
    "nothing": ({"内容": " "}, {"内容": "请填写内容"}),
    "no day": ({"时限": "三月底"}, {"时限": "应为日期，如 2021-05-18"}),
    "no such day": ({"时限": "2022-02-30"}, {"时限": "应为日期，如 2021-05-18"}),
    "too long": ({"内容": "长" * 2001, "措施": "长" * 1001}, {"内容": "不超过 2000 字", "措施": "不超过 1000 字"}),
}


@pytest.mark.parametrize(("line", "faults"), REFUSED.values(), ids=REFUSED)
def test_wrong_lines_are_refused(county: Actor, line: dict[str, str], faults: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        added(county, **line)
    assert refused.value.fields == faults


def test_what_cannot_be_settled(county: Actor) -> None:
    entry = added(county)
    with pytest.raises(Invalid, match="没有改动"):
        list_entries.change(county, entry, LINE, 1, LATER)
    with pytest.raises(Conflict, match="已在册"):
        list_entries.reopen(county, entry, "为了什么", LATER)
    with pytest.raises(Invalid) as refused:
        list_entries.close(county, entry, " ", LATER)
    assert refused.value.fields == {"reason": "请写明销号的理由，不超过 500 字"}
    list_entries.close(county, entry, "完成", LATER)
    with pytest.raises(Conflict, match="已经销号"):
        list_entries.close(county, entry, "完成", LATER)
    with pytest.raises(Conflict, match="先恢复"):
        list_entries.change(county, entry, {**LINE, "措施": "x"}, 2, LATER)
    with pytest.raises(NotFound):
        list_entries.close(county, "nothing", "完成", LATER)


def test_each_unit_writes_for_itself(county: Actor) -> None:
    other, outsider = somebody("太谷区", "liaison"), somebody("祁县", "liaison")
    entry = added(county)
    for writer in (other, outsider):
        with pytest.raises(Forbidden, match="为本单位登记"):
            list_entries.close(writer, entry, "不是我的", LATER)
        with pytest.raises(Forbidden, match="为本单位登记"):
            list_entries.add(writer, campaign(LEARNING), LIST, unit(county), [LINE], LATER)
        with pytest.raises(Forbidden):
            list_entries.page(writer, entry)
    with pytest.raises(Forbidden, match="您的单位不在其中"):
        list_entries.new(outsider, campaign(LEARNING), LIST)
    assert (page(county).may_add, page(outsider).may_add) == (True, False)


def test_a_list_that_is_counted_is_not_written(county: Actor) -> None:
    with pytest.raises(Invalid, match="由台账自动生成"):
        list_entries.add(county, campaign(LEARNING), "problems", unit(county), [LINE], LATER)
    with pytest.raises(NotFound):
        list_entries.add(county, campaign(LEARNING), "nothing", unit(county), [LINE], LATER)


# -- pages -------------------------------------------------------------------------------------------------------------
def test_the_page_shows_what_is_in_force(county: Actor) -> None:
    gone, here = added(county, 内容="要销号的"), added(county, 内容="仍在册的")
    list_entries.close(county, gone, "完成", LATER)
    shown = page(county)
    assert shown.columns == ("编号", "内容", "措施", "责任岗位", "时限", "依据", "状态", "更新日期")
    texts = {line[2] for line in shown.lines}
    assert "仍在册的" in texts
    assert "要销号的" not in texts
    assert f"lists.entry|{here}" in shown.targets
    assert {line[2] for line in page(county, state="closed").lines} >= {"要销号的"}
    assert page(county, state="all").total > shown.total
    assert [line[2] for line in page(county, text="仍在").lines] == ["仍在册的"]
    assert shown.changed_at == LATER


def test_a_county_sees_its_own_entries(county: Actor) -> None:
    added(county)
    other = somebody("太谷区", "liaison")
    added(other, 内容="太谷的制度")
    assert {line[0] for line in page(other).lines} == {"太谷区"}
    assert {line[0] for line in page(somebody(OFFICE, "director")).lines} == {"榆次区", "太谷区"}


OFFICE = "市“百日攻坚”集中行动领导组办公室"


def test_a_programme_takes_in_the_lists_of_its_children(county: Actor) -> None:
    added(county, LEARNING, 内容="学习的制度")
    added(county, FIRE, 内容="消防的制度")
    director = somebody(OFFICE, "director")
    list_entries.add(director, campaign(KEY), LIST, unit(director), [{**LINE, "内容": "总的制度"}], LATER)
    shown = page(director, KEY)
    assert shown.columns[0] == "所属行动"
    found = {(line[1], line[3]) for line in shown.lines}
    assert {("三年行动", "总的制度"), ("学习专题", "学习的制度"), ("消防专项", "消防的制度")} <= found
    assert "消防的制度" not in {line[2] for line in page(director).lines}
    with pytest.raises(Forbidden):
        list_entries.add(county, campaign(KEY), LIST, unit(county), [LINE], LATER)


def test_counted_lists_are_views_over_the_registers(world: World) -> None:
    one, director = events.enterprises()[0], somebody(OFFICE, "director")
    for key in (LEARNING, FIRE):
        where = {"campaign_id": campaign(key)}
        events.hazard("榆次区", LATER, one, text=f"{key}的隐患", listed_at=LATER, **where)
        events.disposal("榆次区", LATER, "admonition", "甲公司", facts="整改不力", **where)
        events.disposal("榆次区", LATER, "fine", "乙公司", amount=1.0, **where)
    counts = {name: count for _, name, count in page(director, FIRE).tabs if name != "制度措施清单"}
    assert counts == {"问题隐患整改责任清单": 1, "重大隐患挂牌督办清单": 1, "追责问责清单": 1}
    counts = {name: count for _, name, count in page(director, KEY).tabs if name != "制度措施清单"}
    assert counts == {"问题隐患整改责任清单": 2, "重大隐患挂牌督办清单": 2, "追责问责清单": 2}
    hazards = page(director, KEY, list="problems")
    assert {(line[1], line[3]) for line in hazards.lines} == {
        ("学习专题", f"{LEARNING}的隐患"), ("消防专项", f"{FIRE}的隐患"),
    }  # fmt: skip
    assert all(target.startswith("hazards.show|") for target in hazards.targets)
    accountable = page(director, KEY, list="accountability")
    assert accountable.lines[0][2:5] == ("甲公司", "整改不力", "约谈")


# -- Excel -------------------------------------------------------------------------------------------------------------
def book(head: Any, *lines: Any) -> bytes:
    return excel.workbook(excel.Sheet(title="清单", head=head, rows=lines))


COLUMNS = tuple(LINE)


def test_a_file_is_taken_whole_or_not_at_all(county: Actor) -> None:
    before = page(county, state="all").total
    good = ("甲制度", "", "", LATER.date(), "")
    content = book(COLUMNS, good, ("", "有措施没有内容", "", "", ""), ("丙制度", "", "", "三月底", ""))
    read, taken = list_import.take(county, campaign(LEARNING), LIST, unit(county), content, LATER)
    assert (taken, len(read.good), read.bad) == (0, 1, 2)
    assert [fault.sentence for fault in read.faults] == ["“内容”请填写内容", "“时限”应为日期，如 2021-05-18"]
    assert page(county, state="all").total == before
    read, taken = list_import.take(county, campaign(LEARNING), LIST, unit(county), book(COLUMNS, good), LATER)
    assert (taken, page(county, state="all").total) == (1, before + 1)
    (line,) = page(county, text="甲制度").lines
    assert line[5] == "2022-01-10"


def test_the_template_can_be_filled_in_and_taken(county: Actor) -> None:
    sheet = list_import.template(county, campaign(LEARNING), LIST, LATER)
    assert tuple(sheet.head) == COLUMNS
    assert len(list_import.read(county, campaign(LEARNING), LIST, excel.workbook(sheet)).good) == 1


def test_what_is_no_such_file(county: Actor) -> None:
    for content, sentence in ((b"x", "请上传 Excel 工作簿"), (book(("别的", "表头")), "没有找到表头")):
        with pytest.raises(Invalid, match=sentence):
            list_import.read(county, campaign(LEARNING), LIST, content)


def test_the_export_has_what_the_page_has(county: Actor) -> None:
    added(county, 内容="导出的制度")
    (sheet,) = six_lists.sheet(looking_at(county, LEARNING), Filters(key=LIST, text="导出的制度"))
    assert tuple(sheet.head) == ("序号", "报送单位", "编号", *COLUMNS, "状态", "更新日期")
    assert [line[3] for line in sheet.rows] == ["导出的制度"]
    everything = six_lists.sheet(looking_at(county, LEARNING), Filters(key="all"))
    assert [one.title for one in everything][0] == "制度措施清单"
    assert len(everything) == 4


# -- the monthly reminder ----------------------------------------------------------------------------------------------
def test_the_reminder_shows_the_counts_and_is_confirmed_with_one_click(world: World, county: Actor) -> None:
    world.at(beijing("2022-01-18 09:00"))
    before = page(county).total
    (task,) = world.open_tasks("confirm_lists", unit="榆次区")
    version = world.version(task)
    with models.reading() as tx:
        facts = versions.campaign_facts(tx, task.campaign_id, version.edition)
        shown = context_of(tx, version.elements[task.element], facts, task.variables)["lists"]
    measures, problems, *_ = shown
    assert (measures["name"], measures["open"], measures["changed"]) == ("制度措施清单", before, "2022-01-10")
    assert problems["changed"] == "随台账更新"
    world.complete(task, answers={})
    with models.reading() as tx:
        kept = tx.execute(
            select(ListSnapshot.list_key, ListSnapshot.count).where(ListSnapshot.campaign_id == campaign(LEARNING))
        ).all()
    assert {key for key, _ in kept} == {LIST, "problems", "listed", "accountability"}
    months = six_lists.months(looking_at(county, LEARNING))
    assert months is not None
    assert [month.lines[0][1] for month in months.months] == ["榆次区"]
    assert months.lists[0] == (LIST, "制度措施清单")


def test_nothing_is_written_when_the_campaign_is_over(new_database: Callable[..., str], tmp_path: Path) -> None:
    root = installed(tmp_path)
    World(new_database("sqlite"), tmp_path, key=FIRE, now=LAUNCH, enterprises=2, root=root)
    county = somebody("榆次区", "liaison")
    entry = added(county, FIRE)
    with models.transaction() as tx:
        root_id = tx.execute(select(Campaign.instance_id)).scalar_one()
        fx = instances.effects(tx, SYSTEM, LATER)
        found = instances.lock(tx, root_id)
        assert found is not None
        instances.cancel(tx, fx, found)
        fx.flush(tx)
    with pytest.raises(Conflict, match="行动已经结束"):
        list_entries.close(county, entry, "完成", LATER)
    assert not list_entries.page(county, entry).may_keep
