"""Items of standing processes: who starts one, its number, where it stands, who may take it back; the notice's end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import models
from bench import city
from domain.authority import Actor
from domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from domain.workdays import BEIJING
from models import Campaign, Instance, Item, Ledger, Schedule, Task
from services import handlers
from services.campaigns import campaign_page, campaigns, launch_page
from services.plans import versions
from services.running import jobs
from services.standing import item_pages, items
from services.standing.item_pages import Filters
from services.tasks import instance_page, task_page, tasks
from tests.support.seats import actor_of_seat

assert handlers  # registers what a drain carries out

FOLDER = Path(__file__).resolve().parent / "standing-city"
KEY = "standing-city"
NOW = datetime.now(UTC)
FORM = {"subject": "更换防护栏", "amount": 3, "reason": "三处防护栏锈蚀，已设警戒线。"}


@dataclass
class Town:
    """Who takes part, and the campaign of the notice."""

    office: Actor
    counties: list[Actor]
    campaign: str


@pytest.fixture(scope="module")
def town(database: models.Database) -> Town:
    versions.forget()
    people = city.build(largest=13, folder=FOLDER)
    office = actor_of_seat(people.office, NOW)
    campaign = str(campaigns.launch(office, KEY, past="keep", now=NOW)["campaign"])
    counties = [actor_of_seat(seat, NOW) for seat in people.seats["county"][:4]]
    return Town(office, counties, campaign)


def begin(town: Town, title: str, county: int = 0) -> dict[str, Any]:
    return items.start(town.counties[county], town.campaign, "paper", {"title": title}, NOW)


def ask(query: Any) -> Any:
    with models.reading() as tx:
        return tx.execute(query).scalar()


def open_task(instance: str) -> Any:
    query = select(Task.id, Task.element, Task.unit_id).where(Task.instance_id == instance, Task.status == "open")
    with models.reading() as tx:
        return tx.execute(query).one()


def act(actor: Actor, instance: str, **how: Any) -> None:
    tasks.complete(actor, open_task(instance).id, answers=how.pop("answers", {}), now=NOW, **how)


def line(actor: Actor, title: str) -> item_pages.Line:
    return item_pages.page(actor, Filters(text=title)).lines[0]


def test_an_item_has_the_notices_number_and_goes_to_its_starter_first(town: Town) -> None:
    done = begin(town, "  关于 防汛的通知 ")
    row = item_pages.one(town.counties[0], done["item"])
    number = ask(select(func.count()).select_from(Item))
    assert (row.row.title, row.row.number) == ("关于 防汛的通知", f"审〔{NOW.astimezone(BEIJING).year}〕{number}号")
    assert item_pages.first_task(town.counties[0], done["item"]) == open_task(done["instance"]).id
    assert ask(select(Instance.variables).where(Instance.id == done["instance"]))["item_number"] == row.row.number
    assert line(town.counties[0], "防汛的").step == "填写送审文件（county-0）"


def test_only_whom_the_plan_names_may_start(town: Town) -> None:
    before = ask(select(func.count()).select_from(Item))
    for actor in (town.counties[2], town.office):
        with pytest.raises(Forbidden, match="两个县的联络人"):
            items.start(actor, town.campaign, "paper", {"title": "越权"}, NOW)
        with pytest.raises(Forbidden):
            item_pages.new(actor, town.campaign, "paper")
    principal = replace(town.counties[0], acting=next(p for p in town.counties[0].posts if p.kind == "principal"))
    with pytest.raises(Forbidden):
        items.start(principal, town.campaign, "paper", {"title": "换岗"}, NOW)
    with pytest.raises(NotFound):
        items.start(town.counties[0], town.campaign, "letter", {"title": "没有这类"}, NOW)
    with pytest.raises(NotFound):
        items.start(town.counties[0], "nothing", "paper", {"title": "没有行动"}, NOW)
    assert ask(select(func.count()).select_from(Item)) == before
    offered = {c.id: c for c in item_pages.offers(town.counties[2])}[town.campaign]
    assert [kind.may_start for kind in offered.kinds] == [False]


@pytest.mark.parametrize("title", ["", "   ", "题" * 121])
def test_a_title_is_needed_and_not_endless(town: Town, title: str) -> None:
    with pytest.raises(Invalid) as refused:
        begin(town, title)
    assert "title" in refused.value.fields


def test_a_post_that_is_not_ones_own_is_refused(town: Town) -> None:
    with pytest.raises(Invalid) as refused:
        items.start(town.counties[0], town.campaign, "paper", {"title": "岗位", "post_id": "somebody"}, NOW)
    assert "post_id" in refused.value.fields


def test_pressed_twice_it_is_started_once(town: Town) -> None:
    actor = replace(town.counties[0], command_key="press-1")
    first, second = (items.start(actor, town.campaign, "paper", {"title": "按两次"}, NOW) for _ in range(2))
    assert first == second
    assert ask(select(func.count()).select_from(Item).where(Item.title == "按两次")) == 1
    with pytest.raises(Conflict):
        items.start(actor, town.campaign, "paper", {"title": "同号异文"}, NOW)


def test_through_the_office_to_the_archive_and_out(town: Town) -> None:
    done = begin(town, "走完全程", county=1)
    act(town.counties[1], done["instance"], answers=FORM)
    act(town.office, done["instance"], outcome="return", opinion="理由不足")
    # what was sent back comes to the same post again
    act(town.counties[1], done["instance"], answers=FORM)
    act(town.office, done["instance"], outcome="pass")
    # a unit that the plan names by a group gets the task
    assert open_task(done["instance"]).unit_id == town.counties[2].posts[0].unit_id
    act(town.counties[2], done["instance"])
    found = line(town.counties[1], "走完全程")
    assert (found.sign.word, found.result, found.step) == ("已办结", "已归档", "")
    page = item_pages.one(town.counties[1], done["item"])
    assert [one.outcome for one in page.before] == ["", "退回", "", "通过", ""]


def test_a_refused_item_says_so(town: Town) -> None:
    done = begin(town, "不予发文的")
    act(town.counties[0], done["instance"], answers=FORM)
    act(town.office, done["instance"], outcome="stop", opinion="与现行规定抵触")
    assert line(town.counties[0], "不予发文的").result == "不予发文"


def test_whom_it_concerns_sees_it_and_nobody_else(town: Town) -> None:
    done = begin(town, "谁能看见")
    act(town.counties[0], done["instance"], answers=FORM)
    first = task_of(done["instance"], "file_paper")
    for stranger in (town.counties[1], town.counties[2], town.counties[3]):
        assert item_pages.page(stranger, Filters(text="谁能看见")).lines == ()
        for look in (
            lambda who: item_pages.one(who, done["item"]),
            lambda who: instance_page.page(who, done["instance"], NOW),
            lambda who: task_page.page(who, first, NOW),
        ):
            with pytest.raises(Forbidden):
                look(stranger)
    act(town.office, done["instance"], outcome="pass")
    # now it has come to the archive's unit, which sees what was handed in before
    assert item_pages.page(town.counties[2], Filters(text="谁能看见")).lines
    assert item_pages.one(town.counties[2], done["item"]).row.title == "谁能看见"
    assert instance_page.page(town.counties[2], done["instance"], NOW).row.id == done["instance"]
    assert task_page.page(town.counties[2], first, NOW).row.id == first
    with pytest.raises(Forbidden):
        item_pages.one(town.counties[3], done["item"])
    with pytest.raises(NotFound):
        item_pages.one(town.office, "nothing")


def task_of(instance: str, element: str) -> str:
    return str(ask(select(Task.id).where(Task.instance_id == instance, Task.element == element)))


def test_its_starter_takes_it_back_while_nobody_else_has_acted(town: Town) -> None:
    done = begin(town, "撤回的")
    act(town.counties[0], done["instance"], answers=FORM)
    assert item_pages.one(town.counties[0], done["item"]).may_withdraw
    with pytest.raises(Invalid) as refused:
        items.withdraw(town.counties[0], done["item"], "  ", NOW)
    assert "why" in refused.value.fields
    for other in (town.counties[1], town.office):
        with pytest.raises(Forbidden):
            items.withdraw(other, done["item"], "代撤", NOW)
    items.withdraw(town.counties[0], done["item"], "文件不发了", NOW)
    assert ask(select(func.count()).where(Task.instance_id == done["instance"], Task.status == "open")) == 0
    assert line(town.counties[0], "撤回的").sign.word == "已撤回"
    assert ask(select(func.count()).where(Ledger.tag == "item:withdraw", Ledger.instance_id == done["instance"])) == 1
    with pytest.raises(Conflict, match="已经办结或者撤回"):
        items.withdraw(town.counties[0], done["item"], "再撤", NOW)
    with pytest.raises(NotFound):
        items.withdraw(town.counties[0], "nothing", "没有", NOW)


def test_what_others_have_worked_on_is_not_taken_back(town: Town) -> None:
    done = begin(town, "撤不回的")
    act(town.counties[0], done["instance"], answers=FORM)
    act(town.office, done["instance"], outcome="return", opinion="补充理由")
    assert not item_pages.one(town.counties[0], done["item"]).may_withdraw
    with pytest.raises(Conflict, match="已有人办理"):
        items.withdraw(town.counties[0], done["item"], "不办了", NOW)


def test_the_list_is_searched_and_filtered(town: Town) -> None:
    begin(town, "筛选甲")
    taken_back = begin(town, "筛选乙")
    items.withdraw(town.counties[0], taken_back["item"], "错发", NOW)

    def titles(**asked: Any) -> set[str]:
        return {one.row.title for one in item_pages.page(town.office, Filters(text="筛选", **asked)).lines}

    assert titles() == {"筛选甲", "筛选乙"}
    assert (titles(state="open"), titles(state="withdrawn"), titles(state="done")) == ({"筛选甲"}, {"筛选乙"}, set())
    own = town.counties[0].posts[0].unit_id
    assert (titles(unit_id=own), titles(unit_id="nothing")) == ({"筛选甲", "筛选乙"}, set())
    assert (titles(kind="paper"), titles(kind="letter"), titles(mine=True)) == (titles(), set(), set())
    rows = list(item_pages.sheet(town.office, Filters(text="筛选甲")).rows)
    assert [row[1:4] for row in rows] == [("文件审核", "筛选甲", "county-0")]


def test_the_list_goes_on_page_by_page(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        begin(town, f"翻页{n}")
    for place in ("services._pages.PAGE", "services.standing.item_pages.PAGE"):
        monkeypatch.setattr(place, 2)
    first = item_pages.page(town.office, Filters(text="翻页"))
    second = item_pages.page(town.office, Filters(text="翻页", after=first.next_after))
    assert (len(first.lines), len(second.lines), second.next_after) == (2, 1, "")
    assert {one.row.title for one in (*first.lines, *second.lines)} == {"翻页0", "翻页1", "翻页2"}


def test_a_notice_without_stages_and_end_is_previewed_launched_and_shown(town: Town) -> None:
    page = launch_page.page(KEY, past="keep", shift_days=0, now=NOW)
    assert (page.preview.open_ended, page.preview.problems) == (True, ())
    # a yearly check: one falls into the year that is told, not ten
    assert [(task.task, task.times) for task in page.preview.tasks] == [("填写检查", 1)]
    assert sum(column.total for column in page.columns) == 2
    shown = campaign_page.page(town.office, town.campaign, NOW)
    assert shown.stages == ()
    assert [(name, done > 0) for _, name, _, done in shown.kinds] == [("文件审核", True)]
    assert ask(select(Schedule.due_at).where(Schedule.campaign_id == town.campaign)) is not None


def test_the_office_ends_it_and_what_has_begun_is_finished(database: models.Database, town: Town) -> None:
    second = str(campaigns.launch(town.office, KEY, past="keep", again=True, now=NOW)["campaign"])
    begun = items.start(town.counties[0], second, "paper", {"title": "终止前"}, NOW)
    with pytest.raises(Forbidden):
        items.repeal(town.counties[0], second, NOW)
    assert items.repeal(town.office, second, NOW) == {"campaign": second, "status": "ending"}
    jobs.drain(NOW + timedelta(seconds=1))
    assert ask(select(Campaign.status).where(Campaign.id == second)) == "ended"
    assert ask(select(Schedule.due_at).where(Schedule.campaign_id == second)) is None
    refusals: list[tuple[type[DomainError], Any]] = [
        (Conflict, lambda: items.repeal(town.office, second, NOW)),
        (Conflict, lambda: items.start(town.counties[0], second, "paper", {"title": "终止后"}, NOW)),
    ]
    for kind, verb in refusals:
        with pytest.raises(kind, match="终止"):
            verb()
    act(town.counties[0], begun["instance"], answers=FORM)
    assert line(town.counties[0], "终止前").step == "审核文件（测量市行动办公室）"
