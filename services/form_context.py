"""What a form may show and its expressions may use beside the answers: the same for the page and for the check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.contract import Element
from models import Tx
from services import counted_forms, criteria
from services.versions import CampaignFacts

MET = {True: "已达成", False: "未达成"}


def context_of(tx: Tx, element: Element, facts: CampaignFacts, variables: Mapping[str, Any] | None) -> dict[str, Any]:
    """The instance's variables and the figures the house counts; at a stage gate also the criteria as they stand."""
    found = dict(variables or {})
    found |= counted_forms.context(tx, element, facts, found)
    if element.stage and element.sign_off and facts.id:
        results = criteria.criteria(tx, facts, element.stage)
        found["criteria"] = [
            {"name": one.name, "required": one.required, "actual": one.actual, "met": MET[one.met]} for one in results
        ]
        found["unmet_criteria"] = sum(not one.met for one in results)
    return found
