"""The one map from what went wrong to what is answered: a page in plain Chinese, or JSON."""

from __future__ import annotations

import traceback
from typing import Any, cast

from flask import Flask, Response, current_app, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from config import Settings
from domain.errors import (
    Busy,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    StorageFull,
    TooLarge,
)
from web.guard import ExpiredForm
from web.http import as_json, say, wants_json, wants_part
from web.logs import log, request_id

STATUS: dict[type[DomainError], int] = {
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    Invalid: 422,
    Busy: 503,
    StorageFull: 507,
}
HEADINGS = {
    400: "请求有误",
    401: "请先登录",
    403: "无权访问",
    404: "没有找到",
    405: "没有找到",
    409: "内容已有变化",
    413: "内容过大",
    422: "内容有误",
    500: "系统出错了",
    503: "系统正忙",
    507: "存储空间已满",
}
ADVICE = {
    403: "如认为您应当有权限，请联系本单位的系统管理员，并说明下面的请求编号。",
    404: "请检查地址，或回到待办重新进入。",
    409: "请刷新页面查看最新情况。您填写的内容没有提交。",
    413: "请减小文件或分次提交。",
    500: "问题已记录。请稍后再试；如再次出现，请把下面的请求编号告诉系统管理员。",
    503: "请稍候片刻再试，您的数据没有丢失。",
    507: "系统暂不能保存新内容，已有内容可以照常查看。请联系系统管理员。",
}
SENTENCES = {
    400: "浏览器发来的请求不完整或有误。",
    404: NotFound.__doc__ or "",
    405: "这个地址不接受此种操作。",
    413: TooLarge.__doc__ or "",
    500: DomainError.__doc__ or "",
}
RETRY_AFTER_SECONDS = "2"


def register(app: Flask, settings: Settings) -> None:
    """Answer every error."""
    app.register_error_handler(DomainError, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def status_of(error: DomainError) -> int:
    """The status code of a domain error; a subclass has its parent's."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def answer(error: DomainError) -> Response:
    """A domain error as JSON, a part for htmx, a redirect to the login page or an error page."""
    status = status_of(error)
    if status == 401 and not wants_json():
        return _to_login(error)
    fields = dict(error.fields) if isinstance(error, Invalid) else {}
    if isinstance(error, ExpiredForm) and not wants_json():
        return shown(status, error.message, fields, heading="页面已失效", advice="填写的内容没有提交。")
    return _finished(shown(status, error.message, fields), status)


def _http(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    response = shown(status, SENTENCES.get(status, SENTENCES[400]), {})
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _fault(error: Exception) -> Response:
    # where it happened, not what was in the variables: a message may quote what somebody typed
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("fault", id=request_id(), kind=type(error).__name__, where=where[-12:])
    return shown(500, SENTENCES[500], {})


def shown(status: int, sentence: str, fields: dict[str, str], *, heading: str = "", advice: str = "") -> Response:
    """The answer itself."""
    number = request_id()
    if wants_json():
        return as_json({"error": sentence, "fields": fields, "request_id": number}, status)
    context: dict[str, Any] = {
        "status": status,
        "heading": heading or HEADINGS.get(status, HEADINGS[500]),
        "sentence": sentence,
        "fields": fields,
        "advice": advice or ADVICE.get(status, ""),
        "request_id": number,
    }
    return Response(_page(status, context), status, content_type="text/html; charset=utf-8")


def _page(status: int, context: dict[str, Any]) -> str:
    # the frame of a page asks the database who is there and builds addresses: either may be what is broken
    if status < 500 and status != 400:
        try:
            return render_template("error_part.html" if wants_part() else "error.html", **context)
        except DomainError as fault:
            log.warning("frame", id=request_id(), kind=type(fault).__name__)
    return current_app.jinja_env.get_template("error_plain.html").render(**context)


def _finished(response: Response, status: int) -> Response:
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _to_login(error: DomainError) -> Response:
    address = url_for("account.login", next=request.full_path.rstrip("?") if request.method == "GET" else None)
    if wants_part():
        response = Response(status=204)
        response.headers["HX-Redirect"] = address
        return response
    if request.cookies:
        say("登录已过期，请重新登录。" if request.method != "GET" else error.message, "info")
    return cast(Response, redirect(address, 303))
