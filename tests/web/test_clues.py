"""Clues in the browser: pages, refusals, the public form, and the reporter who is nowhere but in the vault."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from domain.errors import Invalid
from models import Base, Clue, ClueReporter, Instance, Ledger, reading
from models.queries import clues as rows
from services.clues import clues as verbs
from services.clues.clue_page import Filters, page, sheet
from services.clues.vault import Vault
from tests.support import clues
from tests.support.site import Signed, as_holder, new_app
from tests.support.world import World, beijing

OFFICE = "市“百日攻坚”集中行动领导组办公室"
KEY = "jinzhong-hundred-day"
CANARIES = [
    {"name": f"金丝雀名{n:02d}", "phone": f"1390000{n:04d}", "address": f"金丝雀巷{n:02d}号"} for n in range(20)
]
SPEAKING = ("name", "phone", "address")


@pytest.fixture(scope="module")
def city(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """A campaign in its second week; a clue handed over and answered, others in every earlier state, all reported."""
    folder = tmp_path_factory.mktemp("city")
    world = World(new_database("sqlite"), folder, key=KEY, now=beijing("2021-12-27 09:00"), enterprises=5)
    world.at(beijing("2022-01-02 15:00"))
    for n in range(10):
        unit = ("平遥县", "祁县", "灵石县")[n % 3]
        clues.hand_in(world, unit=unit, subject=f"第{n}煤业公司", reporter=CANARIES[n])
    world.at(beijing("2022-01-03 10:00"))
    world.complete(world.open_tasks("confirm_list")[0])
    world.complete(world.open_tasks("seal_letters")[0])
    task = world.open_tasks("verify_clue", unit="平遥县")[0]
    world.complete(task)
    world.complete(world.open_tasks("report_result", unit="平遥县")[0], verdict="true")
    for element in ("sign_party", "sign_government"):
        world.complete(world.open_tasks(element, unit="平遥县")[0])
    world.complete(world.open_tasks("check_result")[0])
    for n in range(10, 20):
        clues.hand_in(world, unit="祁县", subject=f"第{n}煤业公司", reporter=CANARIES[n])
    return world


@pytest.fixture(scope="module")
def app(city: World) -> Flask:
    url = city.database.url.render_as_string(hide_password=False)
    return new_app(url, city.store.folder)


def first(subject: str = "第0煤业公司") -> str:
    with reading() as tx:
        return clues.id_of(tx, subject)


def canaries_in(content: str) -> list[str]:
    return [value for one in CANARIES for value in one.values() if value in content]


# -- the reporter ------------------------------------------------------------------------------------------------------
def test_no_table_but_the_vaults_holds_a_reporter_and_that_one_only_sealed(city: World) -> None:
    with reading() as tx:
        for table in Base.metadata.sorted_tables:
            held = "".join(str(tuple(row)) for row in tx.execute(select(table)))
            assert canaries_in(held) == [], table.name
        sealed = list(tx.execute(select(ClueReporter.sealed)).scalars())
    assert len(sealed) == 20
    plain = b"".join(value.encode() for one in CANARIES for value in one.values())
    assert all(part not in plain and b"phone" not in part for part in sealed)


def test_the_database_file_itself_holds_no_reporter(city: World) -> None:
    with reading() as tx:
        tx.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    path = Path(str(city.database.url.database))
    content = b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*") if p.is_file())
    assert not [v for one in CANARIES for v in one.values() if v.encode() in content]


def test_no_page_of_anybody_shows_a_reporter(city: World, app: Flask) -> None:
    """Every address without arguments and every page of a clue, its process and its tasks, for every kind of post."""
    with reading() as tx:
        about = list(tx.execute(select(Clue.id, Clue.instance_id)))
        tasks = [row.id for e in ("verify_clue", "confirm_list") for row in city.open_tasks(e)]
    paths = [r.rule for r in app.url_map.iter_rules() if "GET" in (r.methods or ()) and not r.arguments]
    paths += [f"/clues/{row.id}" for row in about] + [
        f"/instances/{row.instance_id}" for row in about if row.instance_id
    ]
    paths += [f"/tasks/{task}" for task in tasks]
    seen = 0
    for unit, post in ((OFFICE, "dispatcher"), (OFFICE, "director"), ("平遥县", "liaison"), ("祁县", "party_principal"),
                       (OFFICE, "admin"), (OFFICE, "auditor")):  # fmt: skip
        browser = as_holder(app, unit, post)
        for path in paths:
            answer = browser.get(path)
            body = answer.get_data()
            if body[:2] == b"PK":
                with zipfile.ZipFile(io.BytesIO(body)) as book:
                    body = b"".join(book.read(name) for name in book.namelist())
            assert canaries_in(body.decode("utf-8", "replace")) == [], (post, path)
            seen += answer.status_code == 200
    assert seen > 60


def test_what_is_logged_holds_no_reporter(city: World, app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    url = city.database.url.render_as_string(hide_password=False)
    talkative = new_app(url, city.store.folder, LOG_LEVEL="DEBUG")
    dispatcher = as_holder(talkative, OFFICE, "dispatcher")
    body = {"channel": "phone", "kind": "hazard", "subject": "日志测试单位", "text": "问题", **CANARIES[0]}
    assert dispatcher.post("/clues/new", body).status_code == 201
    assert dispatcher.post("/clues/new", body | {"kind": "x"}).status_code == 422
    assert dispatcher.post(f"/clues/{first()}/reporter", {"reason": "回告办理结果"}).status_code == 200
    written = capfd.readouterr()
    assert "/clues/new" in written.err
    assert canaries_in(written.err + written.out) == []


def test_the_keeper_sees_a_reporter_against_a_reason_and_it_is_noted(app: Flask, city: World) -> None:
    keeper, address = as_holder(app, OFFICE, "dispatcher"), f"/clues/{first('第1煤业公司')}/reporter"
    before = len(city.ask(rows.told, _campaign(), "clue:reporter:open"))
    assert keeper.post(address, {"reason": ""}).status_code == 422
    answer = keeper.post(address, {"reason": "回告办理结果"})
    assert all(CANARIES[1][name] in answer.get_data(as_text=True) for name in SPEAKING)
    assert answer.headers["Cache-Control"] == "no-store"
    told = city.ask(rows.told, _campaign(), "clue:reporter:open")
    assert len(told) == before + 1
    assert set(told[-1]) == {"clue", "number", "opinion"}


@pytest.mark.parametrize(("unit", "post"), [(OFFICE, "director"), ("平遥县", "liaison"), ("平遥县", "party_principal")])
def test_nobody_else_is_shown_a_reporter(app: Flask, unit: str, post: str) -> None:
    browser = as_holder(app, unit, post)
    assert browser.post(f"/clues/{first()}/reporter", {"reason": "想知道是谁"}).status_code == 403
    assert "查看理由" not in browser.get(f"/clues/{first()}").get_data(as_text=True)


def _campaign() -> str:
    with reading() as tx:
        return str(tx.execute(select(Clue.campaign_id).limit(1)).scalar_one())


# -- pages -------------------------------------------------------------------------------------------------------------
def test_the_list_filters_counts_and_pages(city: World) -> None:
    office = clues.holder("office", "dispatcher", city.now)
    whole = page(office, Filters(), city.now)
    assert whole and whole.counts["total"] >= 20
    assert whole.counts["concluded"] == 1
    found = page(office, Filters(text="第7煤业", status="assigned"), city.now)
    assert found and [line.row.subject for line in found.lines] == ["第7煤业公司"]
    assert [line.row.unit for line in found.lines] == ["祁县"]
    assert page(office, Filters(text="100%_"), city.now).lines == ()  # type: ignore[union-attr]
    late = page(office, Filters(overdue=True), beijing("2022-01-14 09:00"))
    assert late and late.total == late.counts["overdue"] == 9
    assert len(list(sheet(office, Filters(status="concluded"), city.now).rows)) == 1


def test_a_unit_sees_what_was_handed_over_to_it_only(city: World, app: Flask) -> None:
    liaison = clues.holder("平遥县", "liaison", city.now)
    shown = page(liaison, Filters(), city.now)
    assert shown and {line.row.unit for line in shown.lines} == {"平遥县"}
    browser = as_holder(app, "平遥县", "liaison")
    assert browser.get(f"/clues/{first('第1煤业公司')}").status_code == 403
    assert browser.get(f"/clues/{first('第12煤业公司')}").status_code == 403
    lead = page(clues.holder("市应急局", "liaison", city.now), Filters(), city.now)
    assert lead and len(lead.lines) == 10  # it supervises all that were handed over in its sector


@pytest.mark.parametrize(
    ("unit", "post"), [("祁县", "party_principal"), ("祁县", "deputy"), ("祁县应急局", "principal")]
)
def test_leaders_of_another_county_do_not_see_a_clue(app: Flask, unit: str, post: str) -> None:
    leader, clue_id = as_holder(app, unit, post), first()
    assert leader.get(f"/clues/{clue_id}").status_code == 403
    assert "第0煤业公司" not in leader.get("/clues").get_data(as_text=True)
    assert as_holder(app, "平遥县", "party_principal").get(f"/clues/{clue_id}").status_code == 200
    assert as_holder(app, OFFICE, "city_leader").get(f"/clues/{clue_id}").status_code == 200


def test_the_page_of_a_clue_says_what_happens_next_and_counts_the_days(app: Flask) -> None:
    html = as_holder(app, OFFICE, "director").get(f"/clues/{first('第3煤业公司')}").get_data(as_text=True)
    assert "核实线索" in html and "平遥县联络人" in html
    assert all(f"1月{day}日" in html for day in (4, 5, 6, 7, 10, 11, 12))
    assert "（煤）移〔2022〕" in html and "/letters/" in html
    assert "第七" not in html
    letter = re.search(r'href="(/letters/\w+)"', html)
    assert letter
    paper = as_holder(app, "平遥县", "liaison").get(letter[1]).get_data(as_text=True)
    assert "事项交办（移送）书" in paper and "第3煤业公司" in paper and "（代章）" in paper
    assert as_holder(app, "祁县", "liaison").get(letter[1]).status_code == 403
    assert as_holder(app, "祁县", "liaison").get("/letters/none").status_code == 404
    done = as_holder(app, "平遥县", "liaison").get(f"/clues/{first()}").get_data(as_text=True)
    assert "违法性质" in done and "党委主要负责人" in done and "已于" in done


def test_registering_and_classifying_in_the_browser(app: Flask) -> None:
    dispatcher = as_holder(app, OFFICE, "dispatcher")
    body = {"channel": "letter", "kind": "hazard", "subject": "网页登记单位", "text": "消防通道堵塞", "name": "李某"}
    refused = dispatcher.post("/clues/new", body | {"subject": "", "command_key": "k1"})
    assert refused.status_code == 422
    assert "消防通道堵塞" in refused.get_data(as_text=True)
    made = dispatcher.post("/clues/new", body | {"command_key": "k2"})
    again = dispatcher.post("/clues/new", body | {"command_key": "k2"})
    assert made.status_code == again.status_code == 201
    assert _code(made.get_data(as_text=True)) == _code(again.get_data(as_text=True))
    assert dispatcher.post("/clues/new", body | {"command_key": "k2", "phone": "1"}).status_code == 409
    clue_id = first("网页登记单位")
    with reading() as tx:
        unit = clues.unit_id(tx, "寿阳县")
    given = {"unit_id": unit, "county_id": unit, "sector": ""}
    assert dispatcher.post(f"/clues/{clue_id}/classification", given).status_code == 422
    assert dispatcher.post(f"/clues/{clue_id}/classification", given | {"sector": "fire_safety"}).status_code == 303
    assert "网页登记单位" in dispatcher.get("/clues/hand-over").get_data(as_text=True)
    assert dispatcher.post(f"/clues/{clue_id}/rejection", {"reason": "重复反映"}).status_code == 303
    assert dispatcher.post(f"/clues/{clue_id}/rejection", {"reason": "再来一次"}).status_code == 409


def _code(html: str) -> str:
    found = re.search(r'class="one-time">([A-Z2-7-]+)<', html)
    assert found
    return found.group(1)


def test_staff_register_only_what_they_found(app: Flask) -> None:
    liaison = as_holder(app, "祁县", "liaison")
    body = {"channel": "inspection", "kind": "hazard", "subject": "检查发现单位", "text": "无证作业"}
    assert liaison.post("/clues/new", body | {"channel": "phone"}).status_code == 403
    assert liaison.post("/clues/new", body | {"name": "王某"}).status_code == 422
    assert liaison.post("/clues/new", body).status_code == 201
    assert liaison.get(f"/clues/{first('检查发现单位')}").status_code == 200
    assert liaison.post(f"/clues/{first('检查发现单位')}/classification", {}).status_code == 403


def test_a_referral_and_its_answer(app: Flask) -> None:
    liaison, other = as_holder(app, "平遥县", "liaison"), as_holder(app, "祁县", "liaison")
    address = f"/clues/{first()}/referrals"
    body = {"to": "police", "reason": "涉嫌危险作业罪"}
    assert other.post(address, body).status_code == 403
    assert liaison.post(address, body | {"to": "court"}).status_code == 422
    assert liaison.post(address, body | {"reason": ""}).status_code == 422
    assert liaison.post(address, body).status_code == 303
    with reading() as tx:
        referral = rows.referrals_of(tx, first())[-1]
    assert liaison.post(f"/clues/referrals/{referral.id}/answer", {"answer": "已立案侦查"}).status_code == 303
    assert liaison.post(f"/clues/referrals/{referral.id}/answer", {"answer": "又来一次"}).status_code == 409
    assert "已立案侦查" in liaison.get(f"/clues/{first()}").get_data(as_text=True)


# -- the public --------------------------------------------------------------------------------------------------------
def _visitor(app: Flask, address: str = "10.1.1.1") -> tuple[Signed, str]:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    html = client.get("/public/clues").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', html)
    key = re.search(r'name="command_key" value="([^"]+)"', html)
    assert token and key
    return Signed(client, "", token.group(1), ""), key.group(1)


PUBLIC = {"kind": "illegal_act", "subject": "群众举报单位", "text": "夜间偷采"}


def test_anybody_reports_and_asks_with_the_code(app: Flask) -> None:
    visitor, key = _visitor(app)
    made = visitor.post("/public/clues", PUBLIC | {"command_key": key, "name": "赵某"})
    assert made.status_code == 201
    code = _code(made.get_data(as_text=True))
    again = visitor.post("/public/clues", PUBLIC | {"command_key": key, "name": "赵某"})
    assert _code(again.get_data(as_text=True)) == code
    with reading() as tx:
        channels = tx.execute(select(Clue.channel).where(Clue.subject == "群众举报单位")).scalars()
        assert list(channels) == ["web"]
        assert all(code not in str(tuple(row)) for t in Base.metadata.sorted_tables for row in tx.execute(select(t)))
    said = visitor.post("/public/clues/receipt", {"code": code.lower().replace("-", " ")}).get_data(as_text=True)
    assert "正在登记分类" in said and "群众举报单位" not in said and "JZ" not in said
    assert visitor.post("/public/clues/receipt", {"code": "AAAA-BBBB"}).status_code == 422


def test_a_machine_and_a_forged_form_are_refused(app: Flask) -> None:
    visitor, key = _visitor(app, "10.1.1.2")
    assert visitor.post("/public/clues", PUBLIC | {"website": "http://x"}).status_code == 422
    assert app.test_client().post("/public/clues", data=PUBLIC).status_code == 403
    empty = visitor.post("/public/clues", PUBLIC | {"text": "", "place": "保留的地点", "command_key": key})
    assert empty.status_code == 422
    assert "保留的地点" in empty.get_data(as_text=True)
    assert visitor.post("/public/clues", PUBLIC | {"text": "字" * 4001}).status_code == 422


def test_too_much_from_one_address_is_refused_others_are_not(app: Flask) -> None:
    visitor, _ = _visitor(app, "10.1.1.3")
    answers = [
        visitor.post("/public/clues", PUBLIC | {"subject": f"频繁{n}", "command_key": f"f{n}"}).status_code
        for n in range(6)
    ]
    assert answers == [201] * 5 + [422]
    other, key = _visitor(app, "10.1.1.4")
    assert other.post("/public/clues", PUBLIC | {"subject": "他人", "command_key": key}).status_code == 201


def test_states_and_ledger_know_clues_by_number_only(city: World) -> None:
    with reading() as tx:
        variables = [row for row in tx.execute(select(Instance.variables)).scalars() if "clue_id" in (row or {})]
        data = "".join(str(row) for row in tx.execute(select(Ledger.data)).scalars())
    assert variables and "夜间违规生产" not in str(variables)
    assert canaries_in(data) == []


def test_an_unknown_or_lost_key_is_said_and_nothing_opens(city: World, tmp_path: Path) -> None:
    keeper = clues.holder("office", "dispatcher", city.now)
    with pytest.raises(Exception, match="无法解密"):
        verbs.reveal(keeper, first(), "回告办理结果", Vault(tmp_path / "other.key"), city.now)
    with pytest.raises(Invalid):
        verbs.reveal(keeper, first(), " ", clues.vault_of(city), city.now)
