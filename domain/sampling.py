"""Drawing enterprises for a spot check, so that anybody can draw again.

The list is sorted, the seed is made before anybody knows the list, and the order is a hash. With the list, the seed and
the size of a stratum (the draw's page and its JSON show all three) ten lines do it in any language:

    import hashlib
    def again(codes, seed, size):
        def place(code):
            return hashlib.sha256(f"{seed}|{code}".encode()).hexdigest()
        return sorted(sorted(codes), key=place)[:size]

The seed is the HMAC-SHA256 of `department|county|period` under the campaign's secret. The secret's SHA-256 stands in
the ledger since the launch (the seal); the secret itself is opened when the campaign is over. So a seed can neither be
chosen for its result nor be known before its draw.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

QUOTA = "qt_spot"  # the plan's quota that says how many per cent


def seal_of(secret: str) -> str:
    """What is published of a secret before it is used."""
    return hashlib.sha256(secret.encode()).hexdigest()


def seed_of(secret: str, department: str, county: str, period: str) -> str:
    """The seed of one draw: codes of the department and the county, the period's label."""
    subject = f"{department}|{county}|{period}".encode()
    return hmac.new(secret.encode(), subject, hashlib.sha256).hexdigest()


def list_digest(population: Mapping[str, str]) -> str:
    """A hash of a list (code -> stratum) that stands in the ledger since the draw."""
    lines = "\n".join(f"{code}|{population[code]}" for code in sorted(population))
    return hashlib.sha256(lines.encode()).hexdigest()


def size_of(population: int, percent: float, *, drawn: int = 0, listed: int = 0) -> int:
    """How many are drawn of a list: the share rounded up, one at least, and never less than keeps the whole share.

    `drawn` of `listed` enterprises were drawn before by the same department in the same county.
    """
    if population <= 0:
        return 0
    share = Fraction(str(percent)) / 100
    whole = math.ceil(share * (listed + population)) - drawn
    return min(population, max(1, math.ceil(share * population), whole))


def order(codes: Iterable[str], seed: str) -> list[str]:
    """The codes in the order in which they are drawn."""
    return sorted(sorted(codes), key=lambda code: hashlib.sha256(f"{seed}|{code}".encode()).hexdigest())


def shares(strata: Mapping[str, int], size: int) -> dict[str, int]:
    """How many of `size` fall to each stratum: in proportion, the rest to the largest remainders, then by name."""
    total = sum(strata.values())
    if not total:
        return dict.fromkeys(strata, 0)
    exact = {name: Fraction(count * size, total) for name, count in strata.items()}
    given = {name: math.floor(part) for name, part in exact.items()}
    rest = size - sum(given.values())
    for name in sorted(exact, key=lambda name: (given[name] - exact[name], name))[:rest]:
        given[name] += 1
    return given


def draw(population: Mapping[str, str], seed: str, size: int) -> list[str]:
    """Draw `size` codes of a list (code -> stratum), stratum by stratum, in the order of their hashes."""
    strata: dict[str, list[str]] = {}
    for code, stratum in population.items():
        strata.setdefault(stratum, []).append(code)
    wanted = shares({name: len(codes) for name, codes in strata.items()}, size)
    return order((code for name, codes in strata.items() for code in order(codes, seed)[: wanted[name]]), seed)
