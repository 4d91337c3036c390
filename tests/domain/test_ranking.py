"""Places and reasons of a ranking; which units are to be looked at more closely."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ranking import Counted, Indicator, Rule, flagged, ranked

HAZARDS = Indicator(key="hazards", name="整治重大事故隐患", unit="项", share=False, weight=60)
CLUES = Indicator(key="clues", name="线索按时办结", unit="件", share=True, weight=40)


def test_points_places_and_reasons() -> None:
    counted = {
        "甲": {"hazards": Counted(have=4, of=4), "clues": Counted(have=1, of=2)},
        "乙": {"hazards": Counted(have=2, of=2), "clues": Counted()},
        "丙": {"hazards": Counted(), "clues": Counted(have=0, of=3)},
    }
    first, second, third = ranked([HAZARDS, CLUES], counted)
    assert (first.unit, first.place, first.score) == ("甲", 1, 80)
    assert (second.unit, second.place, second.score) == ("乙", 2, 70)
    assert (third.unit, third.place, third.score) == ("丙", 3, 0)
    assert [figure.reason for figure in first.figures] == [
        "整治重大事故隐患 4 项，最多的单位 4 项，得 60/60 分",
        "线索按时办结 1/2（50%），得 20/40 分",
    ]
    assert second.figures[1].reason == "线索按时办结 没有应办事项，按满分计，得 40/40 分"


def test_equal_scores_share_a_place_and_nobody_takes_the_next() -> None:
    same = {"hazards": Counted(have=1, of=1), "clues": Counted()}
    none = {"hazards": Counted(), "clues": Counted()}
    places = ranked([HAZARDS, CLUES], {"甲": none, "乙": same, "丙": same})
    assert [(one.unit, one.place) for one in places] == [("乙", 1), ("丙", 1), ("甲", 3)]


def test_nobody_has_done_anything() -> None:
    places = ranked([HAZARDS], {"甲": {"hazards": Counted()}, "乙": {"hazards": Counted()}})
    assert {(one.place, one.score) for one in places} == {(1, 0)}


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1))
def test_more_is_never_placed_behind_less(have: dict[str, tuple[int, int]]) -> None:
    counted = {
        unit: {"hazards": Counted(have=number, of=number), "clues": Counted(have=min(part, 50), of=50)}
        for unit, (number, part) in have.items()
    }
    places = {one.unit: one for one in ranked([HAZARDS, CLUES], counted)}
    for one, other in ((a, b) for a in have for b in have):
        if have[one][0] >= have[other][0] and have[one][1] >= have[other][1]:
            assert places[one].place <= places[other].place
    assert all(0 <= one.score <= 100 for one in places.values())


@pytest.mark.parametrize(("have", "is_flagged"), [(0, True), (2, True), (3, False), (9, False)])
def test_few_against_the_average(have: int, is_flagged: bool) -> None:
    """Of four units with 6 on average, half of it is the limit."""
    rule = Rule(key="clues", name="问题线索偏少", percent=50, of_average=True)
    rest = (24 - have) // 3, (24 - have) // 3, 24 - have - 2 * ((24 - have) // 3)
    counted = {"甲": {"clues": Counted(have=have)}}
    counted |= {f"其他{n}": {"clues": Counted(have=number)} for n, number in enumerate(rest)}
    found = flagged([rule], counted)
    assert ("甲" in found) == is_flagged
    if is_flagged:
        assert found["甲"] == [f"问题线索偏少：{have} 件，低于平均数 6.0 的 50%"]


def test_a_low_rate_and_no_rate_at_all() -> None:
    rule = Rule(key="rectified", name="问题隐患整改率偏低", percent=80, of_average=False)
    counted = {
        "甲": {"rectified": Counted(have=7, of=10)},
        "乙": {"rectified": Counted(have=8, of=10)},
        "丙": {"rectified": Counted()},
    }
    assert flagged([rule], counted) == {"甲": ["问题隐患整改率偏低：7/10（70%），低于 80%"]}
