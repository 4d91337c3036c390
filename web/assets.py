"""Addresses of static files: hashed islands from the build's manifest, our own files with their content's mark."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache, partial
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_from_directory
from markupsafe import Markup
from werkzeug.security import safe_join

from config import Settings

_DIST = "dist"
_YEAR = "public, max-age=31536000, immutable"


def register(app: Flask, settings: Settings) -> None:
    """Templates get `asset(name)` and `island(name)`."""
    folder = Path(app.static_folder or "")
    manifest = _read_manifest(folder / _DIST / "manifest.json")
    mark = lru_cache(maxsize=None)(lambda name: _mark(folder / name))

    root = app.static_url_path

    def asset(name: str) -> str:
        return f"{root}/{name}?v={mark(name)}"

    def island(name: str) -> Markup:
        return _tags(manifest, f"web/islands/{name}.js", f"{root}/{_DIST}/")

    app.jinja_env.globals.update(asset=asset, island=island)
    app.view_functions["static"] = partial(_given, folder)
    app.after_request(_cache)


def _given(folder: Path, filename: str) -> Response:
    """A static file, packed where the build has packed it and the browser can unpack it."""
    packed = f"{filename}.gz"
    if request.accept_encodings["gzip"] and not filename.endswith(".gz") and _is_below(folder, packed):
        response = send_from_directory(folder, packed, mimetype=guess_type(filename)[0])
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = send_from_directory(folder, filename)
    response.vary.add("Accept-Encoding")
    return response


def _is_below(folder: Path, name: str) -> bool:
    path = safe_join(str(folder), name)
    return path is not None and Path(path).is_file()


def _cache(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        hashed = "v" in request.args or "/assets/" in request.path
        response.headers["Cache-Control"] = _YEAR if hashed else "public, max-age=60"
    return response


def _mark(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "missing"


def _read_manifest(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _tags(manifest: dict[str, Any], entry: str, root: str) -> Markup:
    """The island's style sheets and its script; nothing where the build has not made it."""
    if entry not in manifest:
        return Markup()
    styles = dict.fromkeys(_styles(manifest, entry, set()))
    link = Markup('<link rel="stylesheet" href="{}">')
    script = Markup('<script type="module" src="{}"></script>')
    tags = [link.format(root + name) for name in styles]
    return Markup().join([*tags, script.format(root + manifest[entry]["file"])])


def _styles(manifest: dict[str, Any], entry: str, seen: set[str]) -> list[str]:
    if entry in seen:
        return []
    seen.add(entry)
    chunk = manifest[entry]
    inner = [name for other in chunk.get("imports", ()) for name in _styles(manifest, other, seen)]
    return [*inner, *chunk.get("css", ())]
