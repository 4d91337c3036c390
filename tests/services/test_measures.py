"""Measures in the units that do them: handed out, reported, checked, signed, returned, counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

import models
from domain.authority import SYSTEM
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from domain.workdays import BEIJING
from models import Instance, MeasureWork
from services.campaigns import campaigns, definitions
from services.counting import criteria, measure_figures
from services.measures import progress
from services.plans.launched import chosen_home
from services.rehearsal.rehearsal_acts import actor_of
from services.running import jobs
from services.tasks import task_page
from tests.support import measures, rows
from tests.support.measures import KEY, LAUNCH, works
from tests.support.played import office, somebody
from tests.support.world import World, beijing

FIRE = "市消防救援支队"


@pytest.fixture
def world(backend: str, new_database: Callable[..., str], tmp_path: Path) -> World:
    """The campaign on its first day, on both databases."""
    return measures.city(new_database(backend), tmp_path)


@pytest.fixture
def one(new_database: Callable[..., str], tmp_path: Path) -> World:
    """The same where one database is enough."""
    return measures.city(new_database("sqlite"), tmp_path)


def campaign_id() -> str:
    with models.reading() as tx:
        found = chosen_home(tx, None)
        assert found is not None
        return str(found.row.id)


def of(world: World, measure: str, unit: str, number: int = 1) -> Any:
    return next(row for row in world.ask(works, measure, unit) if row.round == number)


def task(world: World, element: str, measure: str, unit: str) -> Any:
    """The open task about a measure of a unit, whoever does it."""
    name = {"m_1": "消防车通道达标验收", "m_2": "规划建设微型消防站", "m_3": "制定年度检查计划", "m_4": "完善长效机制"}
    title = f"{name[measure]} · {unit}"
    return next(found for found in world.open_tasks(element) if found.title == title)


def do(world: World, element: str, measure: str, unit: str, **how: Any) -> None:
    world.complete(task(world, element, measure, unit), **how)


def filled_in(world: World, found: Any) -> Mapping[str, Any]:
    """What the page of a task has put in already."""
    with models.reading() as tx:
        actor = actor_of(tx, found.post_id, world.now)
    return task_page.page(actor, found.id, world.now).data


# -- handing out -------------------------------------------------------------------------------------------------------
def test_every_unit_that_the_notice_means_gets_every_measure_once(world: World) -> None:
    found = [(row.measure, row.unit, row.role, row.round) for row in world.ask(works)]
    counties = ["离石区", "孝义市", "汾阳市"]
    assert sorted(found) == sorted(
        [("m_1", FIRE, "lead", n) for n in (1, 2)]
        + [("m_1", county, "responsible", n) for county in counties for n in (1, 2)]
        + [("m_2", county, "responsible", 1) for county in counties]
        + [("m_3", FIRE, "lead", 1), ("m_3", "市住建局", "responsible", 1), ("m_3", "市文旅局", "responsible", 1)]
        + [("m_4", FIRE, "responsible", 1)]
    )
    assert world.ask(rows.instance_counts, "measure") == {"running": 11}
    assert len(world.open_tasks("report_measure")) == 11


def test_what_a_child_knows(world: World) -> None:
    found = task(world, "report_measure", "m_1", "离石区")
    known = found.variables
    with models.reading() as tx:
        fire = tx.execute(select(models.Unit.id).where(models.Unit.short_name == FIRE)).scalar_one()
    assert (known["measure"], known["measure_role"], known["measure_round"]) == ("m_1", "responsible", 1)
    assert (known["measure_target"], known["lead_unit"]) == (True, fire)
    assert found.due_at == beijing("2022-03-01 00:00")
    assert task(world, "report_measure", "m_1", FIRE).variables["lead_unit"] == ""
    assert task(world, "report_measure", "m_4", FIRE).due_at == beijing("2022-07-01 00:00")
    assert task(world, "report_measure", "m_4", FIRE).variables["measure_target"] is False


def test_only_the_date_that_is_next_is_open(world: World) -> None:
    assert [row.status for row in world.ask(works, "m_1", "离石区")] == ["open", "waiting"]
    ids = {row.instance_id for row in world.ask(works, "m_1", "离石区")}
    assert len(ids) == 1
    assert None not in ids


def test_more_than_one_batch(new_database: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.running.children.BATCH", 4)
    world = measures.city(new_database("sqlite"), tmp_path)
    assert world.ask(rows.instance_counts, "measure") == {"running": 11}
    with models.reading() as tx:
        group = tx.execute(select(models.ChildGroup.total, models.ChildGroup.started)).one()
    assert tuple(group) == (11, 11)


def test_a_launch_that_would_leave_a_measure_to_nobody_is_refused(
    new_database: Callable[..., str], tmp_path: Path
) -> None:
    def spoil(plan: dict[str, Any]) -> None:
        plan["measures"]["m_3"]["responsible_units"] = ["市住建局", "市烟草专卖局"]

    world = measures.city(new_database("sqlite"), tmp_path, spoil, launch=False)
    sentence = "“2.1 制定年度检查计划”的承办单位“市烟草专卖局”不在单位目录中"
    assert campaigns.preview(KEY, past="keep", now=world.now).problems == (sentence,)
    with pytest.raises(Invalid, match="市烟草专卖局"):
        campaigns.launch(SYSTEM, KEY, past="keep", now=world.now)
    assert world.ask(works) == []


def test_carried_by_takes_what_leads_nowhere(new_database: Callable[..., str], tmp_path: Path) -> None:
    def carry(plan: dict[str, Any]) -> None:
        more = {"carried_by": ["市住建局"], "carried_by_note": "目录没有该单位"}
        plan["measures"]["m_3"] |= {"responsible_units": ["市烟草专卖局", "市文旅局"], **more}

    world = measures.city(new_database("sqlite"), tmp_path, carry)
    assert {row.unit for row in world.ask(works, "m_3")} == {FIRE, "市住建局", "市文旅局"}


def test_the_preview_counts_and_dates_them(new_database: Callable[..., str], tmp_path: Path) -> None:
    world = measures.city(new_database("sqlite"), tmp_path, launch=False)
    shown = campaigns.preview(KEY, past="shift", shift_days=7, now=world.now)
    reports = [t for t in shown.tasks if t.task.startswith("上报完成情况")]
    lines = [(t.due_at.astimezone(BEIJING).strftime("%m-%d"), t.group, t.units) for t in reports if t.due_at]
    assert lines == [
        ("02-08", "主要任务点名的单位", 3),
        ("03-08", "主要任务点名的单位", 1),
        ("03-08", "各县（市、区）", 6),
        ("04-08", "主要任务点名的单位", 1),
        ("04-08", "各县（市、区）", 3),
        ("07-08", "主要任务点名的单位", 1),
    ]
    others = {(t.task, t.group): t.units for t in shown.tasks if t.items and t.due_at is None}
    assert others == {
        ("牵头单位核验（主要任务）", "牵头单位"): 8,
        ("办公室核验（主要任务）", "市集中行动办公室"): 7,
        ("签字验收（主要任务）", "市集中行动办公室"): 11,
    }


# -- the way of one ----------------------------------------------------------------------------------------------------
def test_reported_checked_by_the_lead_signed_and_then_the_next_date(world: World) -> None:
    do(world, "report_measure", "m_1", "离石区", **{"figures.0.value": 62})
    row = of(world, "m_1", "离石区")
    assert (row.status, row.reported, row.met) == ("reported", {"t01": {"value": 62, "met": True}}, True)
    assert task(world, "lead_check", "m_1", "离石区").unit == FIRE
    do(world, "lead_check", "m_1", "离石区")
    assert of(world, "m_1", "离石区").status == "checked"
    do(world, "sign_target", "m_1", "离石区")
    first, second = world.ask(works, "m_1", "离石区")
    assert (first.status, first.accepted_at, second.status) == ("accepted", LAUNCH, "open")
    again = task(world, "report_measure", "m_1", "离石区")
    assert again.due_at == beijing("2022-04-01 00:00")
    assert again.variables["measure_round"] == 2
    # the words are taken over, the figures of another date are not
    assert filled_in(world, again).keys() == {"done", "difficulties"} & filled_in(world, again).keys()
    assert "done" in filled_in(world, again)
    for element in ("report_measure", "lead_check", "sign_target"):
        do(world, element, "m_1", "离石区")
    assert [row.status for row in world.ask(works, "m_1", "离石区")] == ["accepted", "accepted"]
    assert world.ask(rows.instance_counts, "measure") == {"running": 10, "ended": 1}


def test_without_a_target_nobody_signs(world: World) -> None:
    do(world, "report_measure", "m_3", FIRE)
    assert task(world, "office_check", "m_3", FIRE).post == "dispatcher"
    do(world, "office_check", "m_3", FIRE)
    assert (of(world, "m_3", FIRE).status, world.open_tasks("sign_target")) == ("accepted", [])


def test_returned_with_a_reason_and_done_again(world: World) -> None:
    do(world, "report_measure", "m_2", "孝义市", **{"figures.0.value": 4})
    with pytest.raises(Invalid):
        do(world, "office_check", "m_2", "孝义市", outcome="return")
    world.at(beijing("2022-02-28 10:00"))
    do(world, "office_check", "m_2", "孝义市", outcome="return", opinion="站点没有照片")
    row = of(world, "m_2", "孝义市")
    assert (row.status, row.returns, row.reason) == ("returned", 1, "站点没有照片")
    # three working days from the return are later than the date itself
    assert task(world, "report_measure", "m_2", "孝义市").due_at == beijing("2022-03-04 00:00")
    assert filled_in(world, task(world, "report_measure", "m_2", "孝义市"))["figures"][0]["value"] == 4
    for element in ("report_measure", "office_check", "sign_target"):
        do(world, element, "m_2", "孝义市")
    row = of(world, "m_2", "孝义市")
    assert (row.status, row.returns, row.reason) == ("accepted", 1, "")
    tags = ("measure:report", "measure:return", "measure:check", "measure:accept")
    assert [world.ask(rows.tag_count, tag) for tag in tags] == [2, 1, 1, 1]


def test_below_target_needs_a_written_reason(world: World) -> None:
    do(world, "report_measure", "m_2", "孝义市", **{"figures.0.value": 2})
    row = of(world, "m_2", "孝义市")
    assert (row.met, row.reported["t01"]) == (False, {"value": 2, "met": False})
    do(world, "office_check", "m_2", "孝义市")
    with pytest.raises(Invalid, match="须写明理由"):
        do(world, "sign_target", "m_2", "孝义市")
    assert of(world, "m_2", "孝义市").status == "checked"
    do(world, "sign_target", "m_2", "孝义市", opinion="其余一个4月建成，同意验收")
    row = of(world, "m_2", "孝义市")
    assert (row.status, row.met, row.reason) == ("accepted", False, "其余一个4月建成，同意验收")
    with models.reading() as tx:
        signed = tx.execute(select(models.Submission.data).where(models.Submission.form_key == "measure_acceptance"))
        shown = signed.scalars().all()[-1]["targets"]
    assert [(line["wanted"], line["reported"], line["verdict"]) for line in shown] == [
        ("3 至 5 个", "2 个", "未达到"),
        ("只增不减", "只增不减", "已达到"),
    ]


def test_the_leader_refuses(world: World) -> None:
    do(world, "report_measure", "m_2", "孝义市", **{"results.0.met": "no"})
    do(world, "office_check", "m_2", "孝义市")
    do(world, "sign_target", "m_2", "孝义市", outcome="return", opinion="既有站点减少，不予验收")
    row = of(world, "m_2", "孝义市")
    assert (row.status, row.met, row.returns, row.accepted_at) == ("returned", False, 1, None)
    assert world.ask(rows.tag_count, "sign_off:return") == 1


def test_every_target_wants_its_line(one: World) -> None:
    found = task(one, "report_measure", "m_2", "孝义市")
    answers = one.answers(found)
    with pytest.raises(Invalid, match="每项目标都要填写"):
        one.complete(found, answers={**answers, "figures": []})
    assert of(one, "m_2", "孝义市").status == "open"


def test_a_report_without_evidence_is_refused(one: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.world.attachment_policy", lambda _form: "none")
    with pytest.raises(Invalid, match="请先上传附件"):
        do(one, "report_measure", "m_3", FIRE)


def test_late_is_escalated_and_noted(world: World) -> None:
    world.at(beijing("2022-02-09 10:00"))
    found = task(world, "report_measure", "m_3", "市住建局")
    assert (found.light, found.rung) == ("red", "red_card")
    do(world, "report_measure", "m_3", "市住建局")
    with models.reading() as tx:
        data = tx.execute(select(models.Ledger.data).where(models.Ledger.tag == "measure:report")).scalar_one()
    assert data["late"] is True


def test_when_all_is_accepted_the_campaign_goes_on(one: World) -> None:
    one.at(beijing("2022-04-06 10:00"))
    one.complete(one.open_tasks("gate_s1")[0], opinion="按期推进")
    for _ in range(2):
        for element in ("report_measure", "lead_check", "office_check", "sign_target"):
            for found in one.open_tasks(element):
                one.complete(found, opinion="核对无误")
    assert {row.status for row in one.ask(works)} == {"accepted"}
    assert one.ask(rows.instance_counts, "campaign") == {"ended": 1}


def test_a_call_that_is_made_again_asks_only_for_what_is_left(world: World) -> None:
    do(world, "report_measure", "m_3", FIRE)
    do(world, "office_check", "m_3", FIRE)
    with models.transaction() as tx:
        cancelled = tx.execute(select(MeasureWork.instance_id).where(MeasureWork.measure == "m_4")).scalar_one()
        tx.execute(update(Instance).where(Instance.id == cancelled).values(status="cancelled"))
    with models.transaction() as tx:
        row = tx.execute(select(models.ChildGroup.__table__)).one()
        tx.execute(update(models.ChildGroup).values(total=None, started=0))
        args = {"parent": row.parent_id, "ref": row.ref}
        jobs.enqueue(tx, "children:start", f"{row.id}:again", args, world.now)
    jobs.drain(world.now)
    assert (of(world, "m_3", FIRE).status, of(world, "m_4", FIRE).status) == ("accepted", "open")
    assert of(world, "m_4", FIRE).instance_id != cancelled
    assert len(world.ask(works)) == 15
    assert len([one for one in world.open_tasks("report_measure") if one.title.startswith("完善长效机制")]) == 2


# -- figures -----------------------------------------------------------------------------------------------------------
def test_the_share_of_what_is_due_by_the_end_of_a_stage(world: World) -> None:
    with models.reading() as tx:
        found = chosen_home(tx, None)
        assert found is not None
        (before,) = criteria.criteria(tx, found.facts, "s1")
    assert (before.have, before.owed, before.met, before.missing_count) == (0, 14, False, 6)
    do(world, "report_measure", "m_3", FIRE)
    do(world, "office_check", "m_3", FIRE)
    with models.reading() as tx:
        (after,) = criteria.criteria(tx, found.facts, "s1")
    assert (after.have, after.owed) == (1, 14)
    assert {one.name: one.note for one in after.missing}[FIRE] == "还有 2 项未验收"


def test_figures_of_a_period(world: World) -> None:
    do(world, "report_measure", "m_3", FIRE)
    do(world, "office_check", "m_3", FIRE)
    world.at(beijing("2022-02-10 10:00"))
    for element in ("report_measure", "office_check", "sign_target"):
        do(
            world,
            element,
            "m_2",
            "孝义市",
            **({"figures.0.value": 2} if element == "report_measure" else {"opinion": "同意"}),
        )
    until, since = beijing("2022-03-01 00:00"), beijing("2022-02-01 00:00")
    with models.reading() as tx:
        units = {row.id: row.short_name for row in tx.execute(select(models.Unit.id, models.Unit.short_name))}
        found = measure_figures.by_unit(tx, campaign_id(), until=until, since=since)
        named = {units[unit]: figures for unit, figures in found.items()}
        whole = measure_figures.total(found.values())
        only = measure_figures.by_unit(tx, campaign_id(), until=until, unit_ids=[next(iter(found))])
        assert measure_figures.by_unit(tx, campaign_id(), until=until, list_key="none") == {}
    fire, xiaoyi = named[FIRE], named["孝义市"]
    # the plan for inspections was due and accepted in January
    assert (fire.total, fire.due, fire.accepted, fire.due_accepted, fire.overdue) == (4, 1, 0, 1, 1)
    assert (xiaoyi.due, xiaoyi.accepted, xiaoyi.targets, xiaoyi.targets_met) == (2, 1, 2, 0)
    assert (whole.total, whole.due_accepted, whole.overdue) == (15, 2, 8)
    assert len(only) == 1


# -- progress ----------------------------------------------------------------------------------------------------------
def test_a_unit_notes_its_progress_at_any_time(world: World) -> None:
    unit = of(world, "m_1", "离石区").unit_id
    clerk = somebody("离石区", "liaison")
    progress.note(clerk, campaign_id(), "m_1", unit, " 已完成城区划线 ", world.now)
    with models.reading() as tx:
        notes = models.queries.measures.notes(tx, campaign_id(), "m_1", None, 10)
    assert [(n.unit, n.text) for n in notes] == [("离石区", "已完成城区划线")]
    assert world.ask(rows.tag_count, "measure:progress:note") == 1


def test_notes_are_refused_to_others(one: World) -> None:
    unit, clerk = of(one, "m_1", "离石区").unit_id, somebody("离石区", "liaison")
    with pytest.raises(Forbidden):
        progress.note(somebody("汾阳市", "liaison"), campaign_id(), "m_1", unit, "进展顺利", one.now)
    with pytest.raises(Forbidden):
        progress.note(office("dispatcher"), campaign_id(), "m_1", unit, "进展顺利", one.now)
    with pytest.raises(NotFound):
        progress.note(clerk, campaign_id(), "m_4", unit, "进展顺利", one.now)
    with pytest.raises(NotFound):
        progress.note(clerk, campaign_id(), "m_9", unit, "进展顺利", one.now)
    for text in (" ", "字" * 1001):
        with pytest.raises(Invalid):
            progress.note(clerk, campaign_id(), "m_1", unit, text, one.now)
    with models.transaction() as tx:
        tx.execute(update(models.Campaign).values(status="ended"))
    with pytest.raises(Conflict):
        progress.note(clerk, campaign_id(), "m_1", unit, "进展顺利", one.now)
    with models.reading() as tx:
        assert tx.execute(select(func.count()).select_from(models.MeasureProgress)).scalar_one() == 0


def test_a_list_is_handed_out_by_one_call(tmp_path: Path) -> None:
    place = measures.root(tmp_path)
    path = place / "processes" / KEY / "campaign.bpmn"
    drawn = path.read_text(encoding="utf-8")
    path.write_text(drawn.replace('bihuan:measures="annex"', 'bihuan:over="counties"'), encoding="utf-8")
    with pytest.raises(Refused, match="措施清单“主要任务”没有流程下达"):
        definitions.load(KEY, place)
