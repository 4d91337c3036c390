"""Rows, their named queries and the one transaction."""

from sqlalchemy import Connection as Tx

from models.base import Base
from models.database import Database, bind, database, hurried, pipelined, reading, transaction
from models.definitions import CampaignVersion, FormVersion, ProcessDefinition, ProcessVersion
from models.directory import (
    CalendarDay,
    CalendarYear,
    Enterprise,
    Holding,
    Person,
    Policy,
    Post,
    SignedSession,
    Unit,
)
from models.ids import new_id
from models.records import (
    Answered,
    Attachment,
    Campaign,
    Draft,
    Ledger,
    Notice,
    Quota,
    Signature,
    Stage,
    Submission,
    WorkerBeat,
)
from models.running import ChildGroup, Incident, Instance, Job, Period, Schedule, Task, Timer, Wait

__all__ = [
    "Answered",
    "Attachment",
    "Base",
    "CalendarDay",
    "CalendarYear",
    "Campaign",
    "CampaignVersion",
    "ChildGroup",
    "Database",
    "Draft",
    "Enterprise",
    "FormVersion",
    "Holding",
    "Incident",
    "Instance",
    "Job",
    "Ledger",
    "Notice",
    "Period",
    "Person",
    "Policy",
    "Post",
    "ProcessDefinition",
    "ProcessVersion",
    "Quota",
    "Schedule",
    "SignedSession",
    "Signature",
    "Stage",
    "Submission",
    "Task",
    "Timer",
    "Tx",
    "Unit",
    "Wait",
    "WorkerBeat",
    "bind",
    "database",
    "hurried",
    "new_id",
    "pipelined",
    "reading",
    "transaction",
]
