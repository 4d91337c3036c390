"""The key of the reporters' vault beside what it sealed: a name whose key is lost is lost with it, and this says so."""

from __future__ import annotations

from pathlib import Path

from config import Settings
from scripts import database
from scripts.common import say

KEY_FILE = "reporters.key"  # as services.clues.vault calls it; the house is not imported here


def key_file(settings: Settings) -> Path:
    """Where the keys lie: a line a key, its id first."""
    return settings.var_dir / KEY_FILE


def warn(settings: Settings, whence: str) -> None:
    """A sentence where the database holds reporters that no key in the data folder opens."""
    sealed = database.counted(settings, "clue_reporter", "key_id")
    lost = sum(n for key_id, n in sealed.items() if key_id not in _key_ids(key_file(settings)))
    if lost:
        say(
            f"注意：{whence}没有与数据配套的举报人密钥（{KEY_FILE}），{lost} 条举报人信息无法解密，其他数据不受影响。"
            f"找到原来的 {KEY_FILE} 后放入 {settings.var_dir} 即可查看；那里已有这个文件的，把原来的各行加在它最前面。"
        )


def _key_ids(file: Path) -> set[str]:
    text = file.read_text() if file.exists() else ""
    return {line.split()[0] for line in text.splitlines() if line.strip()}
