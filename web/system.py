"""系统策略: the installation's rules, to read."""

from __future__ import annotations

from flask import Blueprint, Response

from config import Settings
from web.http import answers, settings

blueprint = Blueprint("system", __name__, url_prefix="/system")


@blueprint.get("")
def index() -> Response:
    """Rules for passwords, sessions and uploads, each with the variable that sets it."""
    return answers("system/index.html", groups=_groups(settings()))


def _groups(values: Settings) -> tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]:
    return (
        (
            "登录与口令",
            (
                ("口令最短位数", f"{values.password_min_length} 位", "PASSWORD_MIN_LENGTH"),
                ("连续输错多少次锁定账号", f"{values.login_attempts} 次", "LOGIN_ATTEMPTS"),
                ("账号锁定时长", f"{values.lockout_minutes} 分钟", "LOCKOUT_MINUTES"),
                ("多久不操作须重新登录", f"{values.session_idle_minutes} 分钟", "SESSION_IDLE_MINUTES"),
                ("登录后最长有效时间", f"{values.session_hours} 小时", "SESSION_HOURS"),
                ("会话只经加密连接发送", "是" if values.secure_cookies else "否（仅限本机试用）", "SECURE_COOKIES"),
            ),
        ),
        (
            "附件与请求",
            (
                ("单个附件的上限", f"{values.max_upload_mb} MB", "MAX_UPLOAD_MB"),
                ("单次提交的上限", f"{values.max_request_mb} MB", "MAX_REQUEST_MB"),
            ),
        ),
        (
            "运行",
            (
                ("演示城市和演示账号", "开启" if values.demo else "关闭", "DEMO"),
                ("页面上时间所用的时区", values.timezone, "TIMEZONE"),
                ("网页服务进程数", str(values.web_workers), "WEB_WORKERS"),
                ("后台进程数", str(values.workers), "WORKERS"),
            ),
        ),
    )
