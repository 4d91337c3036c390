"""Inspections: who may record which, what is refused, what is counted; findings decided once; disposals by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from domain import inspections as rules
from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.workdays import Calendar
from models import (
    Disposal,
    Enterprise,
    Finding,
    Hazard,
    Inspection,
    Referral,
    SpotCheck,
    SpotCheckPick,
    Unit,
    new_id,
    reading,
    transaction,
)
from services.counting import criteria, inspection_progress
from services.inspections import disposals, finding_pages, findings, inspection_pages, inspections, referrals
from services.oversight import oversight
from services.plans.launched import Home
from tests.support import acts
from tests.support.played import KEY, LAUNCH
from tests.support.world import World, beijing

NOW = beijing("2022-01-12 10:00")
UNLAWFUL = {"kind": "illegal_act", "item": "o9", "detail": "无证上岗"}
CLOSURE = {"kind": "closure", "measure": "em1", "basis": "《安全生产法》"}


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Twelve enterprises of 榆次区, two of them supervised by the city."""
    world = World(database_url, tmp_path_factory.mktemp("files"), key=KEY, now=LAUNCH, enterprises=12)
    world.at(NOW)
    return world


@pytest.fixture
def home(world: World) -> Home:
    return acts.campaign(world)


@pytest.fixture
def liaison(world: World) -> Actor:
    return acts.somebody(world, "榆次区", "liaison")


@pytest.fixture
def officer(world: World) -> Actor:
    return acts.somebody(world, "榆次区", "officer")


def scalar(query: Any) -> Any:
    with reading() as tx:
        return tx.execute(query).scalars().first()


def enterprise(by: str = "county") -> Any:
    with reading() as tx:
        query = select(Enterprise.unit_id, Enterprise.sector).where(Enterprise.supervised_by == by)
        return tx.execute(query.order_by(Enterprise.unit_id)).first()


def visit(home: Home, one: Any, **more: Any) -> dict[str, Any]:
    data = acts.visit(home.plan, one.sector, more.pop("found", ()))
    return {**data, "kind": "county", "enterprise_id": one.unit_id, "inspected_at": "2022-01-12", **more}


