"""Draws: the share holds, the same seed gives the same draw, no order and no code is favoured."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sampling import draw, list_digest, order, seal_of, seed_of, shares, size_of

CODES = st.dictionaries(
    st.text("0123456789ABCXYZ-", min_size=1, max_size=12), st.sampled_from(["coal", "chemicals", "fire"]), max_size=60
)
SEEDS = st.binary(min_size=32, max_size=32).map(bytes.hex)


@pytest.mark.parametrize(
    ("population", "size"), [(0, 0), (1, 1), (2, 1), (9, 1), (10, 1), (11, 2), (20, 2), (21, 3), (100, 10), (101, 11)]
)
def test_a_tenth_rounded_up_and_one_at_least(population: int, size: int) -> None:
    assert size_of(population, 10) == size


def test_a_share_that_was_missed_before_is_made_up() -> None:
    # 20 listed and only one drawn before: of 32 in all four are due, three of them now
    assert size_of(12, 10, drawn=1, listed=20) == 3
    assert size_of(3, 10, drawn=0, listed=100) == 3  # never more than there are
    # a share above what was needed before is not taken back
    assert size_of(10, 10, drawn=9, listed=20) == 1


def test_a_percentage_with_decimals_is_exact() -> None:
    assert size_of(1000, 0.1) == 1
    assert size_of(30, 12.5) == 4
    assert size_of(10, 30) == 3  # 0.3 * 10 in binary is a little more than 3


@given(st.lists(st.integers(0, 60), max_size=16), st.integers(1, 100))
def test_the_share_of_all_draws_together_never_falls_below(weeks: list[int], percent: int) -> None:
    drawn = listed = 0
    for population in weeks:
        size = size_of(population, percent, drawn=drawn, listed=listed)
        assert math.ceil(population * percent / 100 - 1e-9) <= size <= population
        drawn, listed = drawn + size, listed + population
        assert drawn * 100 >= listed * percent


@given(CODES, SEEDS, st.data())
def test_a_draw_is_what_the_documented_lines_give(population: dict[str, str], seed: str, data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(population)))
    drawn = draw(population, seed, size)
    assert len(drawn) == size == len(set(drawn))
    wanted = shares(Counter(population.values()), size)
    again = {
        code
        for stratum, count in wanted.items()
        for code in sorted(
            sorted(code for code, of in population.items() if of == stratum),
            key=lambda code: hashlib.sha256(f"{seed}|{code}".encode()).hexdigest(),
        )[:count]
    }
    assert set(drawn) == again


@given(CODES, SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_matter(population: dict[str, str], seed: str, shuffled: object) -> None:
    items = list(population.items())
    shuffled.shuffle(items)  # type: ignore[attr-defined]
    size = size_of(len(population), 10)
    assert draw(dict(items), seed, size) == draw(population, seed, size)
    assert list_digest(dict(items)) == list_digest(population)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 50), min_size=1), st.data())
def test_strata_get_their_proportion(strata: dict[str, int], data: st.DataObject) -> None:
    total = sum(strata.values())
    size = data.draw(st.integers(0, total))
    given_out = shares(strata, size)
    assert sum(given_out.values()) == size
    for name, count in strata.items():
        assert abs(given_out[name] - count * size / total) < 1
        assert given_out[name] <= count


def test_every_code_is_drawn_about_equally_often() -> None:
    population = {f"E{number:02}": "coal" for number in range(20)}
    hits = Counter(code for week in range(4000) for code in draw(population, seed_of("secret", "D", "C", str(week)), 2))
    # 400 expected of each, standard deviation 19
    assert set(hits) == set(population)
    assert all(300 < count < 500 for count in hits.values()), hits


def test_another_seed_gives_another_order() -> None:
    codes = [f"E{number}" for number in range(50)]
    assert order(codes, "a" * 64) != order(codes, "b" * 64)
    assert sorted(order(codes, "a" * 64)) == sorted(codes)


def test_seed_and_seal_are_the_standard_functions() -> None:
    expected = hmac.new(b"secret", "部门|县|2022-01-03".encode(), hashlib.sha256).hexdigest()
    assert seed_of("secret", "部门", "县", "2022-01-03") == expected
    assert seal_of("secret") == hashlib.sha256(b"secret").hexdigest()


def test_a_changed_list_has_another_digest() -> None:
    population = {"A": "coal", "B": "fire"}
    assert list_digest(population) != list_digest({"A": "coal"})
    assert list_digest(population) != list_digest({"A": "coal", "B": "coal"})
