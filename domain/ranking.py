"""Scores and places of a ranking: pure, from what was counted and the weights of the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """What is counted: `share` of what was owed, or a number held against the largest of all."""

    key: str
    name: str
    unit: str
    share: bool
    weight: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What was counted for one unit: `have`, and for a share of how many."""

    have: int = 0
    of: int = 0


@dataclass(frozen=True, kw_only=True)
class Figure:
    """An indicator of one unit with its points and the reason in words."""

    key: str
    name: str
    have: int
    of: int | None
    weight: float
    points: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """A unit's place: equal scores share one, and the next is counted on."""

    unit: str
    place: int
    score: float
    figures: tuple[Figure, ...]


def ranked(indicators: Sequence[Indicator], counted: Mapping[str, Mapping[str, Counted]]) -> list[Place]:
    """Units (key -> indicator -> counted) in their order; units with one score stand in the order they came in."""
    most = {
        one.key: max((figures[one.key].have for figures in counted.values()), default=0)
        for one in indicators
        if not one.share
    }
    scored = {
        unit: tuple(_figure(one, figures[one.key], most.get(one.key, 0)) for one in indicators)
        for unit, figures in counted.items()
    }
    totals = {unit: round(sum(figure.points for figure in figures), 2) for unit, figures in scored.items()}
    order = sorted(totals, key=lambda unit: -totals[unit])
    return [
        Place(
            unit=unit,
            place=1 + sum(other > totals[unit] for other in totals.values()),
            score=totals[unit],
            figures=scored[unit],
        )
        for unit in order
    ]


def _figure(indicator: Indicator, counted: Counted, most: int) -> Figure:
    if indicator.share:
        part = counted.have / counted.of if counted.of else 1.0
        words = f"{counted.have}/{counted.of}（{part:.0%}）" if counted.of else "没有应办事项，按满分计"
    else:
        part = counted.have / most if most else 0.0
        words = f"{counted.have} {indicator.unit}，最多的单位 {most} {indicator.unit}"
    points = round(indicator.weight * part, 2)
    return Figure(
        key=indicator.key,
        name=indicator.name,
        have=counted.have,
        of=counted.of if indicator.share else None,
        weight=indicator.weight,
        points=points,
        reason=f"{indicator.name} {words}，得 {points:g}/{indicator.weight:g} 分",
    )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When a unit is to be looked at more closely: a figure below a share of the average, or below a rate."""

    key: str
    name: str
    percent: float
    of_average: bool


def flagged(rules: Sequence[Rule], counted: Mapping[str, Mapping[str, Counted]]) -> dict[str, list[str]]:
    """unit -> sentences, one a rule that applies to it."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        average = sum(figures[rule.key].have for figures in counted.values()) / (len(counted) or 1)
        for unit, figures in counted.items():
            sentence = _sentence(rule, figures[rule.key], average)
            if sentence:
                found.setdefault(unit, []).append(sentence)
    return found


def _sentence(rule: Rule, counted: Counted, average: float) -> str:
    if rule.of_average:
        if average and counted.have < average * rule.percent / 100:
            return f"{rule.name}：{counted.have} 件，低于平均数 {average:.1f} 的 {rule.percent:g}%"
    elif counted.of and counted.have / counted.of < rule.percent / 100:
        return f"{rule.name}：{counted.have}/{counted.of}（{counted.have / counted.of:.0%}），低于 {rule.percent:g}%"
    return ""
