"""Passwords: argon2id with the library's defaults, and what a password must be."""

from __future__ import annotations

from functools import cache
from typing import NoReturn

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import Invalid

MAX_LENGTH = 128
_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """What is stored."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is right; an unknown user costs the same time and is never right."""
    try:
        return _hasher.verify(stored or _dummy(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether the library's defaults have grown since."""
    return _hasher.check_needs_rehash(stored)


def refuse_weak(password: str, username: str, min_length: int, field: str = "password") -> None:
    """Refuse what is short, made of one character, or contains the login name."""
    if len(password) < min_length:
        _refuse(field, f"口令至少 {min_length} 位。")
    if len(password) > MAX_LENGTH:
        _refuse(field, f"口令最多 {MAX_LENGTH} 位。")
    if len(set(password)) < 4:
        _refuse(field, "口令过于简单，请使用更多不同的字符。")
    if username and username.lower() in password.lower():
        _refuse(field, "口令中不能包含登录名。")


def _refuse(field: str, sentence: str) -> NoReturn:
    raise Invalid(fields={field: sentence})


@cache
def _dummy() -> str:
    return _hasher.hash("no such person")
