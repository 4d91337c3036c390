"""What each way of treating a plan's dates would bring on the day of launch, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.plan import Plan
from domain.workdays import BEIJING
from models import reading
from services.campaigns import launching
from services.campaigns.campaigns import Look
from services.plans.calendar import calendar


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What one way of treating the dates would bring on the day of launch, in numbers."""

    starts_at: datetime
    ends_at: datetime
    arrive_late: int  # tasks with a limit that has passed already
    kinds: tuple[str, ...]  # what they are called
    missed: int  # periods of recurring work whose limit has passed
    owed: int  # the same, a unit each
    stages_over: tuple[str, ...]
    stages_begun: tuple[str, ...]


def outlook(key: str, *, shift_days: int, now: datetime) -> Outlook:
    """The numbers of a launch now with dates `shift_days` later, whatever is done about what has passed."""
    with reading() as tx:
        edition = launching.newest(tx, key)
        plan = launching.shifted(edition, timedelta(days=shift_days))
        look = Look(tx, edition, plan, calendar(tx), now, "keep")
        once = [task for task in look.walk() if task.past and not task.recurring]
    return Outlook(
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        arrive_late=sum(task.units for task in once),
        kinds=tuple(dict.fromkeys(task.task for task in once)),
        missed=look.missed,
        owed=look.owed,
        stages_over=tuple(stage.name for stage in plan.stages.values() if stage.ends_at <= now),
        stages_begun=tuple(
            stage.name for stage in plan.stages.values() if (stage.starts_at or plan.starts_at) < now < stage.ends_at
        ),
    )


def weeks_to(plan: Plan, day: date) -> int:
    """By how many whole weeks the plan moves so that its first week is the one of this day."""
    first = plan.starts_at.astimezone(BEIJING).date()
    return ((day - timedelta(days=day.weekday())) - (first - timedelta(days=first.weekday()))).days // 7
