"""`make rehearse-all`: every campaign from its launch to its end, as many at once as there are cores."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from config import ROOT
from scripts.common import say

SEED, ON_TIME = "7", "0.9"
_ACTS = re.compile(r"共办理 (\d+) 件")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one rehearsal went; `told` is what it said."""

    campaign: str
    acts: str
    seconds: float
    sound: bool
    told: str


def rehearse(campaign: str) -> Outcome:
    """One campaign in a process of its own."""
    began = time.monotonic()
    command = [sys.executable, "-m", "flask", "rehearse", campaign, "--seed", SEED, "--on-time", ON_TIME]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = _ACTS.search(done.stdout)
    return Outcome(
        campaign=campaign,
        acts=found[1] if found else "0",
        seconds=time.monotonic() - began,
        sound=done.returncode == 0,
        told=done.stdout + done.stderr,
    )


def campaigns() -> list[str]:
    """The campaigns that are launched by themselves: a child is rehearsed within its programme."""
    return sorted(plan.parent.name for plan in (ROOT / "processes").glob("*/plan.yaml"))


def main() -> int:
    """Rehearse all and tell of each when it is over; 1 if one is stuck or refused."""
    failed = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for one in pool.map(rehearse, campaigns()):
            failed += not one.sound
            say(f"{'通过' if one.sound else '未通过'}　{one.campaign}　办理 {one.acts} 件　{one.seconds:.0f} 秒")
            if not one.sound:
                say(one.told)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
