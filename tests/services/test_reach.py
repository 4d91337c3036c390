"""Where a unit can come to in a process, as far as that is settled before it starts."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

import engine
from catalog.campaigns import CampaignDefinition, load_campaign
from domain.workdays import BEIJING, Calendar
from services.campaigns.definitions import ROOT
from services.plans.reach import Reach
from tests.support.actions import ACTIONS

KEY = "jinzhong-hundred-day"
NAMED_ONCE = {"aliases": None, "named": None}
COUNTY = SimpleNamespace(id="c", name="祁县", short_name="祁县", level="county", kind="government", **NAMED_ONCE)
PARK = SimpleNamespace(id="p", name="晋中开发区", short_name="晋中开发区", level="county", kind="park", **NAMED_ONCE)
DEPARTMENT = SimpleNamespace(
    id="d", name="祁县应急局", short_name="祁县应急局", level="county", kind="department", **NAMED_ONCE
)


@pytest.fixture(scope="module")
def definition() -> CampaignDefinition:
    return load_campaign(ROOT / "processes" / KEY, ROOT / "processes" / "shared", ROOT / "forms", actions=ACTIONS)


def reach(definition: CampaignDefinition, process: str, unit: Any) -> frozenset[str]:
    loaded = engine.load(definition.processes[process].spec)
    return Reach(loaded, definition.plan, Calendar(), datetime(2022, 1, 1, tzinfo=BEIJING)).of(unit)


@pytest.mark.parametrize("unit", [COUNTY, PARK], ids=["county", "park"])
def test_two_principals(definition: CampaignDefinition, unit: Any) -> None:
    found = reach(definition, "public_commitment", unit)
    assert {"sign_party_commitment", "sign_government_commitment", "record_publication"} <= found
    assert "sign_commitment" not in found


def test_one_principal(definition: CampaignDefinition) -> None:
    found = reach(definition, "public_commitment", DEPARTMENT)
    assert {"sign_commitment", "record_publication"} <= found
    assert not {"sign_party_commitment", "sign_government_commitment"} & found


def test_what_somebody_will_answer_may_go_either_way(definition: CampaignDefinition) -> None:
    """All steps, those after a return and those inside a stage too."""
    for process in ("weekly_statement", "submit_plan", "self_inspection", "campaign"):
        loaded = engine.load(definition.processes[process].spec)
        assert reach(definition, process, COUNTY) >= {element for element in loaded.elements if loaded.node(element)}
