"""How moments, sizes and counts are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.ledger import Tag
from web import formats

BEIJING = ZoneInfo("Asia/Shanghai")
TODAY = datetime(2022, 1, 15, 4, 0, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (utc(2022, 1, 31, 16, 0), "1月31日 24:00"),
        (utc(2021, 12, 31, 16, 0), "2021年12月31日 24:00"),
        (utc(2022, 1, 31, 2, 0), "1月31日 10:00"),
        (utc(2022, 1, 31, 16, 1), "2月1日 00:01"),
        (utc(2023, 1, 1, 2, 0), "2023年1月1日 10:00"),
    ],
)
def test_a_limit_at_midnight_ends_the_day_before(at: datetime, shown: str) -> None:
    assert formats.due(at, BEIJING, TODAY) == shown


def test_a_moment_and_a_day() -> None:
    assert formats.moment(utc(2022, 1, 31, 16, 0), BEIJING, TODAY) == "2月1日 00:00"
    assert formats.moment(utc(2020, 5, 1, 1, 5), BEIJING, TODAY) == "2020年5月1日 09:05"
    assert formats.day(date(2022, 3, 1), BEIJING, TODAY) == "3月1日"
    assert formats.day(utc(2022, 1, 31, 16, 0), BEIJING, TODAY) == "2月1日"


def test_the_year_is_that_of_beijing() -> None:
    new_year_there = datetime(2021, 12, 31, 17, 0, tzinfo=UTC)
    assert formats.moment(utc(2022, 1, 1, 2, 0), BEIJING, new_year_there) == "1月1日 10:00"


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (99, "99"), (100, "99+"), (1000, "99+")])
def test_counts_are_capped(count: int, shown: str) -> None:
    assert formats.capped(count) == shown


@pytest.mark.parametrize(("count", "shown"), [(5, "5 B"), (2048, "2 KB"), (5 * 1024 * 1024, "5.0 MB")])
def test_sizes(count: int, shown: str) -> None:
    assert formats.size(count) == shown


def test_every_tag_has_a_name() -> None:
    assert all(formats.event(tag.value) != tag.value for tag in Tag)
    assert formats.event("not:a:tag") == "not:a:tag"


def test_a_single_day_is_written_once() -> None:
    today = datetime(2022, 6, 1, tzinfo=BEIJING)
    first, second, eighth = (datetime(2022, 1, n, tzinfo=BEIJING) for n in (1, 2, 8))
    assert formats.span(first, second, BEIJING, today) == "1月1日"
    assert formats.span(first, eighth, BEIJING, today) == "1月1日—1月7日"
