"""The database made ready: a backup before a migration, the migration, the demo city where it is allowed."""

from __future__ import annotations

from config import Settings
from scripts import backup, database
from scripts.common import end_on_signals, read_settings, refuse, run_flask, say, sole_use


def prepare(settings: Settings) -> None:
    """Bring the database to this version; nothing happens where it is there already."""
    found = database.state(settings)
    if found is database.State.BEHIND:
        say(f"升级数据库之前已备份到 {backup.back_up(settings)}。")
    if found is not database.State.CURRENT and not run_flask("db-upgrade"):
        refuse("数据库升级没有成功，原因见上文；服务没有启动。")
    if settings.demo and not run_flask("demo-seed"):
        refuse("演示城市没有建成，原因见上文；不需要它时请设 DEMO=off。")


def main() -> None:
    """The command."""
    end_on_signals()
    settings = read_settings()
    with sole_use(settings):
        prepare(settings)


if __name__ == "__main__":
    main()
