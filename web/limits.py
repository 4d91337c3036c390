"""How much a request may be, which host names are ours, and JSON that is read strictly."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import orjson
from flask import Flask, request
from flask.json.provider import JSONProvider

from config import Settings
from domain.errors import Invalid

MEGABYTE = 1024 * 1024
TEXT_BYTES = 2 * MEGABYTE
JSON_DEPTH = 20
FORM_PARTS = 2000


class Orjson(JSONProvider):
    """JSON by orjson, for what Flask itself writes."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


def register(app: Flask, settings: Settings) -> None:
    """Set the limits; the secret key signs nothing but sentences for the next page."""
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key(),
        MAX_CONTENT_LENGTH=settings.max_request_mb * MEGABYTE,
        MAX_FORM_MEMORY_SIZE=TEXT_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
        TRUSTED_HOSTS=[name.strip() for name in settings.trusted_hosts.split(",") if name.strip()] or None,
    )
    app.json = Orjson(app)
    app.before_request(_limit)
    app.url_map.strict_slashes = False


def _limit() -> None:
    # only a file may be large; a form or JSON is read into memory at once
    if request.mimetype != "multipart/form-data":
        request.max_content_length = TEXT_BYTES


def json_object() -> dict[str, Any]:
    """The request's body as one JSON object; NaN, doubled keys and deep nesting are refused."""
    if request.mimetype != "application/json":
        raise Invalid("请求的内容应为 JSON。")
    return strict_object(request.get_data())


def strict_object(body: bytes) -> dict[str, Any]:
    """These bytes as one JSON object."""
    try:
        value = _STRICT.decode(body.decode())
    except (ValueError, RecursionError) as fault:
        raise Invalid("请求的内容不是有效的 JSON。") from fault
    if not isinstance(value, dict):
        raise Invalid("请求的内容应为一个 JSON 对象。")
    if _deeper_than(value, JSON_DEPTH):
        raise Invalid("请求的内容嵌套过深。")
    return value


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled key")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_STRICT = json.JSONDecoder(object_pairs_hook=_no_doubles, parse_constant=_no_constant)


def _deeper_than(value: Any, depth: int) -> bool:
    layer = [value]
    for _ in range(depth):
        layer = [inner for outer in layer if isinstance(outer, dict | list) for inner in _inside(outer)]
        if not layer:
            return False
    return True


def _inside(value: dict[str, Any] | list[Any]) -> Any:
    return value.values() if isinstance(value, dict) else value
