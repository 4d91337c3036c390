"""Targets of measures: what they demand in words, and what meets them."""

from __future__ import annotations

import pytest

from domain.measures import aim, meets, portion, shown, wanted
from domain.plan import Target


def target(operator: str | None, value: object, unit: str = "%") -> Target:
    return Target(id="t", indicator="比例", operator=operator, value=value, unit=unit)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("operator", "value", "unit", "words"),
    [
        (">=", 75, "%", "不低于 75%"),
        ("<=", 7, "个工作日", "不超过 7 个工作日"),
        (">", 3, "公里", "大于 3 公里"),
        ("<", 500, "人", "小于 500 人"),
        ("=", 0.01, "%", "等于 0.01%"),
        ("between", (3, 5), "个", "3 至 5 个"),
        (None, "只减不增", "", "只减不增"),
    ],
)
def test_in_words(operator: str | None, value: object, unit: str, words: str) -> None:
    assert wanted(target(operator, value, unit)) == words


@pytest.mark.parametrize(
    ("operator", "value", "enough", "not_enough"),
    [
        (">=", 75, (75, 80), (74.99,)),
        ("<=", 7, (7, 0), (7.01,)),
        (">", 3, (3.1,), (3,)),
        ("<", 500, (499,), (500,)),
        ("=", 100, (100,), (99, 101)),
        ("between", (3, 5), (3, 4, 5), (2, 6)),
        ("=", 0.3, (0.1 + 0.2,), (0.31,)),
    ],
)
def test_judged(operator: str, value: object, enough: tuple[float, ...], not_enough: tuple[float, ...]) -> None:
    wanted_ = target(operator, value)
    assert all(meets(wanted_, one) for one in enough)
    assert not any(meets(wanted_, one) for one in not_enough)
    assert meets(wanted_, float(aim(wanted_)))


def test_words_are_judged_by_people() -> None:
    with pytest.raises(TypeError):
        meets(target(None, "三级"), 3)
    assert aim(target(None, "三级")) == "三级"


def test_shown_with_its_unit() -> None:
    assert shown(target(">=", 75), 62.5) == "62.5%"
    assert shown(target(">=", 3, "个"), 4) == "4 个"
    assert shown(target(None, "三级", ""), "二级") == "二级"
    assert shown(target(">=", 3), None) == ""


def test_a_part_of_an_allocated_target_is_a_target_of_its_own() -> None:
    whole = Target(id="t", indicator="人数", operator=">=", value=1100, unit="人", values={"兴县": 500, "临县": 600})
    assert wanted(portion(whole, "兴县")) == "不低于 500 人"
    assert meets(portion(whole, "兴县"), 500)
    assert not meets(portion(whole, "临县"), 599)
    assert portion(whole, "岚县") == whole
