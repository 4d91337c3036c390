"""常设事项 as pages show it: what somebody may start, the list of items, one item with its course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain import clauses
from domain.authority import Actor, HeldPost
from domain.errors import Forbidden, NotFound
from domain.plan import StandingProcess
from domain.signs import Sign
from models import Tx, reading
from models.queries import items as rows
from services import excel
from services._pages import PAGE, following, position
from services._scope import paths_of, units_of
from services.plans.launched import Home, campaigns_of, home, home_of
from services.plans.versions import process_of
from services.running.instances import LIVE
from services.standing import items
from services.tasks import task_page
from services.tasks.task_page import HandedIn

STATES = {
    "open": Sign("open", "办理中", "blue", "clock"),
    "done": Sign("done", "已办结", "green", "ok"),
    "withdrawn": Sign("withdrawn", "已撤回", "grey", "dash"),
    "cancelled": Sign("cancelled", "已取消", "grey", "dash"),
    "failed": Sign("failed", "异常", "red", "alert"),
}
HEAD = ("编号", "事项", "名称", "发起单位", "发起时间", "状态", "结果", "办理环节", "办结时间")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of item of one campaign."""

    campaign_id: str
    entry: StandingProcess
    texts: tuple[str, ...]  # the clause's sentences
    who: str  # who may start one, in words
    may_start: bool
    steps: tuple[str, ...]
    open: int
    done: int


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A running campaign with what may be started in it."""

    id: str
    name: str
    document_number: str
    kinds: tuple[Kind, ...]
    may_repeal: bool


def offers(actor: Actor) -> tuple[Campaign, ...]:
    """What the actor may start, and what others start that they see; campaigns that have neither are left out."""
    with reading() as tx:
        homes = _homes(tx, actor, running=True)
        wanted = _wanted(actor, homes, Filters())
        counts = rows.counts(tx, wanted)
        return tuple(_campaign(tx, actor, found, counts) for found in homes)


def _homes(tx: Tx, actor: Actor, *, running: bool = False) -> list[Home]:
    """The campaigns of the actor's city that have standing processes."""
    found = [home_of(tx, row) for row in campaigns_of(tx, actor) if row.status == "running" or not running]
    return [one for one in found if one.plan.standing]


def _campaign(tx: Tx, actor: Actor, found: Home, counts: Mapping[tuple[str, str, str], int]) -> Campaign:
    office = any(post.role == "office" and post.unit_id == found.row.owner_unit_id for post in actor.in_use)
    return Campaign(
        id=found.row.id,
        name=found.short_title,
        document_number=found.plan.document_number,
        kinds=tuple(_kind(tx, actor, found, entry, counts) for entry in found.plan.standing.values()),
        may_repeal=office and items.may_repeal(tx, found),
    )


def _kind(
    tx: Tx, actor: Actor, found: Home, entry: StandingProcess, counts: Mapping[tuple[str, str, str], int]
) -> Kind:
    plan, key = found.plan, (found.row.id, entry.id)
    elements = process_of(tx, found.edition, entry.process).elements.values()
    return Kind(
        campaign_id=found.row.id,
        entry=entry,
        texts=() if entry.clause == "product" else clauses.texts(plan.raw, entry.clause),
        who=f"{plan.units[entry.started_by].name} · {plan.posts[entry.post].name}",
        may_start=found.row.status == "running" and bool(items.posts_for(tx, actor, plan, entry)),
        steps=tuple(one.name for one in elements if one.kind in ("userTask", "callActivity")),
        open=sum(counts.get((*key, status), 0) for status in LIVE),
        done=counts.get((*key, "ended"), 0),
    )


def counted(tx: Tx, actor: Actor, found: Home) -> tuple[tuple[str, str, int, int], ...]:
    """What is started item by item in one campaign, as far as the actor sees it: key, name, open, done."""
    if not found.plan.standing:
        return ()
    counts = rows.counts(tx, _wanted(actor, [found], Filters()))
    kinds = [_kind(tx, actor, found, entry, counts) for entry in found.plan.standing.values()]
    return tuple((f"{kind.campaign_id}/{kind.entry.id}", kind.entry.name, kind.open, kind.done) for kind in kinds)


@dataclass(frozen=True, kw_only=True)
class NewPage:
    """Starting an item: the kind, and the posts by which the actor may."""

    campaign: str
    kind: Kind
    posts: tuple[HeldPost, ...]


def new(actor: Actor, campaign_id: str, kind: str) -> NewPage:
    """What the start page shows; Forbidden for whom the plan does not name."""
    with reading() as tx:
        found = home(tx, campaign_id)
        entry = items.entry_of(found.plan, kind)
        posts = items.posts_for(tx, actor, found.plan, entry)
        shown = _kind(tx, actor, found, entry, {})
        if not posts:
            raise Forbidden(f"“{entry.name}”由{shown.who}发起，您的岗位不能发起。")
        return NewPage(campaign=found.short_title, kind=shown, posts=tuple(posts))


# -- the list ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see; `after` is where the page begins."""

    text: str = ""
    state: str = ""
    campaign_id: str = ""
    kind: str = ""
    unit_id: str = ""
    mine: bool = False
    after: str = ""

    @property
    def any(self) -> bool:
        return bool(self.text or self.state or self.campaign_id or self.kind or self.unit_id or self.mine)


