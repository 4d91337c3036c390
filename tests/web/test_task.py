"""The page of a task, its draft and its completion: who may what, and what is kept when it is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

import models
from domain.authority import SYSTEM
from models import Draft, Instance, Person, Submission, Task
from services.directory import directory
from tests.support.site import JSON, Signed, as_holder, holder_of, new_person, new_post, new_unit, sign_in
from tests.support.world import World
from tests.web.conftest import COUNTY

OTHER_COUNTY = "太谷区"


def task_of(world: World, element: str, unit: str = COUNTY) -> Any:
    return world.open_tasks(element, unit=unit)[0]


def answers_of(world: World, task: Any) -> dict[str, Any]:
    return world.answers(task)


def body_of(world: World, task: Any, **more: Any) -> dict[str, Any]:
    return {"answers": answers_of(world, task), "version": task.version, **more}


@pytest.fixture
def task(world: World) -> Any:
    """The county's liaison has to send in who is liaison."""
    return task_of(world, "file_liaison")


def test_the_holder_finds_what_to_do_and_why(liaison: Signed, task: Any) -> None:
    page = liaison.get(f"/tasks/{task.id}").text
    assert "报送联络人信息" in page and COUNTY in page
    assert 'data-island="form"' in page and "data-readonly" not in page
    assert "依据：方案五（一）" in page
    assert "确定1名科级干部作为专项行动联络人" in page, "the notice's own words"
    assert "流转记录" in page and "任务下达" in page
    assert "接收联络人信息" in page, "the step that comes after"
    assert "data-submit-task" in page


def test_the_form_is_the_frozen_one(liaison: Signed, task: Any, world: World) -> None:
    shown = liaison.get(f"/api/tasks/{task.id}", headers=JSON).json
    assert shown["form"] == world.form(task)
    assert (shown["may_complete"], shown["version"], shown["status"]) == (True, task.version, "open")


def test_whoever_sees_the_unit_may_look_and_not_complete(dispatcher: Signed, task: Any, world: World) -> None:
    page = dispatcher.get(f"/tasks/{task.id}").text
    assert "您可以查看这项任务" in page
    assert "data-submit-task" not in page and "data-readonly" in page
    answer = dispatcher.send("POST", f"/api/tasks/{task.id}/complete", body_of(world, task))
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["", "/diagram", "/attachments"])
def test_a_stranger_sees_nothing(app: Flask, task: Any, path: str) -> None:
    stranger = as_holder(app, OTHER_COUNTY, "liaison")
    for browser in (stranger, sign_in(app, new_person())):
        answer = browser.get(f"/tasks/{task.id}{path}")
        assert answer.status_code == 403
        assert COUNTY not in answer.text


def test_a_former_holder_sees_nothing(app: Flask, task: Any) -> None:
    person_id, post_id = holder_of(COUNTY, "liaison")
    former = sign_in(app, person_id)
    successor = new_person("接任者")
    directory.set_holding(SYSTEM, post_id, successor, datetime.now(UTC))
    assert former.get(f"/tasks/{task.id}").status_code == 403
    assert sign_in(app, successor).get(f"/tasks/{task.id}").status_code == 200
    directory.set_holding(SYSTEM, post_id, person_id, datetime.now(UTC))
    assert former.get(f"/tasks/{task.id}").status_code == 200


def test_acting_for_another_post_one_is_offered_to_change(app: Flask, task: Any, world: World) -> None:
    person_id, post_id = holder_of(COUNTY, "liaison")
    unit_id, _ = new_unit("别处")
    other = new_post(unit_id, "kind", "staff", person_id)
    browser = sign_in(app, person_id, other)
    page = browser.get(f"/tasks/{task.id}").text
    assert "属于您的另一个岗位" in page and f'value="{post_id}"' in page
    assert browser.send("POST", f"/api/tasks/{task.id}/complete", body_of(world, task)).status_code == 403


def test_the_diagram_says_where_it_stands_and_what_was_passed(liaison: Signed, task: Any) -> None:
    drawn = liaison.get(f"/tasks/{task.id}/diagram", headers=JSON).json
    assert drawn["tokens"]["file_liaison"] == 1
    assert {"start_submission", "fork_submission", "fork_submission_to_file_liaison"} <= set(drawn["passed"])
    assert "file_liaison" not in drawn["passed"]
    assert drawn["xml"].startswith("<?xml") and drawn["failed"] == []
    note = drawn["notes"]["file_liaison"][0]
    assert (note["status"], note["unit"], note["person"]) == ("open", COUNTY, "")


