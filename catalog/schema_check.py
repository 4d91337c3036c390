"""Checks a file against its JSON Schema and says in Chinese, entry by entry, what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from domain.errors import Finding

FOLDER = Path(__file__).parent
MAX_FINDINGS = 100

_TYPES = {
    "string": "文字", "integer": "整数", "number": "数字", "boolean": "true 或 false",
    "array": "列表", "object": "“键: 值”", "null": "空",
}  # fmt: skip
_PATTERNS = {
    "^[a-z][a-z0-9_]{0,62}$": "只能用小写英文字母、数字和下划线，以字母开头",
    "^[a-z][a-z0-9-]{1,62}$": "只能用小写英文字母、数字和连字符，以字母开头，至少两个字",
    "^[a-z][a-z0-9-]{1,62}(/[0-9a-z][0-9a-z-]{1,40})?$": (
        "只能用小写英文字母、数字和连字符，以字母开头，至少两个字；下级行动写成“上级/下级”"
    ),
    "^[0-9a-z][0-9a-z-]{1,40}$": "只能用小写英文字母、数字和连字符，至少两个字",
    "^[0-9a-z-]{2,40}$": "只能用数字、小写英文字母和连字符",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "应为日期，如 '2022-01-10'",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?\\+08:00)?$": (
        "应为日期 '2022-01-10'，或带时区的时刻 '2022-01-03T10:00:00+08:00'"
    ),
    "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$": "应为时刻，如 '10:00' 或 '24:00'",
}


def schema_findings(raw: Mapping[str, Any], schema: str) -> list[Finding]:
    """Every place where `raw` departs from `<schema>.schema.json`, in the order of the file's keys."""
    errors = islice(_validator(schema).iter_errors(raw), MAX_FINDINGS)
    findings = [_finding(error, schema) for error in errors]
    # the library reports each missing or unknown key of an entry apart; our sentence names them all at once
    return list({finding.sentence: finding for finding in findings}.values())


@cache
def _validator(schema: str) -> Draft202012Validator:
    definition = json.loads((FOLDER / f"{schema}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(definition)
    return Draft202012Validator(definition)


def _finding(error: ValidationError, schema: str) -> Finding:
    path = ".".join(str(part) for part in error.absolute_path)
    return Finding(f"{schema}.{error.validator}", f"{path or '文件'}：{_sentence(error)}", element=path)


def _sentence(error: ValidationError) -> str:
    """The fault in words; what the schema cannot say shortly is one general sentence."""
    say = _SENTENCES.get(str(error.validator))
    return say(error) if say else "内容的形式不对"


def _required(error: ValidationError) -> str:
    present = error.instance if isinstance(error.instance, Mapping) else {}
    required = error.validator_value if isinstance(error.validator_value, list) else []
    return "缺少" + "、".join(f"“{name}”" for name in required if name not in present)


def _unknown(error: ValidationError) -> str:
    known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    present = error.instance if isinstance(error.instance, Mapping) else {}
    return "有不认识的键" + "、".join(f"“{_short(name)}”" for name in present if name not in known)


def _type(error: ValidationError) -> str:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    return "应为" + "或".join(_TYPES.get(str(name), str(name)) for name in wanted)


def _pattern(error: ValidationError) -> str:
    return f"“{_short(error.instance)}”" + _PATTERNS.get(str(error.validator_value), "写法不对")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"


_SENTENCES = {
    "required": _required,
    "additionalProperties": _unknown,
    "type": _type,
    "pattern": _pattern,
    "oneOf": lambda _: "须写明出处 clause，或者 source: product，二者写且只写一个",
    "enum": lambda e: f"“{_short(e.instance)}”不在可选范围内：" + "、".join(map(str, e.validator_value)),
    "const": lambda e: f"只能写 {e.validator_value}",
    "minLength": lambda _: "不能为空",
    "maxLength": lambda e: f"超过 {e.validator_value} 个字",
    "minimum": lambda e: f"不能小于 {e.validator_value}",
    "maximum": lambda e: f"不能大于 {e.validator_value}",
    "minItems": lambda e: f"至少要有 {e.validator_value} 项",
    "maxItems": lambda e: f"最多 {e.validator_value} 项",
    "minProperties": lambda e: f"至少要有 {e.validator_value} 项",
    "maxProperties": lambda e: f"最多 {e.validator_value} 项",
    "uniqueItems": lambda _: "有重复的项",
}
