"""Letters, commitments, typical cases, detail tables and liaisons on paper: their words, and who may have them."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from models import Campaign, Person, Task, Unit, reading
from services.clues import letter_list
from tests.support import papers
from tests.support.papers import commitment_of, letter_about, statement_of, unit_id
from tests.support.played import WEEK, office, somebody
from tests.support.site import Signed, as_holder, new_app
from tests.support.world import World, beijing
from tests.web.conftest import OFFICE

# 附件2 as the notice prints it
COMMITMENT = (
    "为确保“百日攻坚”集中行动期间安全平稳，我向市委市政府和全市人民作出庄严承诺：",
    "一、带头落实安全生产“第一责任人”的责任，对本单位的安全生产全面负责。严格落实“党政同责、一岗双责、齐抓共管、失职追责”“三管三必须”要求，及时传达贯彻上级部署。",
    "二、带头严格贯彻落实各项安全生产法律法规、方针、政策和标准规范，影响和带动本单位所有人员树牢安全生产法治意识，履行安全生产法律责任。",
    "三、带头研判各类风险隐患，及时研究、安排、督促、检点本单位及人员安全生产责任和措施落实情况，带头深入一线开展安全生产督导检查，带头协调解决安全生产领域重大问题。",
    "四、带头开展安全生产专项整治三年行动和“百日攻坚”集中行动，亲自研究解决重大安全问题，从根本上消除事故隐患，从根本上解决问题。",
    "五、带头亲自安排和组织安全生产大培训、大宣传、大整治和事故警示教育活动，带头曝光负面典型，坚决防范遏制一般事故、杜绝较大事故。",
    "六、带头严格执行领导干部到岗带班值班和事故信息报告制度，一旦发生突发事件，按规定和程序立即组织科学处置，并第一时间报告情况。",
)
ANNEX_5 = ["【标题】", "【关键词】", "【要旨】", "【基本案情】", "【处理结果】", "【案例剖析】", "【举一反三工作建议】"]
ANNEX_6 = ["序号", "生产经营建设单位名称/非法业主名称", "是否提级核查", "所在地县、乡镇（街道）", "企业类别",
           "重大隐患/非法违法行为/瞒报事故明细", "违法性质", "处理措施"]  # fmt: skip
TAG = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def city(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> World:
    return papers.city(new_database("sqlite"), tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def app(city: World, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return new_app(city.database.url.render_as_string(hide_password=False), tmp_path_factory.mktemp("var"))


@pytest.fixture
def director(app: Flask) -> Signed:
    return as_holder(app, OFFICE, "director")


@pytest.fixture
def pingyao(app: Flask) -> Signed:
    return as_holder(app, "平遥县", "liaison")


def lines(browser: Signed, path: str) -> list[str]:
    """What stands on the papers of a page, an element a line."""
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    text = answer.get_data(as_text=True)
    assert '<nav id="nav"' not in text and "data-print" in text
    whole = re.sub(r"\s*\n\s*", " ", "".join(re.findall(r"<article.*?</article>", text, re.DOTALL)))
    parts = re.sub(r"</?(?:span|strong)\b[^>]*>", "", whole)
    return [html.unescape(part).strip() for part in TAG.sub("\n", parts).split("\n") if part.strip()]


def campaign() -> str:
    return papers.first(select(Campaign.id))


# -- letters -----------------------------------------------------------------------------------------------------------
def test_a_letter_says_what_the_annex_says(director: Signed) -> None:
    assert lines(director, f"/letters/{letter_about('平遥某煤业有限公司')}/print") == [
        "“百日攻坚”集中行动（督查检查、群众举报等）事项交办（移送）书",
        "（煤）移〔2022〕1号",
        "平遥县政府、市应急局：",
        "2022年1月4日，晋中市“百日攻坚”集中行动领导组办公室接到群众关于平遥某煤业有限公司涉嫌非法违法生产经营建设行为的举报"
        "（线索编号：JZ2022010401），根据《晋中市安全生产委员会关于印发〈全市安全生产领域风险隐患大排查大整治“百日攻坚”集中行动"
        "实施方案〉的通知》（市安发〔2021〕24号，以下简称《通知》）要求，现将该事项移交你政府，按照《通知》中明确的“七项措施”，"
        "认真核查办理，并严格落实县委县政府签字确认和市有关部门挂牌督办的责任。请将办理情况于2022年1月17日前反馈我办。"
        "如存在未如期办结的、“接而不办”或虚假办结的，我办将提级核查，从严追责问责。",
        "同时，按照“三管三必须”有关规定和《通知》要求，请你局对该事项进行挂牌督办，并将督办情况及结果于2022年1月17日前反馈我办。",
        f"承办人：{_dispatcher()}　联系方式：",
        "附该事项有关材料：1. 问题线索内容：（平遥县某村）夜间违规生产，安全设施不全。",
        "晋中市“百日攻坚”集中行动领导组办公室（代章）",
        "2022年1月6日",
    ]  # fmt: skip


def _dispatcher() -> str:
    with reading() as tx:
        query = select(Person.name).where(Person.id == office("dispatcher").person_id)
        return str(tx.execute(query).scalar_one())


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("祁县某加油站", "晋中市“百日攻坚”集中行动领导组办公室在督查中发现祁县某加油站存在重大事故隐患（线索编号"),
        ("灵石某化工有限公司", "接到群众关于灵石某化工有限公司涉嫌瞒报事故的举报"),
        ("开发区某机械厂", "晋中开发区管委会、市应急局："),
        ("开发区某机械厂", "现将该事项移交你管委会，"),
        ("榆次某煤矿", "现将该事项移交你局，"),
        ("介休某商场", "请你支队对该事项进行挂牌督办"),
    ],
)
def test_a_letter_speaks_to_whom_it_is_written(director: Signed, subject: str, said: str) -> None:
    assert said in "\n".join(lines(director, f"/letters/{letter_about(subject)}/print"))


def test_a_letter_without_a_supervisor_asks_for_no_supervision(director: Signed) -> None:
    paper = lines(director, f"/letters/{letter_about('榆次某煤矿')}/print")
    assert "市应急局：" in paper and not [line for line in paper if "挂牌督办，并将" in line]


def test_a_long_account_goes_to_a_page_of_its_own(director: Signed) -> None:
    paper = lines(director, f"/letters/{letter_about('灵石某化工有限公司')}/print")
    assert "附该事项有关材料：1. 问题线索内容（见附页）。" in paper
    assert paper.index("2022年1月6日") < paper.index("问题线索内容") < paper.index(papers.LONG)


def test_a_letter_is_for_those_who_see_its_clue(app: Flask, pingyao: Signed) -> None:
    own, other = letter_about("平遥某煤业有限公司"), letter_about("祁县某加油站")
    for path in ("", "/print"):
        assert pingyao.get(f"/letters/{own}{path}").status_code == 200
        assert as_holder(app, "市应急局", "liaison").get(f"/letters/{other}{path}").status_code == 200  # supervises
        assert pingyao.get(f"/letters/{other}{path}").status_code == 403
        assert pingyao.get(f"/letters/none{path}").status_code == 404
        assert app.test_client().get(f"/letters/{own}{path}").status_code in (302, 303, 401)


# -- the list of letters -----------------------------------------------------------------------------------------------
def numbers(browser: Signed, path: str) -> list[str]:
    page = browser.get(path).get_data(as_text=True)
    return re.findall(r'<a href="/letters/\w+"><strong>(.*?)</strong>', page)


def test_the_list_holds_what_its_reader_sees(app: Flask, director: Signed, pingyao: Signed) -> None:
    assert len(numbers(director, "/letters")) == 6
    assert numbers(pingyao, "/letters") == ["（煤）移〔2022〕1号"]
    emergency = as_holder(app, "市应急局", "liaison")
    assert len(numbers(emergency, "/letters")) == 5  # to it, or supervised by it: all but the fire brigade's
    assert numbers(as_holder(app, "太谷区", "liaison"), "/letters") == []
    assert as_holder(app, "太谷区", "liaison").get("/letters/print").text.count("没有符合条件的函件") == 1


def test_the_list_is_searched_and_filtered(director: Signed) -> None:
    for query, found in (
        ("q=危化", 2),
        ("q=JZ2022010402", 1),
        ("q=加油站", 1),
        ("q=没有这封", 0),
        (f"unit={unit_id('祁县')}", 1),
        (f"unit={unit_id('市应急局')}", 5),
        ("since=2022-01-06&until=2022-01-06", 6),
        ("since=2022-01-07", 0),
        ("until=2022-01-05", 0),
        ("state=late", 6),
        ("state=answered", 0),
        ("after=nonsense", 6),
    ):
        assert len(numbers(director, f"/letters?{query}")) == found, query
    assert director.get("/letters?since=yesterday").status_code == 422


def test_the_list_as_a_file_has_the_same_filters(director: Signed, pingyao: Signed) -> None:
    rows = _sheet(director, "/letters/export?q=加油站")
    assert list(rows[0][:6]) == ["文号", "制发时间", "收件单位", "挂牌督办单位", "线索编号", "涉及单位"]
    assert [(row[0], row[2], row[3], row[5]) for row in rows[1:]] == [
        ("（危化）移〔2022〕1号", "祁县", "市应急局", "祁县某加油站")
    ]
    assert [row[0] for row in _sheet(pingyao, "/letters/export")[1:]] == ["（煤）移〔2022〕1号"]


def _sheet(browser: Signed, path: str) -> list[tuple[Any, ...]]:
    sheet = load_workbook(io.BytesIO(browser.get(path).data)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    return rows[next(n for n, row in enumerate(rows) if row[0] in ("文号", "序号")) :]


def test_the_letters_of_the_list_are_printed_together(director: Signed, pingyao: Signed) -> None:
    assert director.get("/letters/print").text.count("<article") == 6
    assert director.get("/letters/print?q=危化").text.count("<article") == 2
    assert pingyao.get("/letters/print").text.count("<article") == 1


def test_how_a_letter_stands(city: World) -> None:
    """In hand, late, answered, and withdrawn once an objection is upheld and the matter handed over anew."""

    def state(subject: str, at: str) -> list[str]:
        shown = letter_list.page(office(), letter_list.Filters(text=subject), beijing(at))
        assert shown is not None
        return [line.sign.key for line in shown.lines]

    assert state("祁县某加油站", "2022-01-07 09:00") == ["in_hand"]
    assert state("祁县某加油站", "2022-01-18 09:00") == ["late"]
    city.at(beijing("2022-01-07 09:00"))
    city.complete(city.open_tasks("verify_clue", unit="介休市")[0], outcome="object", opinion="不属本市管辖")
    city.complete(city.open_tasks("rule_objection")[0], outcome="uphold", opinion="属灵石县管辖")
    assert state("介休某商场", "2022-01-07 10:00") == ["withdrawn"]
    city.complete(city.open_tasks("verify_clue", unit="平遥县")[0])
    city.complete(city.open_tasks("report_result", unit="平遥县")[0], verdict="true")
    for element in ("sign_party", "sign_government"):
        city.complete(city.open_tasks(element, unit="平遥县")[0])
    assert state("平遥某煤业有限公司", "2022-01-20 09:00") == ["answered"]
    shown = letter_list.page(somebody("平遥县", "liaison"), letter_list.Filters(), beijing("2022-01-20 09:00"))
    assert shown is not None and dict(shown.counts) == {"answered": 1} and shown.total == 1


def test_ways_lead_to_the_letters(director: Signed) -> None:
    for path in ("/clues", "/clues/hand-over", f"/campaigns/{campaign()}"):
        assert 'href="/letters"' in director.get(path).text, path
    page = director.get(f"/campaigns/{campaign()}/units/{unit_id('祁县')}").text
    assert f'href="/letters?unit={unit_id("祁县")}"' in page
    assert f'href="/campaigns/{campaign()}/liaisons?unit={unit_id("祁县")}"' in page


# -- commitments -------------------------------------------------------------------------------------------------------
def test_a_commitment_has_the_annexes_words_and_its_signers(director: Signed) -> None:
    paper = lines(director, f"/commitments/{commitment_of('榆次区')}/print")
    assert paper[0] == "“百日攻坚”集中行动安全防范承诺书"
    assert tuple(paper[1:8]) == COMMITMENT
    assert paper[8] == "承诺人："
    assert "榆次区党委主要负责人" in paper[9] and "榆次区政府主要负责人" in paper[9]
    assert paper[10:13] == ["承诺单位（盖章）：", "榆次区", "2021年12月28日"]
    assert len(paper[13:]) == 2 and all("2021年12月28日在系统签字确认，内容校验码 " in line for line in paper[13:])


def test_an_unsigned_commitment_leaves_room_for_hand_and_seal(director: Signed) -> None:
    paper = lines(director, f"/commitments/{commitment_of('市应急局')}/print")
    assert paper[8:] == ["承诺人：", "承诺单位（盖章）：", "晋中市应急管理局", "年　　月　　日"]


def test_half_a_commitment_names_who_has_signed_and_no_date(director: Signed) -> None:
    paper = lines(director, f"/commitments/{commitment_of('祁县')}/print")
    assert "祁县" in paper[9] and paper[12] == "年　　月　　日" and len(paper[13:]) == 1


def test_a_commitment_on_paper_keeps_to_the_scope_and_the_public_page_to_everybody(app: Flask, pingyao: Signed) -> None:
    signed = commitment_of("榆次区")
    assert pingyao.get(f"/commitments/{signed}/print").status_code == 403
    assert pingyao.get("/commitments/none/print").status_code == 404
    visitor = app.test_client()
    assert visitor.get(f"/commitments/{signed}/print").status_code in (302, 303, 401)
    shown = visitor.get(f"/public/commitments/{signed}")
    assert shown.status_code == 200 and all(sentence in html.unescape(shown.text) for sentence in COMMITMENT)
    assert visitor.get(f"/public/commitments/{commitment_of('祁县')}").status_code == 404


def test_an_enterprise_prints_its_own_commitment(app: Flask) -> None:
    with reading() as tx:
        query = select(Task.id, Unit.short_name).join(Unit, Unit.id == Task.unit_id).where(Unit.level == "enterprise")
        own, other = list(tx.execute(query.where(Task.element == "sign_commitment").order_by(Unit.code)))[:2]
    browser = as_holder(app, own.short_name, "principal")
    assert browser.get(f"/commitments/{own.id}/print").status_code == 200
    assert browser.get(f"/commitments/{other.id}/print").status_code == 403


# -- typical cases -----------------------------------------------------------------------------------------------------
def test_typical_cases_stand_as_the_annex_has_them(director: Signed) -> None:
    paper = lines(director, f"/statements/{statement_of('榆次区')}/cases")
    assert [line for line in paper if line.startswith("【")] == ANNEX_5 * 2
    assert paper[:2] == ["“百日攻坚”集中行动典型案例", "报送单位：榆次区　　报告期：2021年12月27日至2022年1月2日"]
    assert paper[3].endswith("案")
    one = lines(director, f"/statements/{statement_of('榆次区')}/cases?n=2")
    assert one == paper[len(paper) - len(one) :] and one[0] == paper[0]


def test_cases_that_are_not_there(director: Signed, pingyao: Signed) -> None:
    own = statement_of("榆次区")
    assert director.get(f"/statements/{own}/cases?n=3").status_code == 404
    assert director.get(f"/statements/{own}/cases?n=0").status_code == 404
    assert director.get(f"/statements/{own}/cases?n=-1").status_code == 422
    assert director.get(f"/statements/{own}/cases?n=x").status_code == 422
    assert director.get(f"/statements/{statement_of('市应急局')}/cases").status_code == 404  # handed in without any
    assert director.get(f"/statements/{statement_of('祁县')}/cases").status_code == 404  # not handed in
    assert director.get("/statements/none/cases").status_code == 404
    assert pingyao.get(f"/statements/{own}/cases").status_code == 403


# -- the detail table --------------------------------------------------------------------------------------------------
def test_the_detail_table_has_the_annexes_columns_and_every_row(director: Signed) -> None:
    paper = lines(director, f"/statements/{statement_of('介休市')}/details")
    assert paper[0] == "非法违法生产经营建设行为、重大事故隐患统计表"
    assert paper[1] == "填报单位：介休市填表人：介休市联络人填表日期：2022年1月4日"
    head = 2
    assert paper[head : head + 8] == ANNEX_6
    assert paper[head + 8 : head + 16] == [
        "1", "介休市第1煤焦化工有限责任公司", "否", "介休市义安镇", "危险化学品",
        "【重大隐患】安全出口堵塞、消防设施停用，未按期整改。", "未落实安全防范措施", "责令停产整顿，行政处罚。",
    ]  # fmt: skip
    assert len(paper[head:]) == 8 * (1 + papers.ROWS) + 2
    assert paper[-2:] == ["（以下空白）", "报告期：2021年12月27日至2022年1月2日"]


def test_a_table_without_rows_says_so(director: Signed) -> None:
    assert "（本期无）" in lines(director, f"/statements/{statement_of('榆次区')}/details")


def test_the_detail_table_of_all_units_holds_what_the_reader_sees(app: Flask, director: Signed) -> None:
    path = f"/statements/roll-up/details?period={WEEK}"
    whole = lines(director, path)
    assert whole.count("介休市义安镇") == papers.ROWS
    assert "填报单位：晋中市“百日攻坚”集中行动领导组办公室" in whole[1]
    own = lines(as_holder(app, "介休市", "liaison"), path)
    assert own.count("介休市义安镇") == papers.ROWS and "只含打印人数据范围内的单位。" in own[-1]
    foreign = lines(as_holder(app, "榆次区", "liaison"), path)
    assert "介休市义安镇" not in foreign and "（本期无）" in foreign


def test_detail_tables_that_are_not_there(director: Signed, pingyao: Signed) -> None:
    assert director.get(f"/statements/{statement_of('祁县')}/details").status_code == 404
    assert director.get("/statements/none/details").status_code == 404
    assert pingyao.get(f"/statements/{statement_of('介休市')}/details").status_code == 403


def test_a_statement_leads_to_its_papers(director: Signed) -> None:
    own = statement_of("榆次区")
    page = director.get(f"/statements/{own}").text
    for way in (f"/statements/{own}/details", f"/statements/{own}/cases", f"/statements/{own}/cases?n=2"):
        assert f'href="{way}"' in page, way
    assert "/statements/roll-up/details?" in director.get("/statements/roll-up").text


# -- liaisons ----------------------------------------------------------------------------------------------------------
def test_the_liaisons_of_all_units(director: Signed) -> None:
    paper = lines(director, f"/campaigns/{campaign()}/liaisons")
    assert paper[0] == "“百日攻坚”集中行动联络人"
    assert paper[1:9] == ["序号", "单位", "姓名", "职务", "职级", "手机号码", "办公电话", "电子邮箱"]
    assert paper[9:11] == ["1", "榆次区"] and paper[11].startswith("联络人") and paper[13] in ("正科级", "副科级")
    assert "市消防救援支队" in paper
    assert paper[-1] == "空白的 20 个单位尚未报送。"


def test_the_liaison_of_one_unit(director: Signed, pingyao: Signed) -> None:
    one = f"/campaigns/{campaign()}/liaisons?unit="
    paper = lines(director, one + unit_id("平遥县"))
    assert paper[1] == "填报单位：平遥县" and paper[10:12] == ["1", "平遥县"]
    assert lines(pingyao, f"/campaigns/{campaign()}/liaisons")[9:11] == ["1", "平遥县"]
    assert "榆次区" not in lines(pingyao, f"/campaigns/{campaign()}/liaisons")
    assert pingyao.get(one + unit_id("榆次区")).status_code == 403
    assert pingyao.get(f"/campaigns/{campaign()}/liaisons/export?unit={unit_id('榆次区')}").status_code == 403
    assert director.get(one + "none").status_code == 404
    assert director.get("/campaigns/none/liaisons").status_code == 404


def test_the_liaisons_as_a_file(director: Signed, pingyao: Signed) -> None:
    assert len(_sheet(director, f"/campaigns/{campaign()}/liaisons/export")) == 1 + 23
    assert [row[1] for row in _sheet(pingyao, f"/campaigns/{campaign()}/liaisons/export")[1:]] == ["平遥县"]
