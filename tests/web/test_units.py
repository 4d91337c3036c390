"""单位: the directory's pages, for administrators."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

import models
from catalog.directory_data import read_directory
from domain.authority import SYSTEM
from services.directory import directory, directory_import
from tests.support.site import Signed, new_app, sign_in
from tests.support.world import beijing

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "processes" / "units" / "shanxi-luliang.yaml"
NOW = beijing("2026-11-02 09:00")


@pytest.fixture(scope="module")
def app(new_database: object, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = new_database("sqlite")  # type: ignore[operator]
    models.bind(url)
    directory_import.import_directory(SYSTEM, read_directory(FILE).with_few(1), NOW)
    return new_app(url, tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="module")
def admin(app: Flask) -> Signed:
    return sign_in(app, directory.create_admin("boss", "王某", "correct-horse-9", min_length=10, now=NOW))


def test_a_unit_is_found_by_its_alias(admin: Signed) -> None:
    page = admin.get("/people/units?q=市规自局").get_data(as_text=True)
    assert "市自然资源局" in page
    assert "共 1 个单位" in page
    assert "没有找到单位" in admin.get("/people/units?q=没有的").get_data(as_text=True)


def test_posts_and_people_are_found_by_a_units_alias(admin: Signed) -> None:
    assert "吕梁市城市管理局" in admin.get("/people/posts?q=市城管局").get_data(as_text=True)


def test_the_unit_page_shows_what_each_notice_calls_it(app: Flask, admin: Signed) -> None:
    listed = admin.get("/people/units?q=市审批局").get_data(as_text=True)
    address = listed.split('href="/people/units/')[1].split('"')[0]
    page = admin.get(f"/people/units/{address}").get_data(as_text=True)
    assert "各通知里的写法" in page
    assert "市行政审批服务管理局" in page
    assert "吕政办发〔2020〕50号" in page
    assert admin.get("/people/units/none").status_code == 404


def test_the_file_is_imported_from_the_command_line(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner()
    said = run.invoke(args=["import-units", str(FILE)])
    assert "新增单位" in said.output, said.output
    again = run.invoke(args=["import-units", str(FILE)])
    assert "新增单位 0 个、企业 0 家、岗位 0 个，更新 0 项。" in again.output
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        FILE.read_text(encoding="utf-8").replace("aliases: [市编办]", "aliases: [市交通局]"), encoding="utf-8"
    )
    refused = run.invoke(args=["import-units", str(wrong)])
    assert refused.exit_code == 1
    assert "别名“市交通局”已是单位“141100-transport”的名称或别名" in refused.output
