"""抽查复核: every draw made again from its list and its seed, and held against what was kept elsewhere.

A draw's own rows could be changed together and still agree. So its list is held against the ledger's digest and the
inspections that are recorded, its seed against the sealed secret, its size against the draws before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain import sampling
from domain.ledger import Tag
from domain.plan import Plan
from models import Tx
from models.queries import spot_checks as rows
from models.queries import units as unit_rows
from services.oversight import spot_checks
from services.plans.sectors import sectors_led

# a visit that was being written while the draw was made comes into the next one
WRITING = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One draw made again: `again` is what list and seed give, `differences` are sentences, none where all agrees."""

    row: Any
    population: tuple[tuple[str, str], ...]  # code, sector
    picks: tuple[Any, ...]
    again: tuple[str, ...]
    size_again: int
    seed_again: str
    differences: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.differences

    @property
    def drawn(self) -> tuple[str, ...]:
        """The codes that were drawn, in their order."""
        return tuple(pick.code for pick in self.picks)


def proofs(tx: Tx, campaign_id: str, plan: Plan) -> list[Proof]:
    """Every draw of a campaign made again, the oldest first."""
    draws = rows.draws(tx, campaign_id)
    known = _Known.of(tx, campaign_id, plan, draws)
    return [_proof(known, row) for row in draws]


@dataclass(frozen=True)
class _Known:
    """What draws are held against."""

    plan: Plan
    seal: Any
    sealed: tuple[str, ...]  # seals in the ledger
    events: Mapping[str, Any]  # draw id -> what the ledger kept
    draws: Sequence[Any]
    picks: Mapping[str, Sequence[Any]]
    inspected: Mapping[tuple[str, str], Mapping[str, Any]]  # department, county -> code -> row

    @classmethod
    def of(cls, tx: Tx, campaign_id: str, plan: Plan, draws: Sequence[Any]) -> _Known:
        picks: dict[str, list[Any]] = {}
        for pick in rows.picks(tx, [row.id for row in draws]):
            picks.setdefault(pick.spot_check_id, []).append(pick)
        return cls(
            plan=plan,
            seal=rows.seal(tx, campaign_id),
            sealed=tuple(event.data["seal"] for event in rows.events(tx, campaign_id, Tag.SPOT_CHECK_SEAL.value)),
            events={
                event.data["spot_check"]: event.data
                for event in rows.events(tx, campaign_id, Tag.SPOT_CHECK_DRAW.value)
            },
            draws=draws,
            picks=picks,
            inspected=_inspected(tx, campaign_id, plan, draws),
        )

    def same(self, row: Any) -> list[Any]:
        """The draws of the same department in the same county."""
        return [one for one in self.draws if (one.department_id, one.county_id) == (row.department_id, row.county_id)]


def _inspected(tx: Tx, campaign_id: str, plan: Plan, draws: Sequence[Any]) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    if not draws:
        return found
    end = max(row.drawn_at for row in draws)
    for department_id in {row.department_id for row in draws}:
        sectors = sectors_led(plan, unit_rows.unit(tx, department_id))
        for row in rows.inspected(tx, campaign_id, sectors, end):
            found.setdefault((department_id, row.county_id), {})[row.code] = row
    return found


def _proof(known: _Known, row: Any) -> Proof:
    population = tuple((str(code), str(sector)) for code, sector in row.population)
    picks = tuple(sorted(known.picks.get(row.id, ()), key=lambda pick: pick.position))
    before = [one for one in known.same(row) if one.drawn_at < row.drawn_at]
    size = spot_checks.size_after(len(population), spot_checks.percent_of(known.plan), before)
    again = tuple(sampling.draw(spot_checks.strata_of(known.plan, population), row.seed, row.size))
    seed = sampling.seed_of(known.seal.secret, row.department_code, row.county_code, row.period) if known.seal else ""
    proof = Proof(
        row=row,
        population=population,
        picks=picks,
        again=again,
        size_again=size,
        seed_again=seed,
        differences=(),
    )
    differences = [*_of_draw(proof), *_of_seed(known, proof), *_of_ledger(known, proof), *_of_list(known, proof)]
    return Proof(**{**vars(proof), "differences": tuple(differences)})


def _of_draw(proof: Proof) -> list[str]:
    row, found = proof.row, []
    if row.size != proof.size_again:
        found.append(f"应抽 {proof.size_again} 家，记录为 {row.size} 家")
    if proof.drawn != proof.again:
        lacking = [code for code in proof.again if code not in proof.drawn]
        strange = [code for code in proof.drawn if code not in proof.again]
        words = "；".join(
            part
            for part in (
                f"按名单和种子应抽到而没有：{'、'.join(lacking)}" if lacking else "",
                f"不应抽到：{'、'.join(strange)}" if strange else "",
            )
            if part
        )
        found.append(words or "抽中企业的先后次序与种子不符")
    return found


