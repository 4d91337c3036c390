"""The lists behind the papers on both databases: letters with their states, liaisons with those still missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import Forbidden
from services.campaigns import liaisons
from services.clues import letter_list
from tests.support import events, papers
from tests.support.played import office, somebody
from tests.support.world import World, beijing

NOW = beijing("2022-01-07 09:00")


@pytest.fixture(scope="module")
def city(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    return papers.city(database_url, Path(tmp_path_factory.mktemp("city")))


def test_letters_are_counted_filtered_and_printed(city: World) -> None:
    shown = letter_list.page(office(), letter_list.Filters(text="危化", state="in_hand"), NOW)
    assert shown is not None
    assert [line.row.subject for line in shown.lines] == ["灵石某化工有限公司", "祁县某加油站"]
    assert dict(shown.counts) == {"in_hand": 6}
    assert {name for _, name in shown.units} == {"平遥县", "祁县", "灵石县", "介休市", "晋中开发区", "市应急局"}
    assert len(letter_list.papers(office(), letter_list.Filters(), NOW)) == 6
    assert letter_list.papers(somebody("太谷区", "liaison"), letter_list.Filters(), NOW) == ()
    assert len(list(letter_list.sheet(somebody("平遥县", "liaison"), letter_list.Filters(), NOW).rows)) == 1


def test_the_pages_of_the_list_follow_each_other(city: World) -> None:
    shown = letter_list.page(office(), letter_list.Filters(), NOW)
    assert shown is not None
    second = shown.lines[1].row
    rest = letter_list.Filters(after=f"{second.issued_at.isoformat()}|{second.id}")
    following = letter_list.page(office(), rest, NOW)
    assert following is not None
    assert [line.row.id for line in following.lines] == [line.row.id for line in shown.lines[2:]]


def test_liaisons_stand_counties_first_with_those_still_missing(city: World) -> None:
    campaign = events.campaign_id()
    table = liaisons.table(office(), campaign)
    assert [line[1] for line in table.lines][0] == "榆次区" and table.lines[-1][1].startswith("市")
    assert (len(table.lines), table.missing, table.whole_city) == (23, 20, True)
    own = liaisons.table(somebody("平遥县", "liaison"), campaign)
    assert ([line[1] for line in own.lines], own.missing, own.whole_city) == (["平遥县"], 0, False)
    with pytest.raises(Forbidden):
        liaisons.table(somebody("平遥县", "liaison"), campaign, papers.unit_id("榆次区"))
