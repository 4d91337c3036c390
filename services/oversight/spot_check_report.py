"""`flask spot-check verify`: every draw made again, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import NotFound
from models import Tx, reading
from models.queries import campaigns as campaign_rows
from services.oversight.spot_check_proof import Proof, proofs
from services.plans.versions import campaign_facts, edition_of, plan_of


@dataclass(frozen=True, kw_only=True)
class Report:
    """Lines to print, and whether every draw agrees."""

    lines: tuple[str, ...]
    sound: bool


def verify(campaign_id: str | None = None, draw_id: str | None = None) -> Report:
    """Make the draws of all campaigns (or one, or one draw) again; NotFound for what there is not."""
    with reading() as tx:
        found = [row for row in campaign_rows.campaigns(tx) if campaign_id in (None, row.id, row.key)]
        if campaign_id and not found:
            raise NotFound(f"没有编号或名称为“{campaign_id}”的行动。")
        checked = [(row, _proofs(tx, row)) for row in found]
    lines: list[str] = []
    seen: list[Proof] = []
    for row, all_proofs in checked:
        chosen = [proof for proof in all_proofs if draw_id in (None, proof.row.id)]
        if chosen or draw_id is None:
            lines.append(f"{row.name}：共 {len(chosen)} 次抽取")
        lines += [line for proof in chosen for line in _lines(proof)]
        seen += chosen
    if draw_id and not seen:
        raise NotFound(f"没有编号为“{draw_id}”的抽取。")
    wrong = sum(not proof.sound for proof in seen)
    lines.append(f"复核 {len(seen)} 次抽取，{f'{wrong} 次不一致' if wrong else '全部一致'}。")
    return Report(lines=tuple(lines), sound=not wrong)


def _proofs(tx: Tx, row: object) -> list[Proof]:
    edition = edition_of(tx, row.version_id)  # type: ignore[attr-defined]
    campaign_id: str = row.id  # type: ignore[attr-defined]
    return proofs(tx, campaign_id, plan_of(edition, campaign_facts(tx, campaign_id, edition)))


def _lines(proof: Proof) -> list[str]:
    row = proof.row
    listed, drawn = len(proof.population), len(proof.drawn)
    head = f"  {row.period} {row.department} 抽 {row.county}：名单 {listed} 家，抽中 {drawn} 家"
    if proof.sound:
        return [f"{head}，一致"]
    return [f"{head}，不一致（编号 {row.id}）", *(f"    {sentence}" for sentence in proof.differences)]
