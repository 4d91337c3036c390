"""The smallest plan that is right, and ways to make it wrong."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
JINZHONG = ROOT / "processes" / "jinzhong-hundred-day"
FACTS = JINZHONG / "clauses.yaml"
DIRECTORY = ROOT / "processes" / "units" / "shanxi-jinzhong.yaml"

SMALL: dict[str, Any] = {
    "id": "small",
    "document": {
        "title": "示例行动方案",
        "jurisdiction": "示例市",
        "clause": "标题",
        "period": {"start": "2022-01-01", "end": "2022-03-31"},
    },
    "units": {
        "counties": {"name": "各县", "clause": "二", "members": ["甲县", "乙县"]},
        "offices": {"name": "市办", "clause": "二", "members": ["市办公室"]},
        "reporters": {"name": "报送单位", "clause": "二", "union": ["counties", "offices"]},
    },
    "posts": {"liaison": {"name": "联络人", "clause": "二", "role": "staff"}},
    "stages": {
        "s1": {
            "name": "自查",
            "clause": "三",
            "end": "2022-01-10",
            "gate": {"sign_off": "so_s1", "deadline": "gate_due"},
            "exit_criteria": {
                "all_in": {"name": "全部报送", "source": "product", "query": "received_share", "of": "r", "at_least": 1}
            },
        }
    },
    "deadlines": {
        "due": {"name": "报送", "clause": "三", "at": "2022-01-05"},
        "gate_due": {"name": "关口", "source": "product", "stage": "s1", "n": 5, "unit": "working_day"},
        "answer": {"name": "答复", "clause": "四", "n": 7, "unit": "working_day", "from": "assigned_at"},
    },
    "reports": {
        "r": {
            "name": "方案",
            "clause": "三",
            "kind": "once",
            "owed_by": "reporters",
            "receiver": "市办公室",
            "deadline": "due",
        },
        "w": {
            "name": "周报",
            "clause": "四",
            "kind": "weekly",
            "owed_by": "counties",
            "receiver": "市办公室",
            "weekday": 1,
            "time": "10:00",
            "first_due": "2022-01-03T10:00:00+08:00",
            "last_due": "2022-03-28T10:00:00+08:00",
        },
    },
    "quotas": {"q": {"name": "案例", "clause": "四", "operator": ">=", "value": 2}},
    "sign_offs": {
        "so_s1": {"name": "关口", "source": "product", "who": ["组长"], "posts": ["liaison"], "object": "自查"}
    },
    "escalation": {
        "default": {
            "name": "阶梯",
            "source": "product",
            "rungs": [
                {
                    "id": "remind",
                    "name": "提醒",
                    "n": -1,
                    "unit": "working_day",
                    "light": "green",
                    "notify": ["holder"],
                },
                {"id": "urge", "name": "催办", "n": 0, "unit": "hour", "light": "yellow"},
            ],
        }
    },
    "settings": {"stage_gates": {"name": "关口", "source": "product", "value": True}},
    "sectors": {"coal": {"name": "煤矿", "clause": "五", "lead_department": "市办公室", "items": {"i1": "查"}}},
    "offences": {"o1": {"clause": "六", "text": "打击"}},
}


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def small(**changes: Any) -> str:
    """The small plan as YAML; a change is a path with `__` between its parts, `...` as value removes the entry."""
    raw = copy.deepcopy(SMALL)
    for path, value in changes.items():
        *parts, last = path.split("__")
        node = raw
        for part in parts:
            node = node.setdefault(part, {})
        if value is ...:
            del node[last]
        else:
            node[last] = value
    return yaml_of(raw)


def yaml_of(raw: object) -> str:
    """The value as YAML without anchors."""
    return yaml.dump(raw, Dumper=_NoAliases, allow_unicode=True, sort_keys=False)


def findings_of(text: str) -> list[str]:
    """The sentences with which a plan is refused."""
    from catalog.plans import parse_plan
    from domain.errors import Refused

    try:
        parse_plan(text)
    except Refused as refused:
        return [finding.sentence for finding in refused.findings]
    return []
