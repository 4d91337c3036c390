"""The menu: what each role finds in it, what is marked, what stays folded."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from tests.support.site import Signed, as_holder, new_person, new_post, new_unit, sign_in
from tests.web.conftest import COUNTY
from web.navigation import AT_FIRST, NAVIGATION, OPENED
from web.policy import POLICY, ROLES

ENTRIES = [entry for group in NAVIGATION for entry in group.entries]
TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
GROUP = re.compile(r'<details class="nav-group" data-group="(\w+)"( open)?', re.ASCII)


def menu(page: str) -> str:
    return page[page.index('<nav id="nav"') : page.index("</nav>")]


def groups(page: str) -> dict[str, bool]:
    """Group -> whether it stands open."""
    return {key: bool(opened) for key, opened in GROUP.findall(menu(page))}


def test_no_two_entries_look_alike() -> None:
    for seen in (Counter(entry.icon for entry in ENTRIES), Counter(entry.title for entry in ENTRIES)):
        assert seen.most_common(1)[0][1] == 1, seen.most_common(1)
    drawings = (TEMPLATES / "icons.html").read_text(encoding="utf-8")
    assert [entry.icon for entry in ENTRIES if f'"{entry.icon}":' not in drawings] == []


def test_every_list_that_a_person_opens_is_in_the_menu() -> None:
    lists = {name for name in POLICY if name.endswith(".index")}
    reached = {entry.endpoint for entry in ENTRIES} | {"gates.index"}  # gates stand among what is to be signed
    assert lists - reached == set()


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_finds_what_it_may_open(app: Flask, role: str) -> None:
    unit_id, _ = new_unit("某地")
    person_id = new_person(role)
    new_post(unit_id, f"kind_{role}", role, person_id)
    browser = sign_in(app, person_id)
    shown = menu(browser.get("/help").text)
    for entry in ENTRIES:
        rule = POLICY[entry.endpoint]
        there = f'<span class="nav-title">{entry.title}</span>' in shown
        assert there == (not rule.roles or role in rule.roles), entry.title
    for address in re.findall(r'class="nav-entry" href="([^"]+)"', shown):
        assert browser.get(address).status_code == 200, address


@pytest.mark.parametrize(
    ("path", "title"),
    [("/hazards", "隐患"), ("/old-clues", "近三年线索"), ("/inbox/done", "待办"), ("/help", "使用帮助")],
)
def test_one_entry_is_marked_and_its_group_stands_open(liaison: Signed, path: str, title: str) -> None:
    liaison.client.set_cookie(OPENED, "")
    page = liaison.get(path).text
    marked = re.findall(r'aria-current="page">.*?class="nav-title">(.*?)<', menu(page), re.DOTALL)
    assert marked == [title]
    inside = {group.key for group in NAVIGATION if title in {entry.title for entry in group.entries} and group.key}
    assert {key for key, opened in groups(page).items() if opened} == inside


def test_folding_is_remembered_and_nonsense_is_not(app: Flask) -> None:
    browser = as_holder(app, COUNTY, "liaison")
    assert {key for key, opened in groups(browser.get("/help").text).items() if opened} == AT_FIRST
    browser.client.set_cookie(OPENED, "reports.clues.<b>." + "x" * 50)
    page = browser.get("/help").text
    assert {key for key, opened in groups(page).items() if opened} == {"reports", "clues"}
    assert "<b>" not in menu(page)


def test_a_short_menu_is_not_folded(app: Flask) -> None:
    unit_id, _ = new_unit("某企业")
    person_id = new_person("企业")
    new_post(unit_id, "kind_short", "enterprise", person_id)
    assert all(groups(sign_in(app, person_id).get("/help").text).values())


def test_a_folded_group_says_how_much_waits_inside(liaison: Signed) -> None:
    liaison.client.set_cookie(OPENED, "")
    shown = menu(liaison.get("/help").text)
    heading = re.search(r"<span>我的工作</span><span class=\"nav-folded\">(.*?)</summary>", shown, re.DOTALL)
    assert heading is not None
    assert "nav-badge" in heading[1]
