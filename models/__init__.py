"""Rows, their named queries and the one transaction."""

from sqlalchemy import Connection as Tx

from models.base import Base
from models.clues import Clue, ClueReporter, Serial
from models.database import Database, bind, database, hurried, pipelined, reading, transaction
from models.definitions import CampaignVersion, FormVersion, ProcessDefinition, ProcessVersion
from models.directory import (
    CalendarDay,
    CalendarVersion,
    CalendarYear,
    Enterprise,
    Holding,
    Person,
    Policy,
    Post,
    SignedSession,
    Unit,
)
from models.hazards import Hazard, OldClue
from models.ids import new_id
from models.inspections import Disposal, DrawSeal, Finding, Inspection, Oversight, Referral, SpotCheck, SpotCheckPick
from models.items import Item
from models.measures import MeasureProgress, MeasureWork
from models.photos import Photo
from models.publications import Letter, ListSnapshot, Publication, Standing
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
from models.registers import Broadcast, ListEntry, Responsibility
from models.running import ChildGroup, Incident, Instance, Job, Period, Schedule, Task, Timer, Wait

__all__ = [
    "Answered",
    "Attachment",
    "Base",
    "Broadcast",
    "CalendarDay",
    "CalendarVersion",
    "CalendarYear",
    "Campaign",
    "CampaignVersion",
    "ChildGroup",
    "Clue",
    "ClueReporter",
    "Database",
    "Disposal",
    "Draft",
    "DrawSeal",
    "Enterprise",
    "Finding",
    "FormVersion",
    "Hazard",
    "Holding",
    "Incident",
    "Inspection",
    "Instance",
    "Item",
    "Job",
    "Ledger",
    "Letter",
    "ListEntry",
    "ListSnapshot",
    "MeasureProgress",
    "MeasureWork",
    "Notice",
    "OldClue",
    "Oversight",
    "Period",
    "Person",
    "Photo",
    "Policy",
    "Post",
    "ProcessDefinition",
    "ProcessVersion",
    "Publication",
    "Quota",
    "Referral",
    "Responsibility",
    "Schedule",
    "Serial",
    "Signature",
    "SignedSession",
    "SpotCheck",
    "SpotCheckPick",
    "Stage",
    "Standing",
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
