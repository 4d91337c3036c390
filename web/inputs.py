"""Reading what a page's fields hold: days, texts, numbers of pages and commands."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from flask import request, url_for

from domain.errors import Invalid
from domain.workdays import typed_day

LONGEST_TEXT = 60


def fresh_key() -> str:
    """A number for a form, so that a double press counts once."""
    return secrets.token_hex(16)


def given(name: str, longest: int = LONGEST_TEXT) -> str:
    """A parameter of the address, trimmed."""
    return request.args.get(name, "").strip()[:longest]


def typed(name: str, longest: int = 400) -> str:
    """A field of a sent form, trimmed."""
    return request.form.get(name, "").strip()[:longest]


def day(text: str, name: str) -> date | None:
    """A date field; empty is None."""
    if not text:
        return None
    try:
        return typed_day(text)
    except ValueError:
        raise Invalid(fields={name: "日期格式不正确"}) from None


def number(text: str, name: str) -> int | None:
    """A number of an address; empty is None."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Invalid(fields={name: "应为数字"})
    return int(text)


def pages(position: str, following: str) -> dict[str, str]:
    """Addresses of the first and the next page of this list, filters kept; `position` names the pager's parameter."""
    return {
        "first": _here(position, "") if request.args.get(position) else "",
        "following": _here(position, following) if following else "",
    }


def _here(position: str, value: str) -> str:
    kept: dict[str, Any] = {name: text for name, text in request.args.items() if text and name != position}
    if value:
        kept[position] = value
    return url_for(str(request.endpoint), **kept)