def recorded(world: World, home: Home, actor: Actor, **more: Any) -> dict[str, Any]:
    return inspections.record(actor, home.row.id, visit(home, enterprise(), **more), world.now)


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "an unknown kind": ({"kind": "walk"}, "kind"),
    "tomorrow": ({"inspected_at": "2022-01-13"}, "inspected_at"),
    "before the campaign": ({"inspected_at": "2021-12-01"}, "inspected_at"),
    "no day": ({"inspected_at": "someday"}, "inspected_at"),
    "no team": ({"teams": 0}, "teams"),
    "a team of letters": ({"teams": "两个"}, "teams"),
    "a long note": ({"note": "长" * 2001}, "note"),
    "an item left out": ({"checklist": {}}, "checklist.o1"),
    "an expert nobody named": ({"found": [{**UNLAWFUL, "found_by": "expert"}]}, "experts"),
    "an unknown kind of finding": ({"found": [{**UNLAWFUL, "kind": "rumour"}]}, "findings.0.kind"),
    "an unknown grade": ({"found": [{**UNLAWFUL, "grade": "huge"}]}, "findings.0.grade"),
    "a finding without words": ({"found": [{**UNLAWFUL, "detail": " "}]}, "findings.0.detail"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_was_typed_wrong_is_named_and_nothing_is_written(
    why: str, world: World, home: Home, liaison: Actor
) -> None:
    more, field = REFUSED[why]
    before = scalar(select(func.count()).select_from(Inspection))
    with pytest.raises(Invalid) as refused:
        recorded(world, home, liaison, **more)
    assert field in refused.value.fields
    assert scalar(select(func.count()).select_from(Inspection)) == before


def test_a_problem_and_its_finding_belong_together(world: World, home: Home, liaison: Actor) -> None:
    data = visit(home, enterprise())
    data["checklist"]["o3"] = "problem"
    with pytest.raises(Invalid) as lonely:
        inspections.record(liaison, home.row.id, data, world.now)
    assert "checklist.o3" in lonely.value.fields
    data = visit(home, enterprise()) | {"findings": [UNLAWFUL]}
    with pytest.raises(Invalid) as denied:
        inspections.record(liaison, home.row.id, data, world.now)
    assert "findings.0.item" in denied.value.fields


@pytest.mark.parametrize(
    ("unit", "post", "kind", "by"),
    [
        ("祁县", "liaison", "county", "county"),
        ("祁县应急局", "officer", "look_back", "county"),
        ("市应急局", "officer", "county", "county"),
        ("市文旅局", "officer", "city", "city"),
        ("榆次区", "principal", "county", "county"),
        ("榆次区", "liaison", "city", "city"),
        ("榆次区", "liaison", "escalated", "county"),
    ],
)
def test_nobody_inspects_what_is_not_theirs(unit: str, post: str, kind: str, by: str, world: World, home: Home) -> None:
    data = visit(home, enterprise(by), kind=kind)
    with pytest.raises(Forbidden):
        inspections.record(acts.somebody(world, unit, post), home.row.id, data, world.now)


def test_an_enterprise_may_be_inspected_again_and_counts_once(world: World, home: Home, liaison: Actor) -> None:
    first, again = (recorded(world, home, liaison)["inspection"] for _ in range(2))
    assert first != again
    with reading() as tx:
        (share, *_) = [one for one in criteria.criteria(tx, home.facts, "s2") if one.id == "county_inspected"]
    assert (share.have, share.owed) == (1, 12)


def test_a_repeated_request_is_recorded_once(world: World, home: Home, liaison: Actor) -> None:
    keyed, data = replace(liaison, command_key="visit-1"), visit(home, enterprise())
    first = inspections.record(keyed, home.row.id, data, world.now)
    assert inspections.record(keyed, home.row.id, data, world.now) == first
    with pytest.raises(Conflict):
        inspections.record(keyed, home.row.id, data | {"note": "另一次"}, world.now)


def test_what_is_not_there_is_not_found(world: World, home: Home, liaison: Actor) -> None:
    with pytest.raises(NotFound):
        inspections.record(liaison, home.row.id, {"kind": "county", "enterprise_id": "nowhere"}, world.now)
    with pytest.raises(NotFound):
        inspections.record(liaison, "nowhere", visit(home, enterprise()), world.now)
    for ask in (lambda: inspection_pages.one(liaison, "x", NOW), lambda: finding_pages.one(liaison, "x", NOW)):
        with pytest.raises(NotFound):
            ask()


def test_a_pick_is_answered_by_its_department_once(world: World, home: Home, liaison: Actor) -> None:
    one = enterprise("city")
    with transaction() as tx:
        row = tx.execute(
            select(Enterprise.county_id, Enterprise.sector_unit_id).where(Enterprise.unit_id == one.unit_id)
        ).one()
        draw = {
            "id": new_id(),
            "campaign_id": home.row.id,
            "department_id": row.sector_unit_id,
            "county_id": row.county_id,
        }
        draw |= {"period": "w", "since": NOW, "drawn_at": NOW, "population": [], "seed": "s", "seal": "s", "size": 1}
        pick = {"id": new_id(), "spot_check_id": draw["id"], "enterprise_id": one.unit_id, "position": 1}
        tx.execute(insert(SpotCheck), draw)
        tx.execute(insert(SpotCheckPick), pick)
        unit = tx.execute(select(Unit.short_name).where(Unit.id == row.sector_unit_id)).scalar_one()
    department = acts.somebody(world, unit, "officer")
    data = visit(home, one, kind="spot_check", pick_id=pick["id"])
    with pytest.raises(Forbidden):
        inspections.record(liaison, home.row.id, data, world.now)
    with pytest.raises(Invalid):
        inspections.record(department, home.row.id, data | {"pick_id": ""}, world.now)
    done = inspections.record(department, home.row.id, data, world.now)
    assert scalar(select(SpotCheckPick.inspection_id).where(SpotCheckPick.id == pick["id"])) == done["inspection"]
    with pytest.raises(Conflict):
        inspections.record(department, home.row.id, data, world.now)


# -- findings ----------------------------------------------------------------------------------------------------------
def test_a_decision_writes_disposals_a_hazard_and_a_referral(
    world: World, home: Home, liaison: Actor, officer: Actor
) -> None:
    hazard = {"kind": "hazard", "grade": "major", "item": "o10", "detail": "没有开展风险辨识"}
    (finding_id,) = recorded(world, home, liaison, found=[hazard])["findings"]
    data = {
        "disposals": [CLOSURE, {"kind": "fine", "measure": "em2", "amount": "1.25", "basis": "《安全生产法》"}],
        "referrals": [{"to": "police", "reason": "涉嫌危险作业罪"}],
        "illegality": "未开展风险辨识管控",
    }
    findings.decide(officer, finding_id, data, world.now)
    with reading() as tx:
        kinds = tx.execute(select(Disposal.kind, Disposal.amount).where(Disposal.finding_id == finding_id)).all()
        row = tx.execute(select(Finding.__table__).where(Finding.id == finding_id)).one()
        referral = tx.execute(select(Referral.id).where(Referral.finding_id == finding_id)).scalar_one()
        hazards = tx.execute(select(Hazard.grade).where(Hazard.finding_id == finding_id)).scalars().all()
    assert sorted(map(tuple, kinds)) == [("closure", None), ("fine", 1.25)]
    assert (row.status, row.decided_by, row.illegality) == ("decided", officer.person_id, "未开展风险辨识管控")
    assert (row.hazard_id is not None, list(hazards)) == (True, ["major"])
    with pytest.raises(Forbidden):
        referrals.answer(acts.somebody(world, "祁县", "officer"), referral, "已立案", world.now)
    referrals.answer(officer, referral, "已立案侦查", world.now)
    with pytest.raises(Conflict):
        referrals.answer(officer, referral, "又一次", world.now)


def test_a_finding_is_decided_once(world: World, home: Home, liaison: Actor, officer: Actor) -> None:
    (finding_id,) = recorded(world, home, liaison, found=[UNLAWFUL])["findings"]
    # what an officer found the officer may decide alone
    findings.decide(liaison, finding_id, {"disposals": [CLOSURE]}, world.now)
    for late in (
        lambda: findings.decide(officer, finding_id, {"disposals": [CLOSURE]}, world.now),
        lambda: findings.transfer(officer, finding_id, "x", "不属于本部门职责", world.now),
    ):
        with pytest.raises(Conflict):
            late()


WRONG: Mapping[str, Any] = {
    "disposals": {"disposals": []},
    "disposals.0.kind": {"disposals": [{"kind": "scolding"}]},
    "disposals.0.measure": {"disposals": [CLOSURE | {"measure": "em9"}]},
    "disposals.0.basis": {"disposals": [CLOSURE | {"basis": ""}]},
    "disposals.0.amount": {"disposals": [{"kind": "fine", "measure": "em2", "basis": "法", "amount": "-3"}]},
    "disposals.0.persons": {"disposals": [{"kind": "criminal", "measure": "em4", "persons": "一"}]},
    "disposals.0.until": {"disposals": [CLOSURE | {"until": "下月"}]},
    "referrals.0.reason": {"disposals": [CLOSURE], "referrals": [{"to": "police", "reason": ""}]},
    "referrals.0.to": {"disposals": [CLOSURE], "referrals": [{"to": "court", "reason": "涉嫌犯罪"}]},
}
# known elsewhere, but this notice hands nothing to them
ELSEWHERE = {"disposals": [CLOSURE], "referrals": [{"to": "organisation", "reason": "应处罚未处罚"}]}


def test_a_wrong_decision_is_refused_by_field(world: World, home: Home, liaison: Actor, officer: Actor) -> None:
    (finding_id,) = recorded(world, home, liaison, found=[UNLAWFUL])["findings"]
    for field, data in WRONG.items():
        with pytest.raises(Invalid) as refused:
            findings.decide(officer, finding_id, data, world.now)
        assert field in refused.value.fields, field
    with pytest.raises(Invalid) as refused:
        findings.decide(officer, finding_id, ELSEWHERE, world.now)
    assert refused.value.fields == {"referrals.0.to": "请选择移送公安机关、纪检监察机关"}
    for alone in ("commendation",):
        with pytest.raises(Invalid):
            findings.decide(officer, finding_id, {"disposals": [{"kind": alone, "measure": "em1"}]}, world.now)
    assert scalar(select(Finding.status).where(Finding.id == finding_id)) == "reported"


def test_findings_are_late_after_three_working_days(world: World, home: Home, liaison: Actor) -> None:
    (finding_id,) = recorded(world, home, liaison, found=[UNLAWFUL])["findings"]
    line = finding_pages.one(liaison, finding_id, world.now).line
    # Wednesday the 12th: Thursday, Friday, Monday
    assert (line.due_at, line.sign.key) == (beijing("2022-01-18 00:00"), "waiting")
    on_time, late = beijing("2022-01-17 23:59"), beijing("2022-01-18 00:01")
    filters = finding_pages.Filters(tab="to_decide")
    assert finding_pages.page(liaison, filters, on_time).counts.late == 0  # type: ignore[union-attr]
    shown = finding_pages.page(liaison, filters, late)
    assert shown is not None
    assert shown.counts.late == shown.counts.waiting > 0
    assert finding_pages.page(liaison, replace(filters, late="yes"), late).counts.all == shown.counts.late  # type: ignore[union-attr]
    assert finding_pages.waiting_count(liaison, late) == shown.counts.waiting


def test_the_moment_of_lateness_and_the_due_date_agree() -> None:
    calendar = Calendar()
    for day in ("2022-01-10", "2022-01-28", "2022-01-29", "2022-02-05", "2022-04-02"):
        since = beijing(f"{day} 15:00")
        due = rules.decision_due(calendar, since, 3)
        assert since < rules.decided_late(calendar, due, 3)
        assert since >= rules.decided_late(
            calendar, due.replace(microsecond=0) - (beijing("2022-01-01 00:01") - beijing("2022-01-01 00:00")), 3
        )


def test_others_do_not_see_a_finding(world: World, home: Home, liaison: Actor) -> None:
    made = recorded(world, home, liaison, found=[UNLAWFUL])
    stranger = acts.somebody(world, "祁县", "liaison")
    with pytest.raises(Forbidden):
        finding_pages.one(stranger, made["findings"][0], NOW)
    with pytest.raises(Forbidden):
        inspection_pages.one(stranger, made["inspection"], NOW)
    assert inspection_pages.page(stranger, inspection_pages.Filters()).totals.visits == 0  # type: ignore[union-attr]


# -- disposals and oversight -------------------------------------------------------------------------------------------
def test_disposals_are_entered_by_hand(world: World, home: Home, liaison: Actor) -> None:
    entry = {"kind": "admonition", "subject": "榆次区住建局分管负责人", "facts": "逐户检查推进偏慢"}
    done = disposals.add(liaison, home.row.id, entry, world.now)
    county = scalar(select(Disposal.county_id).where(Disposal.id == done["disposal"]))
    assert county == scalar(select(Unit.id).where(Unit.short_name == "榆次区"))
    wrong: Mapping[str, Mapping[str, Any]] = {
        "kind": {"kind": "closure", "basis": "法"},
        "subject": {"subject": ""},
        "facts": {"facts": " "},
        "persons": {"kind": "accountability"},
        "decided_on": {"decided_on": "2022-01-13"},
        "county_id": {"county_id": "nowhere"},
    }
    for field, more in wrong.items():
        with pytest.raises(Invalid) as refused:
            disposals.add(liaison, home.row.id, {**entry, **more}, world.now)
        assert field in refused.value.fields, field
    with pytest.raises(Forbidden):
        disposals.add(acts.somebody(world, acts.OFFICE, "auditor"), home.row.id, entry, world.now)


def test_oversight_is_refused_by_field(world: World, home: Home) -> None:
    director = acts.somebody(world, acts.OFFICE, "director")
    target = scalar(select(Unit.id).where(Unit.short_name == "榆次区"))
    fair = {"targets": [target], "mode": "comprehensive", "team": "第一督导组"}
    wrong: Mapping[str, Mapping[str, Any]] = {
        "targets": {"targets": []},
        "mode": {"mode": "department"},
        "team": {"team": ""},
        "reason": {"mode": "key_supervision"},
        "begins_on": {"begins_on": "2022-01-11"},
        "media": {"media": "媒" * 201},
    }
    for field, more in wrong.items():
        with pytest.raises(Invalid) as refused:
            oversight.open(director, home.row.id, {**fair, **more}, world.now)
        assert field in refused.value.fields, field
    stranger = scalar(select(Unit.id).where(Unit.short_name == "乌金山镇"))
    with pytest.raises(Invalid):
        oversight.open(director, home.row.id, {**fair, "targets": [stranger]}, world.now)


def test_a_setting_leaves_city_supervised_enterprises_to_the_city(world: World, home: Home) -> None:
    only = replace(home.plan, settings={**home.plan.settings, "county_inspection_base": "supervised"})
    with reading() as tx:
        everybody = inspection_progress.by_county(tx, home.plan, home.row.id)
        supervised = inspection_progress.by_county(tx, only, home.row.id)
        city = inspection_progress.by_department(tx, home.plan, home.row.id)
    assert [sum(one.owed for one in part) for part in (everybody, supervised, city)] == [12, 10, 2]
    with reading() as tx:
        assert inspection_progress.of_unit(tx, home.plan, home.row.id, "nowhere") is None
