"""What a form may show and its expressions may use beside the answers: the same for the page and for the check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.contract import Element
from models import Tx
from services.counting import counted_forms, criteria
from services.plans.versions import CampaignFacts

MET = {True: "已达成", False: "未达成"}

Provider = Callable[[Tx, CampaignFacts, Mapping[str, Any]], Mapping[str, Any]]
PROVIDERS: dict[str, Provider] = {}


def context_for(form: str) -> Callable[[Provider], Provider]:
    """Register what a form is shown besides the variables of its instance: rows about its subject."""

    def register(provider: Provider) -> Provider:
        PROVIDERS[form] = provider
        return provider

    return register


def context_of(tx: Tx, element: Element, facts: CampaignFacts, variables: Mapping[str, Any] | None) -> dict[str, Any]:
    """The instance's variables, counted figures, what the form's subject adds; at a stage gate also the criteria."""
    found = dict(variables or {})
    found |= counted_forms.context(tx, element, facts, found)
    if element.stage and element.sign_off and facts.id:
        results = criteria.criteria(tx, facts, element.stage)
        found["criteria"] = [
            {"name": one.name, "required": one.required, "actual": one.actual, "met": MET[one.met]} for one in results
        ]
        found["unmet_criteria"] = sum(not one.met for one in results)
    if element.form in PROVIDERS:
        found |= PROVIDERS[element.form](tx, facts, found)
    return found
