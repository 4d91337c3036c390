"""系统策略: the rules for signing in, which an administrator changes, and what the environment sets, to read."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from config import Settings
from domain.errors import Invalid
from services.access import policies
from web.errors import status_of
from web.http import actor, goes_to, now, settings, wants_json
from web.inputs import fresh_key, typed
from web.session import sign_in_defaults

blueprint = Blueprint("system", __name__, url_prefix="/system")


@blueprint.get("")
def index() -> Response:
    """Rules for signing in with who changed them last; the settings, each with the variable that sets it."""
    return _page()


@blueprint.post("")
def change() -> Response:
    """Change rules for signing in."""
    values = {rule.name: policies.whole(typed(rule.name)) for rule in policies.RULES if rule.name in request.form}
    wanted = policies.Change(values=values, reason=typed("reason"), seen=typed("seen"))
    try:
        policies.change(actor(), wanted, defaults=sign_in_defaults(settings()), now=now())
    except Invalid as error:
        if wants_json():
            raise
        return _page(error)
    return goes_to("system.index", said="策略已修改，立即生效。")


def _page(error: Invalid | None = None) -> Response:
    context = {
        "shown": policies.page(sign_in_defaults(settings())),
        "groups": _groups(settings()),
        "may_change": "admin" in actor().roles,
        "error": error,
        "sent": request.form if error else {},
        "command_key": fresh_key(),
        "longest_reason": policies.LONGEST_REASON,
    }
    return make_response(render_template("system/index.html", **context), status_of(error) if error else 200)


def _groups(values: Settings) -> tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]:
    return (
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
                ("会话只经加密连接发送", "是" if values.secure_cookies else "否（仅限本机试用）", "SECURE_COOKIES"),
                ("演示城市和演示账号", "开启" if values.demo else "关闭", "DEMO"),
                ("页面上时间所用的时区", values.timezone, "TIMEZONE"),
                ("网页服务进程数", str(values.web_workers), "WEB_WORKERS"),
                ("后台进程数", str(values.workers), "WORKERS"),
            ),
        ),
    )