class TestDrafts:
    """What is typed is kept."""

    def test_a_draft_comes_back(self, liaison: Signed, task: Any) -> None:
        saved = liaison.send("PUT", f"/tasks/{task.id}/draft", {"data": {"name": "写了一半"}})
        assert datetime.fromisoformat(saved.json["saved_at"])
        assert "写了一半" in liaison.get(f"/api/tasks/{task.id}", headers=JSON).text
        assert "保存的草稿" in liaison.get(f"/tasks/{task.id}").text

    def test_it_is_ones_own(self, app: Flask, liaison: Signed, dispatcher: Signed, task: Any) -> None:
        liaison.send("PUT", f"/tasks/{task.id}/draft", {"data": {"name": "只给自己看"}})
        assert "只给自己看" not in dispatcher.get(f"/tasks/{task.id}").text
        assert dispatcher.send("PUT", f"/tasks/{task.id}/draft", {"data": {}}).status_code == 403

    def test_nonsense_is_refused(self, liaison: Signed, task: Any) -> None:
        assert liaison.send("PUT", f"/tasks/{task.id}/draft", {"data": []}).status_code == 422
        assert liaison.send("PUT", f"/tasks/{task.id}/draft", {}).status_code == 422
        assert liaison.send("PUT", "/tasks/none/draft", {"data": {}}).status_code == 409


class TestCompletion:
    """Completing over JSON."""

    def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(
        self, liaison: Signed, task: Any, world: World
    ) -> None:
        required = answers_of(world, task)
        missing = next(iter(required))
        answer = liaison.send(
            "POST",
            f"/tasks/{task.id}/complete",
            {"answers": {key: value for key, value in required.items() if key != missing}, "version": task.version},
        )
        assert answer.status_code == 422
        assert missing in answer.json["fields"]
        assert world.open_tasks("file_liaison", unit=COUNTY)

    def test_a_stale_page_is_told(self, liaison: Signed, task: Any, world: World) -> None:
        body = body_of(world, task) | {"version": task.version + 1}
        answer = liaison.send("POST", f"/tasks/{task.id}/complete", body)
        assert answer.status_code == 409
        assert "您填写的内容仍保留在页面上" in answer.json["error"]

    def test_completed_once_however_often_it_is_sent(self, app: Flask, world: World) -> None:
        task = task_of(world, "file_liaison", "平遥县")
        browser = as_holder(app, "平遥县", "liaison")
        body = body_of(world, task)
        address = f"/api/tasks/{task.id}/complete"
        first = browser.send("POST", address, body, **{"Idempotency-Key": "one"})
        again = browser.send("POST", address, body, **{"Idempotency-Key": "one"})
        assert first.status_code == again.status_code == 200
        assert first.json == again.json == {"task": task.id, "status": "done"}
        other = browser.send("POST", address, body | {"opinion": "x"}, **{"Idempotency-Key": "one"})
        assert other.status_code == 409
        assert browser.send("POST", address, body, **{"Idempotency-Key": "two"}).status_code == 409
        with models.reading() as tx:
            assert len(tx.execute(select(Submission.id).where(Submission.task_id == task.id)).all()) == 1

    def test_of_two_holders_the_second_is_told_and_keeps_the_draft(self, app: Flask, world: World) -> None:
        task = task_of(world, "file_liaison", "祁县")
        first = as_holder(app, "祁县", "liaison")
        second_id = new_person("代理人")
        directory.set_holding(SYSTEM, task.post_id, second_id, datetime.now(UTC), kind="stand_in")
        second = sign_in(app, second_id)
        typed = answers_of(world, task)
        assert second.send("PUT", f"/tasks/{task.id}/draft", {"data": typed}).status_code == 200
        done = first.send("POST", f"/tasks/{task.id}/complete", body_of(world, task))
        assert done.status_code == 200
        late = second.send("POST", f"/tasks/{task.id}/complete", {"answers": typed, "version": task.version})
        assert late.status_code == 409
        assert "已被他人办理" in late.json["error"]
        with models.reading() as tx:
            kept = tx.execute(select(Draft.data).where(Draft.task_id == task.id, Draft.person_id == second_id))
            assert kept.scalar_one() == typed

    def test_one_is_led_to_the_next_task_with_a_word(self, app: Flask, world: World) -> None:
        task = task_of(world, "file_liaison", "灵石县")
        browser = as_holder(app, "灵石县", "liaison")
        following = browser.send("POST", f"/tasks/{task.id}/complete", body_of(world, task)).json["next"]
        assert following.startswith("/tasks/") and task.id not in following
        page = browser.get(following)
        assert "已办结。下面是您的下一项待办。" in page.text
        assert "已办结。下面是" not in browser.get(following).text, "said once"

    def test_a_fault_elsewhere_in_the_process_holds_nobody(self, app: Flask, world: World) -> None:
        task = task_of(world, "file_liaison", "寿阳县")
        browser = as_holder(app, "寿阳县", "liaison")
        self._set(task, "cancelled")
        assert browser.send("POST", f"/tasks/{task.id}/complete", body_of(world, task)).status_code == 409
        self._set(task, "failed")
        assert "这项任务可以照常办理" in browser.get(f"/tasks/{task.id}").text
        assert browser.send("POST", f"/tasks/{task.id}/complete", body_of(world, task)).status_code == 200

    @staticmethod
    def _set(task: Any, status: str) -> None:
        with models.transaction() as tx:
            tx.execute(update(Instance).where(Instance.id == task.instance_id).values(status=status))


