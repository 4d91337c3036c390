"""The read models behind the pages: what a played week looks like, to whom."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from domain import signs
from domain.errors import Forbidden, NotFound
from models import Campaign, Period, Stage, Task, Unit, reading
from services.campaigns import campaign_page, commitments
from services.counting import criteria
from services.directory import enterprises
from services.plans.launched import home
from services.statements import pressed, roll_up, statements
from services.tasks import gates, instance_page
from services.upkeep import incidents
from tests.support.played import FIGURES, TODAY, WEEK, office, played, somebody
from tests.support.world import World, beijing


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    return played(database_url, tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def campaign_id(world: World) -> str:
    return str(scalar(select(Campaign.id)))


def scalar(query: Any) -> Any:
    with reading() as tx:
        return tx.execute(query).scalar_one()


def unit_id(name: str) -> str:
    return str(scalar(select(Unit.id).where(Unit.short_name == name)))


def period_id(name: str) -> str:
    return str(scalar(select(Period.id).where(Period.unit_id == unit_id(name), Period.period == WEEK)))


# -- criteria ----------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def results(campaign_id: str) -> dict[str, criteria.CriterionResult]:
    with reading() as tx:
        found = criteria.criteria(tx, home(tx, campaign_id).facts, "s1", TODAY)
    return {result.id: result for result in found}


def test_a_returned_plan_does_not_count_as_received(results: dict[str, criteria.CriterionResult]) -> None:
    plans = results["plans_received"]
    assert (plans.have, plans.owed, plans.met) == (1, 23, False)
    notes = {missing.name: missing.note for missing in plans.missing}
    assert notes["太谷区"] == "已退回补报"
    assert notes["祁县"] == "未报送"
    assert "榆次区" not in notes


def test_self_inspection_needs_scheme_and_report(results: dict[str, criteria.CriterionResult]) -> None:
    checks = results["self_checks_received"]
    assert (checks.have, checks.owed, checks.at_least) == (1, 30, 0.9)
    assert checks.missing_count == 29
    assert all(missing.place for missing in checks.missing)


def test_what_is_not_finished_is_not_met_and_names_who_is_missing(campaign_id: str, world: World) -> None:
    with reading() as tx:
        facts = home(tx, campaign_id).facts
        second, third = criteria.criteria(tx, facts, "s2", TODAY), criteria.criteria(tx, facts, "s3", TODAY)
    assert not any(result.met for result in [*second, *third])
    assert [(result.id, result.have, result.owed) for result in second] == [
        ("county_inspected", 10, 30), ("city_inspected", 0, 5), ("spot_checked", 0, 10)
    ]  # fmt: skip
    assert second[0].missing[0].note.startswith("还有 ")
    assert (third[0].owed, third[0].missing_count, third[0].missing[0].note) == (23, 23, "未督导")


def test_an_unknown_stage_has_no_criteria(campaign_id: str, world: World) -> None:
    with reading() as tx:
        assert criteria.criteria(tx, home(tx, campaign_id).facts, "s9") == []


# -- statements --------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def overview(world: World) -> statements.Overview:
    found = statements.overview(office(), statements.Choice(), TODAY)
    assert found is not None
    return found


def test_every_state_stands_where_it_belongs(overview: statements.Overview) -> None:
    column = next(i for i, column in enumerate(overview.columns) if column.period == WEEK)
    states = {line.unit: line.cells[column].sign.word for _, lines in overview.groups for line in lines}  # type: ignore[union-attr]
    assert (states["榆次区"], states["平遥县"], states["祁县"], states["太谷区"]) == ("已报", "迟报", "未报", "待认定")
    assert overview.columns[column].counts == {"reported": 2, "late": 1, "missing": 19, "pending": 1, "ahead": 0}


def test_counties_and_city_departments_stand_apart(overview: statements.Overview) -> None:
    assert [(title, len(lines)) for title, lines in overview.groups] == [("各县（区、市）", 12), ("市直单位", 11)]


def test_a_filter_keeps_whole_lines(world: World) -> None:
    found = statements.overview(office(), statements.Choice(state="late", level="county"), TODAY)
    assert found is not None
    assert [line.unit for _, lines in found.groups for line in lines] == ["平遥县"]


def test_the_roll_up_is_the_sum_of_what_was_handed_in(world: World) -> None:
    found = roll_up.roll_up(office(), statements.Choice(), WEEK, TODAY)
    columns = [column.id for column in found.table.columns]
    total = dict(zip(columns, found.total.cells, strict=True))
    assert (found.handed_in, found.owed, found.whole_city) == (4, 23, True)
    assert total["inspection_teams"] == f"{FIGURES['inspection_teams'] * 4:.0f}"
    assert total["fines"] == "5"
    assert total["persons_dealt_with"].endswith("/ 4")
    sums = {head.name: dict(zip(columns, head.cells, strict=True))["fines"] for head, _ in found.groups}
    assert sums == {"各县（区、市）小计": "3.75", "市直单位小计": "1.25"}


def test_one_statement_in_the_annexes_columns(world: World) -> None:
    found = statements.one(office(), period_id("太谷区"), TODAY)
    assert found.sign is signs.PENDING
    assert (found.minimum, len(found.cases)) == (2, 1)
    assert [label for label, _ in found.cases[0]][:3] == ["标题", "关键词", "要旨"]
    assert found.table is not None
    (total, cells), (own, same), *_ = found.lines
    assert (total, own, same) == ("总计", "太谷区", cells)
    assert dict(zip([c.id for c in found.table.columns], cells, strict=True))["inspected_units"] == "10"
    assert all(len(row) == len(found.detail_head) == 8 for row in found.details)


def test_a_statement_that_was_not_handed_in_is_empty(world: World) -> None:
    found = statements.one(office(), period_id("祁县"), TODAY)
    assert (found.sign, found.cases) == (signs.MISSING, ())
    assert found.figures is not None
    assert (found.figures.live, set(found.lines[0][1])) == (True, {"0", "0 / 0"})


def test_who_owes_is_pressed_and_knows_what_comes_next(campaign_id: str, world: World) -> None:
    found = pressed.page(office(), campaign_id, TODAY)
    assert found is not None
    late = {entry.row.unit: entry for entry in found.late if entry.row.period == WEEK}
    assert (late["祁县"].step, late["祁县"].next_step) == ("黄牌警示", "红牌警示")
    assert late["祁县"].next_at == beijing("2022-01-05 10:00")
    assert late["平遥县"].row.task_id is None
    assert found.owing == 19 + 23  # of the week, and everybody's lists of December


# -- scope -------------------------------------------------------------------------------------------------------------
def test_a_county_sees_itself_only(campaign_id: str, world: World) -> None:
    actor = somebody("榆次区", "liaison")
    found = statements.overview(actor, statements.Choice(), TODAY)
    assert found is not None
    assert [line.unit for _, lines in found.groups for line in lines] == ["榆次区"]
    assert not roll_up.roll_up(actor, statements.Choice(), WEEK, TODAY).whole_city
    for look in (
        lambda: statements.one(actor, period_id("祁县"), TODAY),
        lambda: campaign_page.unit_page(actor, campaign_id, unit_id("祁县"), TODAY),
    ):
        with pytest.raises(Forbidden):
            look()
    own = campaign_page.page(actor, campaign_id, TODAY)
    with reading() as tx:
        inside = select(Unit.id).where(Unit.path.like(f"%/{unit_id('榆次区')}/%"))
        tree = set(tx.execute(inside).scalars())
    assert {line.id for group in own.groups for line in group.lines} <= tree
    assert "乌金山镇" in {line.name for group in own.groups for line in group.lines}


def test_a_county_sees_its_enterprises_and_a_department_those_of_its_sectors(world: World) -> None:
    everything = enterprises.page(office(), enterprises.Filters(), TODAY)
    county = enterprises.page(somebody("榆次区", "liaison"), enterprises.Filters(), TODAY)
    department = enterprises.page(somebody("市应急局", "liaison"), enterprises.Filters(), TODAY)
    assert everything.total == 30
    assert {line.row.county for line in everything.lines} > {line.row.county for line in county.lines} == {"榆次区"}
    assert {line.row.sector_unit for line in department.lines} == {"市应急局"}
    assert 0 < department.total < 30


# -- enterprises and commitments ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("inspection", "expected"), [("done", 1), ("open", 29), ("overdue", 0), ("none", 0)])
def test_a_filter_by_self_inspection_agrees_with_the_lines(world: World, inspection: str, expected: int) -> None:
    found = enterprises.page(office(), enterprises.Filters(inspection=inspection), TODAY)
    assert all(line.inspection.key == inspection for line in found.lines)
    assert found.total == len(found.lines) == expected


def test_enterprises_page_by_page(world: World) -> None:
    everything = enterprises.page(office(), enterprises.Filters(), TODAY)
    after = everything.lines[4].row.code
    rest = enterprises.page(office(), enterprises.Filters(after=after), TODAY)
    assert [line.row.code for line in rest.lines] == [line.row.code for line in everything.lines[5:]]
    assert enterprises.page(office(), enterprises.Filters(text="100%_"), TODAY).total == 0


def test_an_enterprise_shows_what_it_handed_in(world: World) -> None:
    done = next(
        line.row.id
        for line in enterprises.page(office(), enterprises.Filters(), TODAY).lines
        if enterprises.one(office(), line.row.id, TODAY).handed_in
    )
    found = enterprises.one(office(), done, TODAY)
    assert {form.title for form in found.handed_in} == {"制定自查方案", "上报自查自纠情况"}
    assert all(form.fields for form in found.handed_in)


def test_commitments_by_kind(world: World) -> None:
    found = commitments.page(office(), commitments.Filters(kind="enterprise", state="signed"), TODAY)
    assert found is not None
    assert [(t.kind, t.owed, t.signed) for t in found.tallies] == [
        ("county", 12, 1),
        ("county_department", 72, 0),
        ("department", 11, 0),
        ("enterprise", 30, 1),
    ]
    assert [sign for _, sign in found.lines] == [signs.SIGNED]


def test_the_commitment_is_the_notice_word_for_word(world: World) -> None:
    page = commitments.page(office(), commitments.Filters(kind="county", state="signed"), TODAY)
    assert page is not None
    task_id = page.lines[0][0].row.task_id
    found = commitments.public(task_id, TODAY)
    assert found.row.unit == "榆次区" or found.row.unit.endswith("榆次区")
    assert [n for n, _ in found.text.clauses] == [1, 2, 3, 4, 5, 6]
    assert all(text.startswith("带头") and text.endswith("。") for _, text in found.text.clauses)
    assert found.text.preamble == "为确保“百日攻坚”集中行动期间安全平稳，我向市委市政府和全市人民作出庄严承诺："


def test_an_unsigned_commitment_is_no_business_of_the_public(world: World) -> None:
    page = commitments.page(office(), commitments.Filters(kind="county", state="unsigned"), TODAY)
    assert page is not None
    with pytest.raises(NotFound):
        commitments.public(page.lines[0][0].row.task_id, TODAY)
    with pytest.raises(NotFound):
        commitments.one(office(), task("file_liaison"), TODAY)


def task(element: str) -> str:
    return str(scalar(select(Task.id).where(Task.element == element).limit(1)))


# -- campaign, instance, gate ------------------------------------------------------------------------------------------
def test_the_campaign_in_figures(campaign_id: str, world: World) -> None:
    found = campaign_page.page(office(), campaign_id, TODAY)
    lines = {line.name: line for group in found.groups for line in group.lines}
    whole = {"done": 0, "open": 0, "overdue": 0}
    for line in lines.values():
        for figures in filter(None, (line.figures, line.enterprises)):
            whole = {name: whole[name] + getattr(figures, name) for name in whole}
    assert whole == {name: getattr(found.figures, name) for name in whole}
    assert (lines["祁县"].missing, lines["平遥县"].late, lines["榆次区"].handed_in) == (2, 1, 1)
    assert [stage.sign for stage in found.stages] == [signs.UNDER_WAY] * 3
    assert (lines["榆次区"].commitment, lines["祁县"].commitment) == (signs.SIGNED, signs.UNSIGNED)
    assert [t.signed for t in found.tallies] == [1, 0, 0, 1]
    periods = [(p.period, p.handed_in, p.owed, p.late) for p, _ in found.statements]
    lists = ("2021-12-01~2021-12-31", 0, 23, 0)
    assert periods == [("2022-01-03~2022-01-09", 0, 23, 0), (WEEK, 4, 23, 1), lists]
    assert found.stages[0].dates_text == "2022年1月10日前"
    assert found.events


def test_the_bar_stays_inside_itself(campaign_id: str, world: World) -> None:
    found = campaign_page.page(office(), campaign_id, TODAY)
    assert all(s.left >= 0 and s.left + s.width <= 100.001 for s in found.stages)
    assert 0 < found.now_at < 100


def test_an_instance_with_its_children_and_its_diagram(campaign_id: str, world: World) -> None:
    root = scalar(select(Campaign.instance_id))
    found = instance_page.page(somebody("榆次区", "liaison"), root, TODAY)
    calls = {name: group.total for group, name in found.groups}
    stage_one = {"报送方案和联络人": 23, "公开安全承诺": 95, "企业自查自纠": 30}
    assert calls == stage_one | {"县级逐一检查": 12, "市级全面检查": 11, "督查各县（区、市）": 11}
    diagram = instance_page.diagram(office(), root)
    assert diagram.badges["collect_plans"].total == 23
    assert "start_campaign" in diagram.passed
    assert all(child.unit.startswith("榆次") for child, _ in found.children)
    child = next(child for child, _ in found.children)
    assert instance_page.page(office(), child.id, TODAY).parent.id == root


def test_an_instance_of_another_county_is_hidden(world: World) -> None:
    query = select(Task.instance_id).join(Unit, Unit.id == Task.unit_id)
    other = scalar(query.where(Unit.short_name == "祁县", Task.element == "file_plan"))
    with pytest.raises(Forbidden):
        instance_page.page(somebody("榆次区", "liaison"), other, TODAY)
    with pytest.raises(NotFound):
        instance_page.page(office(), "nowhere", TODAY)


def test_a_gate_before_it_opens_is_no_page(world: World) -> None:
    with pytest.raises(NotFound):
        gates.page(office("city_leader"), task("file_plan"), TODAY)
    assert [line.row.gate_task_id for line in gates.lines(office("city_leader"), TODAY)] == [None] * 3


def test_nothing_is_broken(world: World) -> None:
    assert incidents.page(False, "", "").rows == ()
    with pytest.raises(NotFound):
        incidents.one("nowhere")


def test_names_on_pages_are_words(campaign_id: str, world: World) -> None:
    root = scalar(select(Campaign.instance_id))
    found = instance_page.page(office(), root, TODAY)
    values = {one.title: one.value for one in found.told}
    assert values["单位层级"] == "市级"
    assert not [one for one in found.told if not re.search(r"[\u4e00-\u9fff]", one.title)]
    assert found.inner == (), "ids and counters are for administrators"
    own = {one.name: one.value for one in instance_page.page(office("admin"), root, TODAY).inner}
    assert own["unit_id"] and not re.search(r"[a-z]_[a-z]", str(own["unit_groups"]))
    assert scalar(select(Stage.name).where(Stage.key == "s1")) == "自查自纠"
