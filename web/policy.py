"""Who may call which route: one row a route. A route without a row is refused, and fails a test.

`roles` is decided here, before the view runs. `relation` names the check on the object itself, which its service makes
in the transaction that reads or writes it:

* none    no object, or a list that holds only what one may see
* self    one's own account
* holder  one holds the post the object is addressed to
* scope   the object's unit lies in one's data scope
* reader  holder or scope
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.authority import Actor

ROLES = frozenset({"staff", "leader", "office", "enterprise", "admin", "auditor"})
RELATIONS = frozenset({"none", "self", "holder", "scope", "reader"})


@dataclass(frozen=True)
class Rule:
    """`roles=None`: everyone, signed in or not. An empty set: everyone who is signed in, with or without a post."""

    roles: frozenset[str] | None
    relation: str = "none"

    def allows(self, actor: Actor | None) -> bool:
        """Whether this actor may come in; the object's own check comes later."""
        if self.roles is None:
            return True
        return actor is not None and (not self.roles or bool(self.roles & actor.roles))


def only(*roles: str, relation: str = "none") -> Rule:
    """A rule for holders of posts with one of these roles."""
    return Rule(frozenset(roles), relation)


def signed_in(relation: str = "none") -> Rule:
    """A rule for everyone who is signed in."""
    return Rule(frozenset(), relation)


PUBLIC = Rule(None)
# who works on campaigns and looks at them, each within their data scope
STAFF = ("staff", "leader", "office", "auditor")

