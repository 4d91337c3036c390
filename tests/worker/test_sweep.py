"""What has served its time goes, what is still needed stays; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import models
from models import Answered, Person, SignedSession
from models.queries import running
from services.running import workers

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_old_answers_and_sessions_go(database: models.Database) -> None:
    person = {"id": "p" * 20, "username": "tester", "name": "测试员", "password_hash": "!", "created_at": NOW}
    with models.transaction() as tx:
        running.add(tx, Person, [person])
        running.add(tx, Answered, [_answer(person["id"], "old", 8), _answer(person["id"], "young", 6)])
        running.add(tx, SignedSession, [_session(person["id"], "old", 31), _session(person["id"], "young", 29)])
    assert workers.sweep(NOW) == 2
    assert workers.sweep(NOW) == 0
    assert workers.sweep(NOW + timedelta(days=2)) == 2


def _answer(person_id: str, key: str, days: int) -> dict[str, object]:
    at = NOW - timedelta(days=days)
    return {"person_id": person_id, "key": key, "fingerprint": "", "answer": {}, "at": at}


def _session(person_id: str, token: str, days: int) -> dict[str, object]:
    ended = NOW - timedelta(days=days)
    moments = {"created_at": ended, "seen_at": ended, "expires_at": ended}
    return {"token_hash": token, "person_id": person_id, "csrf": "", **moments}
