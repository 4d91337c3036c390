"""The six lists: each from its register, in the plan's columns, within the data scope, and as they were handed in."""

from __future__ import annotations

from typing import Any

import pytest

from services.statements import briefings, six_lists
from services.statements.six_lists import Filters
from tests.support import events
from tests.support.played import KEY, office, somebody
from tests.support.world import World, beijing

AT = beijing("2021-12-29 10:00")
MONTH = "2021-12-01~2021-12-31"
COUNTY = "榆次区"


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("files")
    world = World(database_url, folder, key=KEY, now=beijing("2021-12-27 09:00"), enterprises=8)
    world.at(beijing("2021-12-29 09:00"))
    one = events.enterprises()[0]
    more = {"responsible": "企业主要负责人", "measures": "更换", "funds": "2万元", "contingency": "撤人"}
    closed = {"status": "closed", "closed_at": AT, "due_at": beijing("2022-01-11 00:00")}
    events.hazard(COUNTY, AT, one, **more, **closed)
    events.hazard("太谷区", AT, one, grade="general", text="灭火器过期", listed_at=AT)
    events.disposal(COUNTY, AT, "fine", "甲公司", amount=2.5, facts="无证生产", basis="《安全生产法》第六十条")
    events.disposal(COUNTY, AT, "party_sanction", "某镇镇长", facts="监管不力", persons=1)
    events.disposal(COUNTY, AT, "joint_sanction", "乙公司", follow_up="限制招投标", until=beijing("2022-12-30 00:00"))
    events.disposal(COUNTY, AT, "commendation", "丙公司", facts="双重预防机制", follow_up="全县推广")
    events.disposal(COUNTY, AT, "rectification_order", "丁公司")
    return world


def page(key: str, actor: Any = None, **more: str) -> six_lists.ListPage:
    found = six_lists.page(actor or office(), Filters(key=key, **more))
    assert found is not None
    return found


def line(key: str, n: int = 0) -> dict[str, str]:
    found = page(key)
    return dict(zip(("报送单位", *found.columns), found.lines[n], strict=True))


def test_each_list_has_its_entries(world: World) -> None:
    counts = {key: count for key, _, count in page("l1").tabs}
    assert counts == {"l1": 2, "l2": 1, "l3": 1, "l4": 1, "l5": 1, "l6": 1}


def test_hazards_with_what_was_planned_and_done(world: World) -> None:
    first = line("l1")
    assert first["报送单位"] == COUNTY
    assert first["单位名称"] == events.enterprises()[0].name
    assert (first["隐患等级"], first["整改责任人"], first["应急预案"]) == ("重大隐患", "企业主要负责人", "撤人")
    assert (first["整改时限"], first["完成情况"], first["销号日期"]) == ("2022-01-10", "已销号", "2021-12-29")
    assert (line("l4")["隐患内容"], line("l4")["挂牌日期"]) == ("灭火器过期", "2021-12-29")


def test_disposals_stand_in_the_list_of_their_kind(world: World) -> None:
    fine = line("l2")
    assert (fine["单位名称"], fine["处罚种类"], fine["罚款金额"]) == ("甲公司", "行政罚款", "2.5万元")
    assert (line("l3")["单位或人员岗位"], line("l3")["约谈或问责方式"]) == ("某镇镇长", "党政纪处分")
    assert (line("l5")["惩戒措施"], line("l5")["起止日期"]) == ("限制招投标", "2021-12-29 至 2022-12-29")
    assert (line("l6")["典型做法"], line("l6")["提升要求"]) == ("双重预防机制", "全县推广")


def test_one_sees_one_s_own_tree_and_may_search(world: World) -> None:
    own = page("l1", somebody(COUNTY, "liaison"))
    assert ({row[0] for row in own.lines}, own.units) == ({COUNTY}, ((events.unit(COUNTY).id, COUNTY),))
    assert [row[2] for row in page("l1", text="灭火器").lines] == ["灭火器过期"]
    assert page("l1", unit_id=events.unit("太谷区").id).total == 1
    assert page("l1", text="没有这样的").lines == ()
    assert page("no_such_list").key == "l1"


def test_what_was_handed_in_stays(world: World) -> None:
    world.complete(world.open_tasks("hand_in_lists", unit=COUNTY)[0])
    events.disposal(COUNTY, world.now, "closure", "戊公司")
    assert (page("l2").total, page("l2", period=MONTH).total) == (2, 1)
    assert page("l2", period=MONTH, text="甲公司").total == 1
    months = six_lists.months(office())
    assert months is not None
    assert [(m.period, [(unit, counts) for _, unit, _, counts in m.lines]) for m in months.months] == [
        (MONTH, [(COUNTY, (1, 1, 1, 0, 1, 1))])
    ]
    assert six_lists.months(somebody("太谷区", "liaison")) is not None
    assert not six_lists.months(somebody("太谷区", "liaison")).months  # type: ignore[union-attr]


def test_the_six_leave_as_one_workbook(world: World) -> None:
    sheets = six_lists.sheet(office(), Filters(key="all"))
    assert [sheet.title for sheet in sheets] == [name for _, name, _ in page("l1").tabs]
    (one,) = six_lists.sheet(office(), Filters(key="l3"))
    assert one.head[:3] == ("序号", "报送单位", "单位或人员岗位")
    assert list(one.rows)[0][:3] == (1, COUNTY, "某镇镇长")


# -- summaries ---------------------------------------------------------------------------------------------------------
def test_a_daily_summary_tells_the_day_in_words_and_figures(world: World) -> None:
    world.at(beijing("2021-12-29 18:00"))
    found = briefings.page(office(), "daily_summary", "12月29日", "")
    assert found is not None
    shown = briefings.one(found.lines[0].id)
    assert shown.row.title == "日汇总（2021年12月29日）"
    assert "排查重大隐患1项、整改1项" in shown.paragraphs[0]
    assert "行政罚款2.5万元" in shown.paragraphs[1]
    assert shown.table is not None
    assert [name for name, _ in shown.lines] == ["全市", COUNTY]
    cells = dict(zip([column.id for column in shown.table.columns], shown.lines[0][1], strict=True))
    assert (cells["hazard_found"], cells["persons_dealt_with"], cells["typical_cases"]) == ("1", "1 / 0", "")