POLICY: dict[str, Rule] = {
    "static": PUBLIC,
    # account
    "account.login": PUBLIC,
    "account.logout": signed_in("self"),
    "account.password": signed_in("self"),
    "account.profile": signed_in("self"),
    "account.act_for": signed_in("self"),
    "account.look_at": signed_in("self"),
    # inbox and tasks
    "inbox.home": signed_in(),
    "inbox.todo": signed_in(),
    "inbox.done": signed_in("self"),
    "task.show": signed_in("reader"),
    "task.diagram": signed_in("reader"),
    "task.draft": signed_in("holder"),
    "task.complete": signed_in("holder"),
    "attachments.add": signed_in("holder"),
    "attachments.of_task": signed_in("reader"),
    "attachments.download": signed_in("reader"),
    "attachments.preview": signed_in("reader"),
    "attachments.remove": signed_in("holder"),
    "photos.add": only("staff", "leader", "office", "enterprise", relation="scope"),
    "photos.show": only(*STAFF, "enterprise", relation="scope"),
    "photos.remove": only("staff", "leader", "office", "enterprise", relation="scope"),
    "api.tasks": signed_in(),
    "api.task": signed_in("reader"),
    "api.complete": signed_in("holder"),
    "processes.start": only("office", "admin", relation="scope"),
    # standing processes: whom the plan names starts an item, and takes it back
    "standing.index": only(*STAFF, "enterprise"),
    "standing.new": only("staff", "leader", "office", "enterprise"),
    "standing.start": only("staff", "leader", "office", "enterprise"),
    "standing.items": only(*STAFF, "enterprise"),
    "standing.export": only(*STAFF, "enterprise"),
    "standing.show": only(*STAFF, "enterprise", relation="reader"),
    "standing.withdraw": only("staff", "leader", "office", "enterprise", relation="self"),
    "standing.repeal": only("office", relation="scope"),
    # campaigns
    "campaigns.index": only(*STAFF),
    "campaigns.plans": only("office"),
    "campaigns.preview": only("office"),
    "campaigns.launch": only("office"),
    "campaigns.show": only(*STAFF),
    "campaigns.unit": only(*STAFF, relation="scope"),
    "liaisons.paper": only(*STAFF, relation="scope"),
    "liaisons.export": only(*STAFF, relation="scope"),
    "instances.show": only(*STAFF, "admin", "enterprise", relation="scope"),
    "instances.diagram": only(*STAFF, "admin", "enterprise", relation="scope"),
    # statements, enterprises, commitments
    "statements.index": only(*STAFF),
    "statements.export": only(*STAFF),
    "statements.roll_up": only(*STAFF),
    "statements.roll_up_export": only(*STAFF),
    "statements.workbook": only(*STAFF, relation="scope"),
    "statements.roll_up_details": only(*STAFF),
    "statements.late": only(*STAFF),
    "statements.show": only(*STAFF, relation="scope"),
    "statements.cases": only(*STAFF, relation="scope"),
    "statements.details": only(*STAFF, relation="scope"),
    "statements.behind": only(*STAFF, relation="scope"),
    "statements.of_instance": only(*STAFF, relation="scope"),
    "enterprises.index": only(*STAFF),
    "enterprises.export": only(*STAFF),
    "enterprises.show": only(*STAFF, "enterprise", relation="scope"),
    "commitments.index": only(*STAFF, "enterprise"),
    "commitments.export": only(*STAFF, "enterprise"),
    "commitments.show": only(*STAFF, "enterprise", relation="scope"),
    "commitments.paper": only(*STAFF, "enterprise", relation="scope"),
    "commitments.public": PUBLIC,
    # lists
    "lists.index": only(*STAFF),
    "lists.export": only(*STAFF),
    "lists.months": only(*STAFF),
    "lists.new": only("staff", "leader", "office"),
    "lists.add": only("staff", "leader", "office", relation="scope"),
    "lists.entry": only(*STAFF, relation="scope"),
    "lists.change": only("staff", "leader", "office", relation="scope"),
    "lists.settle": only("staff", "leader", "office", relation="scope"),
    "lists.template": only("staff", "leader", "office"),
    "lists.take": only("staff", "leader", "office", relation="scope"),
    # summaries and briefings
    "briefings.index": only(*STAFF),
    "briefings.show": only(*STAFF),
    # spot checks and rankings
    "spot_checks.index": only(*STAFF),
    "spot_checks.export": only(*STAFF),
    "spot_checks.verify": only(*STAFF),
    "spot_checks.show": only(*STAFF, relation="scope"),
    "spot_checks.paper": only(*STAFF, relation="scope"),
    "rankings.index": only(*STAFF),
    "rankings.show": only(*STAFF, relation="scope"),
    "rankings.export": only(*STAFF, relation="scope"),
    "rankings.unit": only(*STAFF, relation="scope"),
    # measures: the words of a measure are everybody's, its work is shown within the data scope
    "measures.index": only(*STAFF, "enterprise"),
    "measures.export": only(*STAFF, "enterprise"),
    "measures.export_allocation": only(*STAFF, "enterprise"),
    "measures.show": only(*STAFF, "enterprise"),
    "measures.note": only("staff", "leader", "office", "enterprise", relation="holder"),
    # inspections, findings, disposals, oversight
    "inspections.index": only(*STAFF),
    "inspections.export": only(*STAFF),
    "inspections.progress": only(*STAFF),
    "inspections.to_do": only(*STAFF),
    "inspections.new": only("staff", "office", relation="scope"),
    "inspections.record": only("staff", "office", relation="scope"),
    "inspections.show": only(*STAFF, "enterprise", relation="scope"),
    "findings.index": only(*STAFF),
    "findings.export": only(*STAFF),
    "findings.show": only(*STAFF, "enterprise", relation="scope"),
    "findings.decide": only("staff", "leader", "office", relation="scope"),
    "findings.transfer": only("staff", "leader", "office", relation="scope"),
    "findings.answer": only("staff", "office", relation="scope"),
    "disposals.index": only(*STAFF),
    "disposals.export": only(*STAFF),
    "disposals.new": only("staff", "leader", "office"),
    "disposals.add": only("staff", "leader", "office"),
    "responsibility.index": only(*STAFF),
    "responsibility.export": only(*STAFF),
    "responsibility.new": only("staff", "leader", "office"),
    "responsibility.add": only("staff", "leader", "office", relation="scope"),
    "responsibility.end": only("staff", "leader", "office", relation="scope"),
    "publicity.index": only(*STAFF),
    "publicity.export": only(*STAFF),
    "publicity.new": only("staff", "leader", "office"),
    "publicity.add": only("staff", "leader", "office", relation="scope"),
    "oversight.index": only(*STAFF),
    "oversight.export": only(*STAFF),
    "oversight.new": only("office"),
    "oversight.open_": only("office"),
    "oversight.show": only(*STAFF, relation="scope"),
    # sign-off
    "sign_offs.index": only("leader", "office", "enterprise", "auditor"),
    "sign_offs.show": signed_in("reader"),
    "sign_offs.sign": signed_in("holder"),
    # publications
    "publications.public": PUBLIC,
    "publications.public_item": PUBLIC,
    "publications.index": only(*STAFF),
    "publications.show": only(*STAFF, relation="scope"),
    "publications.withdraw": only("office", relation="scope"),
    # clues
    "clues.index": only(*STAFF),
    "clues.export": only(*STAFF),
    "letters.index": only(*STAFF),
    "letters.export": only(*STAFF),
    "letters.papers": only(*STAFF),
    "letters.show": only(*STAFF, relation="scope"),
    "letters.paper": only(*STAFF, relation="scope"),
    "clues.new": only("office", "staff"),
    "clues.hand_over": only("office"),
    "clues.show": only(*STAFF, relation="scope"),
    "clues.classify": only("office"),
    "clues.reject": only("office"),
    "clues.refer": only("office", "staff", "leader", relation="scope"),
    "clues.answer": only("office", "staff", "leader", relation="scope"),
    "clues.reveal": only("office", relation="holder"),
    "public_clues.report": PUBLIC,
    "public_clues.receipt": PUBLIC,
    # hazards
    "hazards.index": only(*STAFF, "enterprise"),
    "hazards.export": only(*STAFF, "enterprise"),
    "hazards.new": only("staff", "leader", "office", "enterprise", relation="scope"),
    "hazards.show": only(*STAFF, "enterprise", relation="scope"),
    "hazards.reopen": only("staff", "leader", "office", relation="scope"),
    # clues of the last three years
    "old_clues.index": only(*STAFF),
    "old_clues.export": only(*STAFF),
    "old_clues.template": only("staff", "leader", "office"),
    "old_clues.take": only("staff", "leader", "office"),
    "old_clues.show": only(*STAFF, relation="scope"),
    "old_clues.dispose": only("staff", "leader", "office", relation="scope"),
    # gates
    "gates.index": only("leader", "office", "auditor"),
    "gates.show": only("leader", "office", "auditor", relation="reader"),
    "gates.sign": only("leader", relation="holder"),
    # administration
    "people.index": only("admin"),
    "people.new": only("admin"),
    "people.show": only("admin"),
    "people.change": only("admin"),
    "people.reset": only("admin"),
    "people.units": only("admin"),
    "people.unit": only("admin"),
    "people.posts": only("admin"),
    "people.post": only("admin"),
    "people.give": only("admin"),
    "people.end": only("admin"),
    "calendar.index": signed_in(),
    "calendar.show": signed_in(),
    "calendar.enter": only("admin", "office"),
    "calendar.set_day": only("admin", "office"),
    "incidents.index": only("admin", "office", "auditor"),
    "incidents.show": only("admin", "office", "auditor"),
    "incidents.retry": only("admin"),
    "audit.index": only("admin", "auditor"),
    "audit.export": only("admin", "auditor"),
    "system.index": only("admin", "auditor"),
    "system.change": only("admin"),
    # help and health
    "help.index": signed_in(),
    "health.alive": PUBLIC,
    "health.ready": PUBLIC,
}
