"""The ranking of counties: counted from rows, month after month without gap, the rows behind each figure."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select

import models
from domain.errors import Forbidden, NotFound
from domain.periods import periods
from models import Campaign, Disposal, Finding, Hazard, Ledger, Publication, new_id
from services.plans.calendar import calendar
from services.plans.launched import chosen_home
from services.publications import appraisals, publications, ranking_pages
from tests.support import visits
from tests.support.played import office, somebody
from tests.support.world import World, beijing

KEY = "jinzhong-hundred-day"


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """January: 榆次区 rectifies, decides, closes and calls to account; 太谷区 finds and does nothing; then February."""
    world = World(database_url, tmp_path_factory.mktemp("ranks"), key=KEY, now=beijing("2021-12-27 09:00"))
    world.at(beijing("2022-01-05 10:00"))
    first, *_ = visits.by_county("市应急局", "榆次区", 3, world.now)
    world.at(beijing("2022-01-10 09:30"))
    visits.answer("市应急局", world.now, items=["o3"])
    hazard("榆次区", first, grade="major", closed="2022-01-20 10:00")
    hazard("榆次区", first, grade="general", closed="2022-01-21 10:00")
    hazard("太谷区", first, grade="major", closed=None)
    hazard("太谷区", first, grade="major", closed="2022-02-03 10:00")  # not in January any more
    disposal("榆次区", "closure", measure="em1")
    disposal("榆次区", "accountability", measure="em5")
    decided("榆次区", first)
    world.at(beijing("2022-02-01 09:30"))
    return world


def campaign_id() -> str:
    with models.reading() as tx:
        return str(tx.execute(select(Campaign.id)).scalar_one())


def hazard(county: str, enterprise_id: str, *, grade: str, closed: str | None) -> None:
    row = {
        "id": new_id(),
        "campaign_id": campaign_id(),
        "number": f"H-{new_id()}",
        "source": "inspection",
        "enterprise_name": "某企业",
        "enterprise_id": enterprise_id,
        "county_id": visits.unit_id(county),
        "unit_id": visits.unit_id(county),
        "grade": grade,
        "text": "顶板支护不到位",
        "found_at": beijing("2022-01-06 10:00"),
        "registered_at": beijing("2022-01-06 10:00"),
        "former": [],
        "closed_at": beijing(closed) if closed else None,
    }
    with models.transaction() as tx:
        tx.execute(insert(Hazard), row)


def disposal(county: str, kind: str, *, measure: str) -> None:
    row = {
        "id": new_id(),
        "campaign_id": campaign_id(),
        "kind": kind,
        "measure": measure,
        "subject": "某企业",
        "county_id": visits.unit_id(county),
        "unit_id": visits.unit_id(county),
        "decided_at": beijing("2022-01-15 10:00"),
    }
    with models.transaction() as tx:
        tx.execute(insert(Disposal), row)


def decided(county: str, enterprise_id: str) -> None:
    row = {
        "id": new_id(),
        "campaign_id": campaign_id(),
        "enterprise_id": enterprise_id,
        "enterprise_name": "某企业",
        "county_id": visits.unit_id(county),
        "kind": "illegal_act",
        "detail": "无证生产",
        "found_at": beijing("2022-01-06 10:00"),
        "unit_id": visits.unit_id(county),
        "holder_unit_id": visits.unit_id(county),
        "status": "decided",
        "decided_at": beijing("2022-01-16 10:00"),
    }
    with models.transaction() as tx:
        tx.execute(insert(Finding), row)


def january() -> Any:
    with models.reading() as tx:
        found = tx.execute(select(Publication.__table__).where(Publication.kind == "ranking")).all()
    return next(row for row in found if row.period == "2022-01-01~2022-01-31")


def figures(unit: str) -> dict[str, tuple[int, int | None, float]]:
    shown = ranking_pages.one(office(), january().id)
    (line,) = [one for one in shown.standings if one.unit == unit]
    return {one["key"]: (one["have"], one["of"], one["points"]) for one in line.figures}


def test_every_county_and_the_zone_are_ranked(world: World) -> None:
    shown = ranking_pages.one(office(), january().id)
    assert len(shown.standings) == 12
    assert {one.unit for one in shown.standings} >= {"榆次区", "晋中开发区"}
    assert shown.standings[0].unit == "榆次区"
    assert shown.standings[0].place == 1
    assert sum(shown.weights.values()) == 100


def test_the_figures_are_those_of_the_rows(world: World) -> None:
    assert figures("榆次区") == {
        "major_hazards": (1, None, 15.0),
        "illegal_acts": (1, None, 15.0),
        "closures": (1, None, 10.0),
        "accountability": (1, None, 10.0),
        "clues": (0, 0, 15.0),
        "statements": (0, 6, 0.0),
        "rectification": (2, 2, 15.0),
        "spot_checks": (0, 1, 0.0),  # the department found what the county had not
    }
    idle = figures("太谷区")
    assert idle["major_hazards"] == (0, None, 0.0)
    assert idle["rectification"] == (0, 2, 0.0)
    assert idle["spot_checks"] == (0, 0, 10.0)


def test_reasons_are_in_words_with_the_heaviest_loss_first(world: World) -> None:
    reasons = ranking_pages.one(office(), january().id).reasons["榆次区"]
    assert reasons.split("；")[:2] == ["报表按时报送 0/6（0%），得 0/10 分", "抽查未发现县级漏查 0/1（0%），得 0/10 分"]


def test_who_is_suggested_for_key_supervision(world: World) -> None:
    shown = ranking_pages.one(office(), january().id)
    found = {one["unit"]: one["reasons"] for one in shown.key_supervision}
    assert "问题隐患整改率偏低：0/2（0%），低于 80%" in found["太谷区"]
    assert any(sentence.startswith("落实“七项措施”不力：0 件") for sentence in found["太谷区"])
    assert "榆次区" not in found
    assert shown.rules == (
        "问题线索偏少：低于平均数的 50%",
        "问题隐患整改率偏低：低于 80%",
        "落实“七项措施”不力：低于平均数的 50%",
    )


def test_months_follow_each_other_without_gap(world: World) -> None:
    with models.reading() as tx:
        found = chosen_home(tx, None)
        known = calendar(tx)
        labels = ["2021-12-01~2021-12-31", "2022-01-01~2022-01-31", "2022-02-01~2022-02-28", "2022-03-01~2022-03-31"]
        spans = [appraisals.span_of(found.plan, known, "r_ranking", label) for label in labels]
        whole = appraisals.span_of(found.plan, known, "r_final_appraisal", "")
    assert spans[0].start == found.plan.starts_at
    assert [one.end for one in spans[:-1]] == [one.start for one in spans[1:]]
    assert spans[1].title == "2022年1月1日至2022年1月31日"
    assert (whole.start, whole.end) == (spans[0].start, spans[-1].end)


def test_shifted_by_weeks_they_still_do(world: World) -> None:
    """A campaign launched later: its months do not begin on the first, and none is left out."""
    with models.reading() as tx:
        plan = chosen_home(tx, None).plan.shifted(timedelta(weeks=250))
        known = calendar(tx)
        labels = [period.label for period in periods(plan.reports["r_ranking"], known)]
        spans = [appraisals.span_of(plan, known, "r_ranking", label) for label in labels]
    assert [one.end for one in spans[:-1]] == [one.start for one in spans[1:]]
    assert (spans[0].start, spans[-1].end) == (plan.starts_at, plan.ends_at)


def test_a_draft_is_for_the_office_until_it_is_published(world: World) -> None:
    row, liaison = january(), somebody("榆次区", "liaison")
    with pytest.raises(Forbidden):
        ranking_pages.one(liaison, row.id)
    assert ranking_pages.overview(liaison, world.now).columns == ()  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        publications.public_one(row.id)
    for element in ("review_ranking", "approve_ranking"):
        for task in world.open_tasks(element):
            world.complete(task, comment="已核对") if element == "review_ranking" else world.complete(task)
    shown = ranking_pages.one(liaison, row.id)
    assert (shown.sign.word, shown.row.body) == ("已公布", "已核对")
    assert shown.row.approved_by == office("director").person_id
    assert row.id in [one.id for one in publications.public_page(publications.Filters(kind="ranking")).rows]
    assert publications.public_one(row.id).title == row.title
    with pytest.raises(NotFound):
        publications.one(office(), row.id)
    approved = {"title": row.title, "content": shown.row.content, "body": "已核对", "media": ""}
    content = orjson.dumps(approved, option=orjson.OPT_SORT_KEYS)
    assert hashlib.sha256(content).hexdigest() == shown.row.content_hash
    with models.reading() as tx:
        events = [event.data for event in tx.execute(select(Ledger.data).where(Ledger.tag == "ranking:publish"))]
    assert {"publication": row.id, "hash": shown.row.content_hash} in events


def test_the_rows_behind_a_figure(world: World) -> None:
    row = january()
    own = ranking_pages.unit(somebody("榆次区", "liaison"), row.id, visits.unit_id("榆次区"))
    assert [one.label for one in own.evidence["major_hazards"]] == ["顶板支护不到位"]
    assert [one.note for one in own.evidence["spot_checks"]] == ["发现问题：o3"]
    other = ranking_pages.unit(somebody("榆次区", "liaison"), row.id, visits.unit_id("太谷区"))
    assert other.standing.unit == "太谷区"
    assert not other.evidence  # the figures are public, the rows are another county's


def test_movement_from_month_to_month(world: World) -> None:
    shown = ranking_pages.overview(office(), world.now)
    assert shown is not None
    assert [column.row.period for column in shown.columns] == ["2021-12-01~2021-12-31", "2022-01-01~2022-01-31"]
    places = {line.unit: [(cell.place, cell.moved) for cell in line.cells if cell] for line in shown.lines}
    assert places["榆次区"] == [(1, None), (1, None)], "in December nobody stood before anybody else"
    assert shown.lines[0].unit == "榆次区"


def test_as_an_excel_sheet(world: World) -> None:
    sheet = ranking_pages.sheet(office(), january().id)
    first = next(iter(sheet.rows))
    assert (first[0], first[1]) == (1, "榆次区")
    assert len(first) == len(sheet.head)


def test_what_there_is_not(world: World) -> None:
    with pytest.raises(NotFound):
        ranking_pages.one(office(), "nothing")
    with pytest.raises(NotFound):
        ranking_pages.unit(office(), january().id, visits.unit_id("市应急局"))


def test_nobody_is_first_where_all_are_equal(world: World) -> None:
    """The days of December: nothing was due, nothing found."""
    shown = ranking_pages.overview(office(), world.now)
    assert shown is not None
    assert [column.level for column in shown.columns] == [True, False]
    page = ranking_pages.one(office(), shown.columns[0].row.id)
    assert page.level and page.nothing_owed
    moved = {cell.moved for line in shown.lines for cell in line.cells if cell}
    assert moved == {None}, "with a ranking that had no order nothing can be compared"
    assert not ranking_pages.one(office(), january().id).level


def test_an_equal_place_is_said_to_be_shared(world: World) -> None:
    page = ranking_pages.one(office(), january().id)
    places = [line.place for line in page.standings]
    assert page.shared == {place for place in places if places.count(place) > 1} != set()
    for line in page.standings:
        own = ranking_pages.unit(office(), page.row.id, line.unit_id)
        assert own.shared == (line.place in page.shared)
