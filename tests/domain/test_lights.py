"""The light of a task by its due date and the working calendar."""

from __future__ import annotations

from datetime import datetime

import pytest

from domain.lights import light
from domain.workdays import BEIJING, Calendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("due", "now", "color", "left"),
    [
        # 31 January to 6 February 2022 was the Spring Festival, 29 and 30 January were made up for
        ("2022-02-10 00:00", "2022-01-26 09:00", "green", "剩 7 个工作日"),
        ("2022-01-29 00:00", "2022-01-26 09:00", "green", "剩 2 个工作日"),
        ("2022-01-28 00:00", "2022-01-26 09:00", "yellow", "剩 1 个工作日"),
        ("2022-01-27 00:00", "2022-01-26 09:00", "yellow", "剩 15 小时"),
        ("2022-01-26 09:30", "2022-01-26 09:00", "yellow", "剩 30 分钟"),
        ("2022-02-02 00:00", "2022-01-31 09:00", "yellow", "剩 0 个工作日"),
        ("2022-04-01 00:00", "2022-01-26 09:00", "green", "剩 64 天"),
        ("2022-01-26 09:00", "2022-01-26 09:00", "yellow", "剩 0 分钟"),
        ("2022-01-26 09:00", "2022-01-26 09:01", "red", "超期 1 分钟"),
        ("2022-01-26 00:00", "2022-01-26 09:00", "red", "超期 1 个工作日"),
        ("2022-01-31 00:00", "2022-02-06 12:00", "red", "超期 6 天"),
        ("2022-01-31 00:00", "2022-02-07 09:00", "red", "超期 1 个工作日"),
        ("2021-12-01 00:00", "2022-01-26 09:00", "red", "超期 57 天"),
    ],
)
def test_colour_and_words(due: str, now: str, color: str, left: str) -> None:
    shown = light(at(due), at(now), Calendar())
    assert (shown.color, shown.left) == (color, left)
    assert shown.word == {"green": "正常", "yellow": "临期", "red": "已超期"}[color]


def test_the_ladder_makes_it_worse_and_never_better() -> None:
    due, now = at("2022-02-10 00:00"), at("2022-01-26 09:00")
    assert [light(due, now, Calendar(), ladder).color for ladder in ("green", "yellow", "red", "?")] == [
        "green",
        "yellow",
        "red",
        "green",
    ]
    assert light(now, due, Calendar(), "green").color == "red"


def test_without_a_limit_there_is_no_hurry() -> None:
    shown = light(None, at("2022-01-26 09:00"), Calendar())
    assert (shown.color, shown.word, shown.left) == ("grey", "不限时", "")


def test_what_came_after_its_limit_is_nobodys_fault() -> None:
    due, opened, now = at("2020-07-01 00:00"), at("2020-08-27 09:00"), at("2020-10-09 09:00")
    shown = light(due, now, Calendar(), "red", opened_at=opened)
    assert (shown.color, shown.word, shown.left) == ("yellow", "送达时已逾期", "请尽快办理")
    assert light(due, now, Calendar(), opened_at=at("2020-06-01 09:00")).color == "red"
