"""Whether a form may be published: everything wrong with it at once, each a sentence for the person who drew it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from catalog.forms.feel import inspect_expression, inspect_pattern
from catalog.forms.rules import BOUNDS, option_values
from catalog.forms.schema import (
    ATTACHMENTS,
    CHOICES,
    CONTAINERS,
    KEYED,
    STATIC,
    TEXTS,
    Component,
    Schema,
    context_names,
    feel_of,
    mapping,
    tree,
)
from catalog.forms.values import decimal_of
from domain.errors import Finding

SCHEMA_VERSION = 19
MAX_BYTES = 512 * 1024
MAX_COMPONENTS = 500
MAX_SOURCE = 2_000
MAX_DEPTH = 6
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}(\.[A-Za-z_][A-Za-z0-9_]{0,63})*")
_TEMPLATE = re.compile(r"{{([^{}]*)}}")
_REFUSED = {
    "filepicker": "附件由页面统一收取，表单中不用文件控件，请在表单属性 attachments 中写明",
    "iframe": "表单中不能嵌入其他网页",
    "documentPreview": "表单中不能预览外部文件",
    "button": "提交按钮由页面提供，请删去表单中的按钮",
}
# Properties that hold FEEL, and how they are evaluated.
_FEEL = {
    "conditional.hide": "test",
    "readonly": "test",
    "valuesExpression": "value",
    "expression": "value",
    "dataSource": "value",
    "columnsExpression": "value",
    **{f"validate.{name}": "value" for name in BOUNDS},
}
_TEMPLATES = ("label", "description", "text", "content", "title", "alt")
_TYPES = {"checkbox": "bool", "checklist": "list", "taglist": "list", "expression": "any"}
_SPECIAL = ("this", "parent", "i", "_this_", "_parent_", "_i_")


def check_form(schema: Schema) -> list[Finding]:
    """Every fault of the form; an empty list means it may be published."""
    shape = list(_shape(schema))
    if shape:
        return shape
    root = tree(schema)
    components = [each for each in root.walk() if each is not root]
    names = _names(root, schema)
    found = [finding for each in components for finding in _component(each, names)]
    return [*found, *_claims(root), *_ids(components)]


def outputs(schema: Schema) -> dict[str, str]:
    """Fields a diagram may read: path -> bool, int, float, str, date, list or any. Rows of lists are not among them."""
    found: dict[str, str] = {}
    _collect(tree(schema), (), found)
    return found


def _collect(component: Component, base: tuple[str, ...], found: dict[str, str]) -> None:
    path = base + component.path
    if component.keyed and not component.disabled:
        found[".".join(path)] = _output_type(component)
    if not component.repeats:
        for child in component.children:
            _collect(child, path, found)


def _output_type(component: Component) -> str:
    raw = component.raw
    if component.type == "number" and not raw.get("serializeToString"):
        return "int" if decimal_of(raw.get("decimalDigits")) == 0 else "float"
    if component.type == "datetime":
        return "date" if raw.get("subtype", "date") == "date" else "str"
    return _TYPES.get(component.type, "str")


def _shape(schema: Any) -> Iterator[Finding]:
    if not isinstance(schema, dict) or schema.get("type", "default") != "default":
        yield Finding("form.shape", "这不是一份表单")
        return
    if len(json.dumps(schema, ensure_ascii=False).encode()) > MAX_BYTES:
        yield Finding("form.size", "表单文件过大")
    version = schema.get("schemaVersion", SCHEMA_VERSION)
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        yield Finding("form.version", f"表单格式版本不受支持，最高为 {SCHEMA_VERSION}")
    if not isinstance(schema.get("components"), list):
        yield Finding("form.shape", "表单没有任何控件")
        return
    if _count(schema) > MAX_COMPONENTS:
        yield Finding("form.size", f"表单控件过多，最多 {MAX_COMPONENTS} 个")
    if _depth(schema) > MAX_DEPTH:
        yield Finding("form.depth", f"表单分组层次过深，最多 {MAX_DEPTH} 层")
    wanted = mapping(schema.get("properties")).get("attachments", "optional")
    if wanted not in ATTACHMENTS:
        yield Finding("form.attachments", "表单属性 attachments 应为 required、optional 或 none")


def _below(node: Schema) -> list[Any]:
    components = node.get("components")
    return [each for each in components if isinstance(each, dict)] if isinstance(components, list) else []


def _count(node: Schema) -> int:
    return sum(1 + _count(each) for each in _below(node))


def _depth(node: Schema) -> int:
    return 1 + max((_depth(each) for each in _below(node)), default=0)


def _names(root: Component, schema: Schema) -> list[str]:
    """Names an expression may use: fields, fields of rows, what the host promises, and the words of repeated rows."""
    fields = {each.path[0] for each in root.walk() if each.path}
    return sorted(fields | set(context_names(schema)) | set(_SPECIAL))


def _component(component: Component, names: list[str]) -> Iterator[Finding]:
    if component.type not in KEYED | CONTAINERS | STATIC or component.type in _REFUSED:
        reason = _REFUSED.get(component.type, f"不支持的控件类型“{component.type}”")
        yield _at(component, "form.type", reason)
        return
    yield from _key(component)
    yield from _expressions(component, names)
    if component.type in CHOICES:
        yield from _options(component)
    yield from _rules(component)


def _at(component: Component, rule: str, sentence: str, severity: str = "error") -> Finding:
    element = str(component.raw.get("key") or component.raw.get("path") or component.raw.get("id") or "")
    return Finding(rule, f"表单控件“{component.label}”：{sentence}", element=element, severity=severity)


def _key(component: Component) -> Iterator[Finding]:
    own = component.raw.get("key") if component.keyed else component.raw.get("path")
    needed = component.keyed or component.type == "dynamiclist"
    if needed and not own:
        yield _at(component, "form.key", "没有填写字段名（key 或 path）")
    elif own and component.type in KEYED | CONTAINERS and not (isinstance(own, str) and _KEY.fullmatch(own)):
        yield _at(component, "form.key", "字段名只能用英文字母、数字和下划线，不以数字开头")
    if component.keyed and component.type != "expression" and component.label == ".".join(component.path):
        yield _at(component, "form.label", "没有标签")


def _expressions(component: Component, names: list[str]) -> Iterator[Finding]:
    for name, kind in _FEEL.items():
        value = _get(component.raw, name)
        source = feel_of(value)
        if name in ("conditional.hide", "expression") and value and source is None:
            yield _at(component, "form.feel", f"公式应以 = 开头：{value}")
        elif source is not None:
            yield from _expression(component, kind, source, names)
    for name in _TEMPLATES:
        value = component.raw.get(name)
        for source in _TEMPLATE.findall(value) if isinstance(value, str) else []:
            if source.strip() and source.strip()[0] not in "#/":
                yield from _expression(component, "value", source, names)
    if component.type == "expression" and not component.raw.get("expression"):
        yield _at(component, "form.feel", "计算字段没有公式")


def _get(raw: Schema, name: str) -> Any:
    outer, _, inner = name.rpartition(".")
    return mapping(raw.get(outer)).get(inner) if outer else raw.get(inner)


def _expression(component: Component, kind: str, source: str, names: list[str]) -> Iterator[Finding]:
    if len(source) > MAX_SOURCE:
        yield _at(component, "form.feel", f"公式过长，最多 {MAX_SOURCE} 个字符")
        return
    inspected = inspect_expression(kind, source, names)
    if inspected.error:
        yield _at(component, "form.feel", f"公式不能识别：{source.strip()}")
    for name in inspected.unknown:
        yield _at(component, "form.name", f"公式用到的“{name}”既不是本表单的字段，也没有在表单属性 context 中写明")


def _options(component: Component) -> Iterator[Finding]:
    raw = component.raw
    if raw.get("valuesKey") is None and raw.get("values") is None and not raw.get("valuesExpression"):
        yield _at(component, "form.options", "没有可选项")
    if raw.get("values") is None:
        return
    values = option_values(component, {}, None)
    if not values or len(values) < len(raw["values"]):
        yield _at(component, "form.options", "可选项没有填写完整")
    if any(count > 1 for count in Counter(json.dumps(value, sort_keys=True) for value in values).values()):
        yield _at(component, "form.options", "可选项的值有重复")


def _rules(component: Component) -> Iterator[Finding]:
    rules = component.rules
    pattern = rules.get("pattern")
    if pattern:
        yield from _pattern(component, pattern)
    for low, high in (("min", "max"), ("minLength", "maxLength")):
        least, most = decimal_of(rules.get(low)), decimal_of(rules.get(high))
        if least is not None and most is not None and least > most:
            yield _at(component, "form.bounds", "下限大于上限")
    wrong = [name for name in ("min", "max") if name in rules and component.type != "number"]
    wrong += [name for name in ("minLength", "maxLength") if name in rules and component.type not in TEXTS]
    for name in [*wrong, *(name for name in BOUNDS if not _is_bound(rules.get(name)))]:
        yield _at(component, "form.bounds", f"校验规则 {name} 不适用或不是数字")


def _is_bound(value: Any) -> bool:
    return value is None or feel_of(value) is not None or decimal_of(value) is not None


def _pattern(component: Component, pattern: Any) -> Iterator[Finding]:
    if component.type not in TEXTS or not isinstance(pattern, str):
        yield _at(component, "form.pattern", "只有文字控件可以写校验格式")
        return
    if len(pattern) > MAX_SOURCE:
        yield _at(component, "form.pattern", f"校验格式过长，最多 {MAX_SOURCE} 个字符")
        return
    verdict = inspect_pattern(pattern)
    if verdict == "bad":
        yield _at(component, "form.pattern", f"校验格式不是有效的正则表达式：{pattern}")
    elif verdict == "slow":
        yield _at(component, "form.pattern", "校验格式不能保证很快算完，请不用回溯引用、前后预查和很大的重复次数")
    elif not component.hints.get("samples"):
        yield _at(component, "form.samples", "写了校验格式，推演需要在控件属性 samples 中给出填写示例", "warning")


def _claims(root: Component) -> Iterator[Finding]:
    """No two fields at one place, and no field inside another: the viewer would refuse to draw the form."""
    for scope, members in _scopes(root):
        leaves = Counter(path for path, component in members if component.keyed or component.repeats)
        for path, component in members:
            inside = any(path[:length] in leaves for length in range(1, len(path)))
            taken = any(len(other) > len(path) and other[: len(path)] == path for other, _ in members)
            if (component.keyed or component.repeats) and (leaves[path] > 1 or inside or taken):
                where = f"（{'.'.join(scope)} 的各行中）" if scope else ""
                yield _at(component, "form.duplicate", f"字段名“{'.'.join(path)}”{where}重复，或与别的字段名冲突")


Members = list[tuple[tuple[str, ...], Component]]


def _scopes(root: Component) -> Iterator[tuple[tuple[str, ...], Members]]:
    waiting: list[tuple[tuple[str, ...], Component]] = [((), root)]
    while waiting:
        scope, owner = waiting.pop()
        members: Members = []
        for child in owner.children:
            _claim(child, (), members)
        waiting.extend((scope + path, each) for path, each in members if each.repeats)
        yield scope, members


def _claim(component: Component, base: tuple[str, ...], members: Members) -> None:
    path = base + component.path
    if component.path:
        members.append((path, component))
    if not component.repeats:
        for child in component.children:
            _claim(child, path, members)


def _ids(components: list[Component]) -> Iterator[Finding]:
    counted = Counter(str(each.raw["id"]) for each in components if each.raw.get("id"))
    for name, count in counted.items():
        if count > 1:
            yield Finding("form.id", f"控件编号“{name}”重复", element=name)
