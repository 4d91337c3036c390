"""Settings: defaults, refusals, the key file, the reference."""

from __future__ import annotations

import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from config import ROOT, BadSetting, Settings, reference


def test_nothing_set_is_a_demo_on_this_machine() -> None:
    settings = Settings.from_env({})
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.database_url == f"sqlite:///{ROOT}/var/bihuan.db"
    assert settings.demo
    assert not settings.secure_cookies


def test_open_to_others_is_strict() -> None:
    settings = Settings.from_env({"HOST": "10.0.0.5", "DATABASE_URL": "postgres://user@db/bihuan"})
    assert settings.database_url == "postgresql+psycopg://user@db/bihuan"
    assert settings.workers == 2
    assert settings.secure_cookies
    assert not settings.demo


@pytest.mark.parametrize("host", ["localhost", "127.0.0.9", "::1"])
def test_loopback_by_any_name(host: str) -> None:
    assert Settings.from_env({"HOST": host}).loopback


def test_everything_moves_with_the_data_folder() -> None:
    settings = Settings.from_env({"VAR_DIR": "/data"})
    assert settings.sqlite_file == Path("/data/bihuan.db")
    assert settings.secret_key_file == Path("/data/secret.key")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "0"),
        ("PORT", "８０００"),
        ("WEB_WORKERS", "-1"),
        ("WORKERS", "2"),
        ("SECURE_COOKIES", "maybe"),
        ("SESSION_HOURS", "1.5"),
        ("MAX_REQUEST_MB", "10"),
        ("TIMEZONE", "Mars/Base"),
        ("LOG_LEVEL", "LOUD"),
        ("DATABASE_URL", "mysql://user@db/bihuan"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("HOST", "0.0.0.0"),  # noqa: S104  refused here, together with DEMO
    ],
)
def test_a_bad_value_is_one_sentence_that_names_the_variable(variable: str, value: str) -> None:
    demanded = {"DEMO": "on"} if variable == "HOST" else {}
    with pytest.raises(BadSetting) as refusal:
        Settings.from_env({variable: value, **demanded})
    sentence = str(refusal.value.code)
    assert sentence.startswith("环境变量 ")
    assert variable in sentence
    assert sentence.endswith("。")
    assert sentence.count("。") == 1


def test_a_refusal_shows_no_password() -> None:
    with pytest.raises(BadSetting) as refusal:
        Settings.from_env({"DATABASE_URL": "mysql://user:secret@db/bihuan"})
    assert "secret" not in str(refusal.value.code)


def secret_key(folder: str) -> bytes:
    return Settings.from_env({"VAR_DIR": folder}).secret_key()


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        keys = set(pool.map(secret_key, [str(tmp_path / "var")] * 8))
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert [entry.name for entry in (tmp_path / "var").iterdir()] == ["secret.key"]
    assert stat.S_IMODE((tmp_path / "var" / "secret.key").stat().st_mode) == 0o600


def test_the_manual_holds_the_reference() -> None:
    assert reference() in (ROOT / "docs" / "running.md").read_text()