def _of_seed(known: _Known, proof: Proof) -> list[str]:
    found = []
    if known.seal is None:
        return ["没有封存的种子密钥"]
    if proof.row.seed != proof.seed_again:
        found.append("种子与封存的密钥不符")
    if sampling.seal_of(known.seal.secret) != proof.row.seal or proof.row.seal not in known.sealed:
        found.append("封存值与台账记载不符")
    return found


def _of_ledger(known: _Known, proof: Proof) -> list[str]:
    event = known.events.get(proof.row.id)
    if event is None:
        return ["台账中没有这次抽取的记载"]
    kept = {
        "名单": (event["list"], sampling.list_digest(dict(proof.population))),
        "抽取数量": (event["size"], proof.row.size),
        "种子": (event["seed"], proof.row.seed),
        "抽中企业": (tuple(event["drawn"]), proof.drawn),
    }
    return [f"{name}与抽取时台账所记不一致" for name, (then, now) in kept.items() if then != now]


def _of_list(known: _Known, proof: Proof) -> list[str]:
    """The list against the inspections that counties have recorded."""
    row = proof.row
    inspected = known.inspected.get((row.department_id, row.county_id), {})
    listed = {code for code, _ in proof.population}
    strange = sorted(code for code in listed if code not in inspected or not _recorded(inspected[code], row.drawn_at))
    later = [one for one in known.same(row) if one.drawn_at > row.drawn_at]
    elsewhere = {code for one in later for code, _ in one.population}
    lacking = sorted(
        code
        for code, one in inspected.items()
        if row.since <= one.first_recorded_at < row.drawn_at
        and code not in listed | elsewhere
        and (later or one.first_recorded_at < row.drawn_at - WRITING)
    )
    found = []
    if strange:
        found.append(f"名单中的企业没有县级检查记录：{'、'.join(strange)}")
    if lacking:
        found.append(f"县级检查过而不在名单中：{'、'.join(lacking)}")
    return found


def _recorded(one: Any, before: datetime) -> bool:
    return bool(one.first_recorded_at < before)


# -- what anybody needs to draw again ----------------------------------------------------------------------------------
def document(proof: Proof, plan: Plan, seal: Any) -> dict[str, Any]:
    """A draw as JSON: everything that is needed to draw again, and how."""
    row = proof.row
    opened = bool(seal and seal.opened_at)
    strata = spot_checks.strata_of(plan, proof.population)
    counts: dict[str, int] = {}
    for stratum in strata.values():
        counts[stratum] = counts.get(stratum, 0) + 1
    return {
        "department": {"code": row.department_code, "name": row.department},
        "county": {"code": row.county_code, "name": row.county},
        "period": row.period,
        "drawn_at": row.drawn_at,
        "percent": spot_checks.percent_of(plan),
        "population": [{"code": code, "sector": sector, "stratum": strata[code]} for code, sector in proof.population],
        "strata": [
            {"stratum": name, "population": counts[name], "size": size}
            for name, size in sampling.shares(counts, row.size).items()
        ],
        "size": row.size,
        "seed": row.seed,
        "seal": row.seal,
        "secret": seal.secret if opened else None,
        "secret_opened_at": seal.opened_at if opened else None,
        "drawn": list(proof.drawn),
        "recomputed": list(proof.again),
        "differences": list(proof.differences),
        "method": METHOD,
    }


# what the page says first; METHOD below is for whoever draws again
PLAIN_METHOD = (
    "随机抽取，事先无法知道、事后可以核对：行动启动时生成一把密钥并封存，只公布它的封存值；"
    "每周星期一，系统用密钥和部门、县（区、市）、期次算出本次的种子，再用种子给名单上的每家单位排出先后，"
    "按行业领域分配名额，各取排在最前的若干家。行动结束后公开密钥，任何人都可以用同一份名单和种子重新抽取，看结果是否一致。"
)
METHOD = (
    "各行业领域（stratum）内，单位代码（code）按 sha256(种子 seed + '|' + code) 的十六进制升序排列，取前 size 个；"
    "各行业领域的名额 size 按家数比例分配，余数按最大余数法，再按名称；"
    "种子 seed = HMAC-SHA256(密钥 secret, 部门代码 + '|' + 县（区、市）代码 + '|' + 期次)，"
    "封存值 seal = sha256(密钥 secret)；"
    "行动结束后公布密钥。"
)