@dataclass(frozen=True, kw_only=True)
class Line:
    """An item of the list: how it stands, how it came out, what it waits for."""

    row: Any
    kind: str
    campaign: str
    sign: Sign
    result: str
    waits: tuple[Any, ...]

    @property
    def step(self) -> str:
        """Where it stands, in words."""
        return "；".join(f"{task.name}（{task.unit}）" for task in self.waits)


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of items with what can be chosen above it."""

    lines: tuple[Line, ...]
    kinds: tuple[tuple[str, str], ...]  # `campaign/kind`, words
    units: tuple[Any, ...]
    next_after: str


def page(actor: Actor, filters: Filters) -> ListPage:
    """Items of units the actor sees, those that came to their unit, and their own."""
    with reading() as tx:
        homes = _homes(tx, actor)
        wanted = _wanted(actor, homes, filters)
        found = rows.page(tx, wanted, PAGE + 1)
        return ListPage(
            lines=tuple(_lines(tx, homes, found[:PAGE])),
            kinds=tuple(
                (f"{one.row.id}/{entry.id}", f"{entry.name}（{one.short_title}）" if len(homes) > 1 else entry.name)
                for one in homes
                for entry in one.plan.standing.values()
            ),
            units=tuple(rows.units(tx, _wanted(actor, homes, Filters()))),
            next_after=following(found, "started_at"),
        )


def sheet(actor: Actor, filters: Filters) -> excel.Sheet:
    """The whole list as a table."""
    with reading() as tx:
        homes = _homes(tx, actor)
        found = rows.page(tx, _wanted(actor, homes, filters), excel.LIMIT + 1)
        cells = [_cells(line) for line in _lines(tx, homes, found)]
    return excel.Sheet(title="事项清单", head=HEAD, rows=cells)


def _cells(line: Line) -> tuple[Any, ...]:
    row = line.row
    about = (row.number, line.kind, row.title, row.unit, row.started_at)
    return (*about, line.sign.word, line.result, line.step, row.ended_at)


def _wanted(actor: Actor, homes: Sequence[Home], filters: Filters) -> rows.Wanted:
    campaigns = [one.row.id for one in homes]
    return rows.Wanted(
        campaigns=[one for one in campaigns if filters.campaign_id in ("", one)],
        paths=paths_of(actor),
        units=units_of(actor),
        text=filters.text.strip(),
        kind=filters.kind,
        state=filters.state if filters.state in STATES and filters.state != "failed" else "",
        unit_id=filters.unit_id,
        before=position(filters.after),
        mine=str(actor.person_id) if filters.mine else "",
    )


def _lines(tx: Tx, homes: Sequence[Home], found: Sequence[Any]) -> list[Line]:
    by_id = {one.row.id: one for one in homes}
    waiting = rows.standing_at(tx, [row.instance_id for row in found if row.status in LIVE])
    return [_line(by_id[row.campaign_id], row, waiting.get(row.instance_id, ())) for row in found]


def _line(found: Home, row: Any, waits: Sequence[Any]) -> Line:
    entry = found.plan.standing.get(row.kind)
    ended = row.status == "ended" and entry is not None
    said = str((row.variables or {}).get(entry.result or "") or "") if entry and ended else ""
    return Line(
        row=row,
        kind=entry.name if entry else row.kind,
        campaign=found.short_title,
        sign=_sign(row),
        result=entry.results.get(said, "") if entry else "",
        waits=tuple(waits),
    )


def _sign(row: Any) -> Sign:
    if row.withdrawn_at is not None:
        return STATES["withdrawn"]
    return STATES[{"running": "open", "ended": "done"}.get(row.status, row.status)]


# -- one item ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class ItemPage:
    """One item: how it stands, what was handed in on the way, who may take it back."""

    row: Any
    line: Line
    entry: StandingProcess
    texts: tuple[str, ...]
    before: tuple[HandedIn, ...]
    own_task: str  # an open task of it that the actor holds
    may_withdraw: bool


def one(actor: Actor, item_id: str) -> ItemPage:
    """An item that concerns the actor: their unit's, one that came to it, or their own."""
    with reading() as tx:
        row = visible(tx, actor, item_id)
        found = home(tx, row.campaign_id)
        entry = items.entry_of(found.plan, row.kind)
        waits = rows.standing_at(tx, [row.instance_id]).get(row.instance_id, []) if row.status in LIVE else []
        return ItemPage(
            row=row,
            line=_line(found, row, waits),
            entry=entry,
            texts=() if entry.clause == "product" else clauses.texts(found.plan.raw, entry.clause),
            before=_before(tx, row),
            own_task=next((task.id for task in waits if actor.post(task.post_id)), ""),
            may_withdraw=items.hindered(tx, actor, row, row.status) is None,
        )


def visible(tx: Tx, actor: Actor, item_id: str) -> Any:
    """The item's row; NotFound, or Forbidden for whom it does not concern."""
    row = rows.item(tx, item_id)
    if row is None:
        raise NotFound("没有找到这个事项。")
    own = row.started_by is not None and row.started_by == actor.person_id
    if not own and not actor.sees(row.unit_path) and not rows.came_to(tx, row.instance_id, units_of(actor)):
        raise Forbidden("该事项不在您的数据范围内，也没有经您的单位办理。")
    return row


def first_task(actor: Actor, item_id: str) -> str:
    """The open task of a fresh item that its starter goes on with; empty where somebody else is next."""
    with reading() as tx:
        row = visible(tx, actor, item_id)
        waits = rows.standing_at(tx, [row.instance_id]).get(row.instance_id, [])
        return next((task.id for task in waits if actor.post(task.post_id)), "")


def _before(tx: Tx, row: Any) -> tuple[HandedIn, ...]:
    """What was handed in along the whole course, in order."""
    found: list[HandedIn] = []
    for instance_id in rows.course(tx, row.instance_id):
        found += task_page.handed_in(tx, instance_id)
    return tuple(sorted(found, key=lambda each: (each.row.submitted_at, each.row.task_id)))
