"""Incidents as pages show them: the cause in words, the technical detail folded away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import NotFound
from models import reading
from models.queries import incidents as rows

PAGE = 50
KINDS: Mapping[str, str] = {
    "engine": "流程不能继续",
    "timer": "定时步骤未能执行",
    "job": "后台作业未能完成",
    "schedule": "报表未能开放",
    "no_holder": "岗位无人任职",
    "no_post": "任务未能下达",
}
ADVICE: Mapping[str, str] = {
    "engine": "请把下面的技术细节交给系统维护人员；修正后由系统管理员点“重试”。其他单位的流程不受影响。",
    "timer": "系统已多次重试未成功。请把技术细节交给系统维护人员；修正后由系统管理员点“重试”。",
    "job": "系统已多次重试未成功。请把技术细节交给系统维护人员；修正后由系统管理员点“重试”。",
    "schedule": "本期报表没有下达到有关单位。请检查单位目录与方案中的单位名称是否一致，再由系统管理员点“重试”。",
    "no_holder": "请到“人员与岗位”为该岗位安排任职。新来的任务先转给该单位主要负责人，已在该岗位名下的等任职后办理。",
    "no_post": "办理单位一个能接办的岗位都没有，流程停在这一步。请先到“人员与岗位”设岗，再由系统管理员点“重试”。",
}


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the list."""

    counts: tuple[tuple[str, str, int], ...]  # kind, title, how many are open
    rows: tuple[Any, ...]
    next_after: str


def page(closed: bool, kind: str, after: str) -> ListPage:
    """Open or closed incidents."""
    with reading() as tx:
        found = rows.page(tx, closed=closed, kind=kind if kind in KINDS else "", after=after, limit=PAGE + 1)
        counted = rows.counts(tx)
    return ListPage(
        counts=tuple((row.kind, KINDS.get(row.kind, row.kind), row.n) for row in counted),
        rows=tuple(found[:PAGE]),
        next_after=found[PAGE - 1].id if len(found) > PAGE else "",
    )


@dataclass(frozen=True, kw_only=True)
class IncidentPage:
    """One incident."""

    row: Any
    title: str
    advice: str

    @property
    def may_retry(self) -> bool:
        """Whether an administrator can let it be tried again; a vacancy settles itself."""
        return self.row.closed_at is None and self.row.kind != "no_holder"


def one(incident_id: str) -> IncidentPage:
    """One incident."""
    with reading() as tx:
        row = rows.incident(tx, incident_id)
    if row is None:
        raise NotFound("没有找到这个异常。")
    return IncidentPage(row=row, title=KINDS.get(row.kind, row.kind), advice=ADVICE.get(row.kind, ""))
