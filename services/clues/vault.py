"""The reporters' vault: who reported a clue, sealed with a key that lies beside the database and never in it.

AES-256-GCM; the clue's id is bound to the sealed text, so that a row moved to another clue does not open. The key file
holds a line a key, the last one seals; older ones open what they sealed until it has been sealed again (`rotate`).
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.authority import Actor
from domain.errors import DomainError
from domain.ledger import Tag
from models import transaction
from models.queries import clues as rows
from services._record import record

KEY_FILE = "reporters.key"  # in the data folder, and so in every backup
FIELDS = ("name", "phone", "address")
_NONCE = 12
_KEY = 32
_CODE_BYTES = 10  # 80 bits: nobody finds a code by trying


class Unreadable(DomainError):
    """举报人信息无法解密：密钥文件与数据不配套，请联系系统管理员从同一份备份恢复密钥文件。"""


@dataclass(frozen=True)
class Vault:
    """The place of the keys; they are read when somebody seals or opens."""

    key_file: Path

    def seal(self, clue_id: str, reporter: Mapping[str, str]) -> tuple[bytes, str]:
        """The sealed reporter and the id of the key that sealed it."""
        key_id, key = list(self._keys().items())[-1]
        nonce = secrets.token_bytes(_NONCE)
        text = orjson.dumps({name: reporter.get(name, "") for name in FIELDS})
        return nonce + AESGCM(key).encrypt(nonce, text, clue_id.encode()), key_id

    def open(self, clue_id: str, sealed: bytes, key_id: str) -> dict[str, str]:
        """The reporter in clear; Unreadable where the key is gone or the text was tampered with."""
        key = self._keys().get(key_id)
        if key is None:
            raise Unreadable
        try:
            text = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], clue_id.encode())
        except InvalidTag:
            raise Unreadable from None
        return dict(orjson.loads(text))

    def mark(self, *parts: str) -> str:
        """A digest nobody can make without the key: it says that two texts are the same, and nothing else."""
        return hmac.new(self._first(), "\x00".join(parts).encode(), hashlib.sha256).hexdigest()

    def code(self, *parts: str) -> str:
        """The receipt code of a form that was sent: the same form gives the same code, and it is written nowhere."""
        digest = hmac.new(self._first(), "\x00".join(("receipt", *parts)).encode(), hashlib.sha256).digest()
        text = base64.b32encode(digest[:_CODE_BYTES]).decode()
        return "-".join(text[i : i + 4] for i in range(0, len(text), 4))

    def add_key(self) -> str:
        """A new key that seals from now on; its id."""
        self._read()  # the first key, where there is none yet
        line = _new_line()
        with _folder_of(self.key_file):
            _replace(self.key_file, self.key_file.read_text() + line)
        return line.split()[0]

    def _first(self) -> bytes:
        return next(iter(self._keys().values()))

    def _keys(self) -> dict[str, bytes]:
        pairs = (line.split() for line in self._read().splitlines() if line.strip())
        return {key_id: bytes.fromhex(key) for key_id, key in pairs}

    def _read(self) -> str:
        try:
            return self.key_file.read_text()
        except FileNotFoundError:
            return _first_file(self.key_file)


def receipt_hash(code: str) -> str:
    """What of a receipt code is stored; spaces, hyphens and small letters do not matter."""
    return hashlib.sha256("".join(code.upper().replace("-", "").split()).encode()).hexdigest()


def rotate(vault: Vault, actor: Actor, now: datetime) -> int:
    """Seal every reporter again with a new key; how many. Old keys stay in the file for backups that need them."""
    vault.add_key()
    with transaction() as tx:
        found = rows.reporters(tx)
        for row in found:
            sealed, key_id = vault.seal(row.clue_id, vault.open(row.clue_id, row.sealed, row.key_id))
            rows.reseal(tx, row.clue_id, sealed, key_id)
        record(tx, Tag.CLUE_REPORTER_RESEAL, now, actor, {"count": len(found)})
    return len(found)


def _new_line() -> str:
    return f"{secrets.token_hex(6)} {secrets.token_hex(_KEY)}\n"


def _first_file(path: Path) -> str:
    """Written aside, then linked into place: processes that start together agree on one key."""
    with _folder_of(path):
        draft = _draft(path, _new_line())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


@contextmanager
def _folder_of(path: Path) -> Iterator[None]:
    """The folder of the keys for one process at a time; what was put there outlives a power cut, as what it sealed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
        os.fsync(folder)
    finally:
        os.close(folder)


def _replace(path: Path, text: str) -> None:
    _draft(path, text).replace(path)


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    return draft
