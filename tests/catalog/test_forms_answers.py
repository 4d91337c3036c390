"""Made-up answers: always valid, always the same for the same draw, steered by hints."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.forms import Unanswerable, answers, validate
from tests.catalog.form_samples import AB, EVERYTHING, FORMS, field, form

SEEDS = st.integers(min_value=0, max_value=2**32)
CONTEXTS: dict[str, list[dict[str, Any]]] = {
    "stage_gate_sign_off": [{}, {"criteria": [], "unmet_criteria": 2}, {"unmet_criteria": 0}],
    "shortage_review": [{}, {"negative_cases": 0}],
}


@pytest.mark.parametrize("key", sorted(FORMS))
@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_every_form_accepts_its_answers(key: str, seed: int) -> None:
    for context in CONTEXTS.get(key.split(":")[-1], [{}]):
        made = answers(FORMS[key], Random(seed), context=context)
        checked = validate(FORMS[key], made, context=context)
        assert (checked.data, checked.errors) == (made, {})
        assert answers(FORMS[key], Random(seed), context=context) == made


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_a_form_with_everything_accepts_its_answers(seed: int) -> None:
    context = {"places": ["城关镇"], "level": 3}
    made = answers(EVERYTHING, Random(seed), context=context)
    assert validate(EVERYTHING, made, context=context).errors == {}


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, wanted=st.integers(min_value=0, max_value=6))
def test_the_number_of_cases_is_a_hint(seed: int, wanted: int) -> None:
    made = answers(FORMS["weekly_statement"], Random(seed), cases=wanted)
    assert made["typical_cases"] == len(made["cases"]) == wanted


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_a_statement_has_enough_cases_unless_told_otherwise(seed: int) -> None:
    assert answers(FORMS["weekly_statement"], Random(seed))["typical_cases"] >= 2


def test_hints_fix_values_and_rows() -> None:
    made = answers(EVERYTHING, Random(1), whole=3, one="a", rows=[{"name": "甲", "least": 0}])
    assert (made["whole"], made["one"], made["rows"][0]["name"], made["rows"][0]["least"]) == (3, "a", "甲", 0)


def test_a_hint_that_cannot_be_says_so() -> None:
    with pytest.raises(Unanswerable, match="不得大于 20"):
        answers(EVERYTHING, Random(1), whole=30)


def test_dates_lie_around_today() -> None:
    made = answers(FORMS["self_inspection_scheme"], Random(1), today=date(2022, 1, 5))
    assert made["starts_on"] <= "2022-01-05" < made["ends_on"]


def test_bounds_without_examples() -> None:
    schema = form(
        field("number", "a", validate={"required": True, "min": -5, "max": -4}, decimalDigits=0),
        field("number", "b", validate={"required": True, "min": 1000}, increment="5"),
        field("number", "c", validate={"required": True, "max": -1}, serializeToString=True),
        field("textarea", "d", validate={"required": True, "minLength": 300, "maxLength": 310}),
        field("textfield", "e", validate={"required": True, "maxLength": 3}),
        field("textfield", "f", validate={"required": True, "validationType": "email"}),
        field("textfield", "g", validate={"required": True, "validationType": "phone"}),
        field("taglist", "h", validate={"required": True}, values=AB),
        field("datetime", "i", subtype="datetime", validate={"required": True}),
        field("select", "j", valuesExpression='=["x", "y"]', validate={"required": True}),
    )
    for seed in range(20):
        assert validate(schema, answers(schema, Random(seed))).errors == {}


@pytest.mark.parametrize("seed", range(5))
def test_a_row_of_the_host_names_the_usual_answer(seed: int) -> None:
    report = FORMS["measure_report"]
    context = {
        "figures": [{"indicator": "比例", "wanted": "不低于 75%", "aim": 75}],
        "results": [{"indicator": "等级", "wanted": "三级", "aim": "三级"}],
        "no_figures": False,
        "no_results": False,
    }
    found = answers(report, Random(seed), context=context)
    assert found["figures"] == [{"indicator": "比例", "wanted": "不低于 75%", "value": 75}]
    # of a choice the sample is the usual option
    assert found["results"] == [{"indicator": "等级", "wanted": "三级", "value": "三级", "met": "yes"}]
    fixed = answers(report, Random(seed), context=context, **{"figures.0.value": 40, "results.0.met": "no"})
    assert (fixed["figures"][0]["value"], fixed["results"][0]["met"]) == (40, "no")


def test_a_measure_without_targets_has_no_lines() -> None:
    report = FORMS["measure_report"]
    context = {"figures": [], "results": [], "no_figures": True, "no_results": True}
    assert not {"figures", "results"} & answers(report, Random(1), context=context).keys()