@pytest.fixture(scope="module")
def received(app: Flask, world: World) -> Any:
    """What a county has sent in waits for the office."""
    world.now = datetime.now(UTC)
    world.complete(task_of(world, "file_liaison", "介休市"))
    return next(task for task in world.open_tasks("receive_liaison") if "介休市" in task.title)


class TestReview:
    """The office receives what a county sent in, or sends it back."""

    def test_the_reviewer_reads_what_was_sent_in(self, dispatcher: Signed, received: Any, world: World) -> None:
        page = dispatcher.get(f"/tasks/{received.id}").text
        assert "已报送的材料" in page and "介休市" in page
        assert 'data-outcome="accept"' in page and 'data-outcome="return"' in page
        assert "退回补报" in page

    def test_sending_back_wants_a_reason(self, dispatcher: Signed, received: Any) -> None:
        body = {"answers": {}, "outcome": "return", "opinion": "", "version": received.version}
        refused = dispatcher.send("POST", f"/tasks/{received.id}/complete", body)
        assert refused.status_code == 422 and "opinion" in refused.json["fields"]
        unknown = dispatcher.send("POST", f"/tasks/{received.id}/complete", body | {"outcome": "forget"})
        assert unknown.status_code == 422

    def test_the_county_gets_its_answers_back_to_correct_them(
        self, app: Flask, dispatcher: Signed, received: Any, world: World
    ) -> None:
        body = {"answers": {}, "outcome": "return", "opinion": "请补充电话。", "version": received.version}
        assert dispatcher.send("POST", f"/tasks/{received.id}/complete", body).status_code == 200
        browser = as_holder(app, "介休市", "liaison")
        task = task_of(world, "supplement_liaison", "介休市")
        page = browser.get(f"/tasks/{task.id}").text
        assert "请补充电话。" in page and "退回补报" in page
        assert "已带入" in page
        with models.reading() as tx:
            query = select(Submission.data).join(Task, Task.id == Submission.task_id)
            sent = tx.execute(query.where(Task.element == "file_liaison", Task.unit_id == task.unit_id)).scalar_one()
        assert browser.get(f"/api/tasks/{task.id}", headers=JSON).json["data"] == sent

    def test_a_done_task_is_shown_and_cannot_be_done_again(self, dispatcher: Signed, received: Any) -> None:
        page = dispatcher.get(f"/tasks/{received.id}").text
        assert "结果：退回补报" in page and "data-submit-task" not in page
        with models.reading() as tx:
            row = tx.execute(
                select(Person.name).join(Task, Task.completed_by == Person.id).where(Task.id == received.id)
            )
            assert row.scalar_one() in page
        assert "接收联络人信息" in dispatcher.get("/inbox/done").text
