"""make demo-reset: the demo city from the beginning; the data there was is backed up first."""

from __future__ import annotations

from scripts.common import end_on_signals, read_settings, refuse, say, sole_use
from scripts.prepare import prepare
from scripts.restore import clear, keep_present


def main() -> None:
    """The command."""
    end_on_signals()
    settings = read_settings()
    if not settings.demo:
        refuse("没有启用演示城市（HOST 不是本机地址，或 DEMO=off），不会清空数据。")
    with sole_use(settings):
        keep_present(settings)
        clear(settings)
        prepare(settings)
    say("演示城市已重建。请执行 make run 启动服务。")


if __name__ == "__main__":
    main()
