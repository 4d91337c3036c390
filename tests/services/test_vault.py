"""The reporters' vault: keys made once, texts that open only where they belong, keys that are changed."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.clues.vault import Unreadable, Vault, receipt_hash

REPORTER = {"name": "张某", "phone": "0354", "address": "某街"}


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "var" / "reporters.key")


def test_the_key_is_made_once_and_for_its_owner_alone(vault: Vault) -> None:
    sealed, key_id = vault.seal("c1", REPORTER)
    assert stat.S_IMODE(vault.key_file.stat().st_mode) == 0o600
    assert Vault(vault.key_file).open("c1", sealed, key_id) == REPORTER


def test_a_text_opens_for_its_own_clue_and_unchanged_only(vault: Vault) -> None:
    sealed, key_id = vault.seal("c1", REPORTER)
    with pytest.raises(Unreadable):
        vault.open("c2", sealed, key_id)
    with pytest.raises(Unreadable):
        vault.open("c1", sealed[:-1] + bytes([sealed[-1] ^ 1]), key_id)
    with pytest.raises(Unreadable):
        vault.open("c1", sealed, "unknown")


def test_the_same_text_is_never_sealed_alike(vault: Vault) -> None:
    assert vault.seal("c1", REPORTER)[0] != vault.seal("c1", REPORTER)[0]


def test_a_new_key_seals_and_the_old_one_still_opens(vault: Vault) -> None:
    sealed, old = vault.seal("c1", REPORTER)
    code, mark = vault.code("a", "b"), vault.mark("a", "b")
    new = vault.add_key()
    assert vault.seal("c1", REPORTER)[1] == new != old
    assert vault.open("c1", sealed, old) == REPORTER
    # forms that were sent before are still known
    assert (vault.code("a", "b"), vault.mark("a", "b")) == (code, mark)
    assert stat.S_IMODE(vault.key_file.stat().st_mode) == 0o600


def test_keys_added_at_the_same_moment_are_all_kept(vault: Vault) -> None:
    with ThreadPoolExecutor(8) as pool:
        sealed = [vault.seal("c1", REPORTER)]
        added = list(pool.map(lambda _: vault.add_key(), range(16)))
    kept = [line.split()[0] for line in vault.key_file.read_text().splitlines()]
    assert sorted(kept[1:]) == sorted(added)
    assert vault.open("c1", *sealed[0]) == REPORTER


def test_codes_differ_and_are_known_however_they_are_typed(vault: Vault) -> None:
    code = vault.code("visitor", "form")
    assert code == vault.code("visitor", "form") != vault.code("visitor", "other form")
    assert vault.code("ab", "c") != vault.code("a", "bc")
    assert receipt_hash(code) == receipt_hash(f" {code.lower().replace('-', ' ')} ")
