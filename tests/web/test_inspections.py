"""Inspections, findings, disposals and oversight over HTTP, as their forms send them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import models
from models import Disposal, Enterprise, Finding, Inspection, Oversight, Unit
from tests.support import acts
from tests.support.played import KEY, LAUNCH
from tests.support.site import Signed, as_holder, new_app
from tests.support.world import World, beijing

CODE = re.compile(r">\s*(None|True|False|Undefined|nan)\s*<|\{\{|\{%|<[a-z_.]+ object at")
FOUND = {"kind": "illegal_act", "item": "o9", "detail": "特种作业人员无证上岗"}


@pytest.fixture(scope="module")
def world(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """A county has inspected two of its three enterprises, the office oversees it, a finding was handed on."""
    world = World(new_database("sqlite"), tmp_path_factory.mktemp("world"), key=KEY, now=LAUNCH, enterprises=3)
    world.at(beijing("2022-01-12 10:00"))
    acts.inspect_own(world, "榆次区应急局", count=1, found=[FOUND], experts="省煤炭学会", unannounced=True)
    acts.transfer(world, "榆次区应急局", "officer", "榆次区公安局", "属公安机关职责")
    acts.inspect_own(world, "榆次区", count=1, found=[FOUND])
    acts.oversee(world, ["榆次区"], mode="comprehensive", team="第一督导组", media="市广播电视台")
    world.complete(world.open_tasks("record_oversight")[0], problem_rows=2)
    return world


@pytest.fixture(scope="module")
def app(world: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = world.database.url.render_as_string(hide_password=False)
    return new_app(url, tmp_path_factory.mktemp("var"))


@pytest.fixture
def county(app: Flask) -> Signed:
    return as_holder(app, "榆次区", "liaison")


@pytest.fixture
def director(app: Flask) -> Signed:
    return as_holder(app, acts.OFFICE, "director")


def first(query: Any) -> str:
    with models.reading() as tx:
        return str(tx.execute(query).scalars().first())


def uninspected() -> str:
    return first(select(Enterprise.unit_id).where(Enterprise.unit_id.not_in(select(Inspection.enterprise_id))))


def undecided(unit: str) -> str:
    holder = select(Unit.id).where(Unit.short_name == unit).scalar_subquery()
    return first(select(Finding.id).where(Finding.holder_unit_id == holder, Finding.status != "decided"))


def test_every_page_is_whole(county: Signed, director: Signed) -> None:
    shared = [
        "/inspections",
        "/inspections?kind=county&problems=yes&q=榆次",
        "/inspections/progress",
        "/inspections/to-do",
    ]
    shared += [
        "/inspections/to-do?state=all",
        "/findings",
        "/findings?tab=handed_over&late=yes",
        "/findings?tab=received",
    ]
    shared += [
        "/disposals",
        "/disposals?kind=fine&measure=em2",
        "/disposals/new",
        "/oversight",
        "/oversight?state=answering",
    ]
    shared += [f"/inspections/{first(select(Inspection.id))}", f"/findings/{undecided('榆次区公安局')}"]
    shared += [f"/oversight/{first(select(Oversight.id))}", f"/enterprises/{first(select(Inspection.enterprise_id))}"]
    pages = [(county, path) for path in [*shared, f"/inspections/new/{uninspected()}"]]
    pages += [(director, path) for path in [*shared, "/oversight/new"]]
    wrong = []
    for who, path in pages:
        answer = who.get(path)
        text = answer.get_data(as_text=True)
        if answer.status_code != 200 or CODE.search(text) or "<h1" not in text:
            wrong.append((path, answer.status_code, CODE.findall(text)))
    assert not wrong, wrong


@pytest.mark.parametrize("path", ["/inspections", "/findings", "/disposals", "/oversight"])
def test_every_list_leaves_as_a_workbook(path: str, county: Signed) -> None:
    answer = county.get(f"{path}/export")
    assert (answer.status_code, answer.data[:2]) == (200, b"PK")


def filled(page: str, **more: str) -> dict[str, str]:
    """The form of a visit with every item in order."""
    names = dict.fromkeys(re.findall(r'name="(checklist\.[^"]+)"', page), "ok")
    return {"kind": "county", "teams": "2", "inspected_at": "2022-01-12", "lines": "2", **names, **more}


def test_a_visit_is_recorded_from_its_form(county: Signed) -> None:
    path = f"/inspections/new/{uninspected()}"
    page = county.get(path).get_data(as_text=True)
    assert page.count('value="not_applicable"') >= 13
    empty = county.post(path, data={"kind": "county", "teams": "x", "inspected_at": ""})
    assert empty.status_code == 422
    assert "请填写检查日期" in empty.get_data(as_text=True)
    line = {"findings.0.kind": "hazard", "findings.0.item": "o8", "findings.0.detail": "高处作业不系安全带"}
    typed = filled(page, **{"checklist.o8": "problem"}, **line)
    more = county.post(path, data={**typed, "more": "1"})
    assert (more.status_code, more.get_data(as_text=True).count('class="finding-line"')) == (200, 3)
    assert "高处作业不系安全带" in more.get_data(as_text=True)
    done = county.post(path, data=typed)
    assert done.status_code == 303
    assert "高处作业不系安全带" in county.get(done.headers["Location"]).get_data(as_text=True)


def test_another_county_gets_no_form(app: Flask) -> None:
    stranger = as_holder(app, "祁县", "liaison")
    assert stranger.get(f"/inspections/new/{first(select(Enterprise.unit_id))}").status_code == 403


def test_a_finding_is_decided_from_its_form(app: Flask, county: Signed) -> None:
    police, finding_id = as_holder(app, "榆次区公安局", "officer"), undecided("榆次区公安局")
    path = f"/findings/{finding_id}"
    assert "作出处置" in police.get(path).get_data(as_text=True)
    assert county.post(f"{path}/decide", data={"disposals.0.kind": "closure"}).status_code == 403
    wrong = police.post(f"{path}/decide", data={"disposals.0.kind": "fine", "disposals.0.measure": "em2"})
    assert wrong.status_code == 422
    assert "请填写罚款金额" in wrong.get_data(as_text=True)
    line = {"disposals.0.kind": "fine", "disposals.0.measure": "em2", "disposals.0.amount": "2.5"}
    line |= {"disposals.0.basis": "《安全生产法》", "referrals.0.to": "police", "referrals.0.reason": "涉嫌犯罪"}
    assert police.post(f"{path}/decide", data=line).status_code == 303
    assert police.post(f"{path}/decide", data=line).status_code == 409
    shown = police.get(path).get_data(as_text=True)
    assert ("2.5 万元" in shown, "登记回告" in shown) == (True, True)
    answer = re.search(r'action="(/findings/[^"]+/referrals/[^"]+)"', shown)
    assert answer
    assert police.post(answer[1], data={"answer": ""}).status_code == 422
    assert police.post(answer[1], data={"answer": "已立案侦查"}).status_code == 303


@pytest.mark.parametrize(
    ("field", "value"), [("persons", "0000000010000000000000"), ("persons", "9" * 60), ("until", "9999-12-31")]
)
def test_a_figure_beyond_all_bounds_is_refused(county: Signed, field: str, value: str) -> None:
    path = f"/findings/{undecided('榆次区')}/decide"
    line = {"disposals.0.kind": "closure", "disposals.0.measure": "em1", f"disposals.0.{field}": value}
    answer = county.post(path, data=line)
    assert answer.status_code == 422
    assert ("人数应为" in answer.get_data(as_text=True)) or ("日期格式" in answer.get_data(as_text=True))


def test_a_finding_is_handed_on_from_its_form(county: Signed) -> None:
    finding_id = undecided("榆次区")
    path, to = f"/findings/{finding_id}/transfer", first(select(Unit.id).where(Unit.short_name == "榆次区住建局"))
    assert county.post(path, data={"to": to, "reason": ""}).status_code == 422
    assert county.post(path, data={"to": to, "reason": "属住建部门职责"}).status_code == 303
    assert "由榆次区移交" in county.get(f"/findings/{finding_id}").get_data(as_text=True)


def test_an_entry_of_the_register_is_made_from_its_form(county: Signed) -> None:
    entry = {"kind": "admonition", "subject": "榆次区住建局分管负责人", "facts": "推进偏慢"}
    assert county.post("/disposals/new", data=entry | {"subject": ""}).status_code == 422
    assert county.post("/disposals/new", data=entry).status_code == 303
    assert first(select(Disposal.subject).where(Disposal.kind == "admonition")) == "榆次区住建局分管负责人"


def test_oversight_is_opened_from_its_form(county: Signed, director: Signed) -> None:
    target = first(select(Unit.id).where(Unit.short_name == "祁县"))
    data = {"targets": target, "mode": "special_attention", "team": "第二督导组"}
    assert county.post("/oversight/new", data=data).status_code == 403
    refused = director.post("/oversight/new", data=data)
    assert (refused.status_code, "须写明理由" in refused.get_data(as_text=True)) == (422, True)
    assert director.post("/oversight/new", data=data | {"reason": "发生较大事故"}).status_code == 303
    assert first(select(Oversight.mode).where(Oversight.target_id == target)) == "special_attention"
