"""`make bench`: what a completion costs, beside the bare library in the same minutes; a table and var/bench.json.

Rounds: in each the library alone, then every measurement. A ratio is taken inside one round; what is shown are medians
over the rounds. CPU is that of web server, worker and database server together. One database at a time is up.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterable
from typing import Any

from bench import approval, fan_out, raw
from bench.city import database_folder
from bench.house import BACKENDS, House, leave_in_order, open_house

ROUNDS = 5
# width -> campaigns a round; the widest is measured in some rounds only
WIDTHS = {13: 4, 130: 1, 1300: 1}
WIDEST_ROUNDS = 3
W1 = {1: 80, 4: 25}  # clients -> instances of each
WARM_UP = 5
TARGETS = (
    "目标：W1 CPU 比值 SQLite ≤10；PostgreSQL 1 客户端 ≤16、4 客户端 ≤13；≥150 件/秒；W2 增长 ≤1.2，13 单位 ≤1.5×W1"
)


def main() -> int:
    """The command."""
    asked = _arguments()
    leave_in_order()
    rounds = {name: _rounds(name, asked) for name in asked.backends}
    result = _summary(rounds, asked)
    print(_table(result))
    runs = [run for of_one in rounds.values() for found in of_one for run in found.values()]
    gates = [run.gate_seconds for run in runs if isinstance(run, fan_out.Run)]
    print(f"\n最后一个下级办结到关口打开：最慢 {max(gates):.2f} 秒（目标 ≤3）")
    target = database_folder() / "bench.json"
    target.write_text(json.dumps(result, indent=2) + "\n")
    print(f"\n{TARGETS}\n已写入 {target}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS))
    parser.add_argument("--widths", nargs="+", type=int, choices=list(WIDTHS), default=list(WIDTHS))
    return parser.parse_args()


def _rounds(name: str, asked: argparse.Namespace) -> list[dict[str, Any]]:
    with open_house(name, largest=max(asked.widths)) as house:
        fan_out.measure(house, 13)
        return [_round(number, house, asked) for number in range(asked.rounds)]


def _round(number: int, house: House, asked: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {"raw": raw.w1_cpu_ms()}
    for clients, instances in W1.items():
        approval.measure(house, clients=clients, instances=WARM_UP)
        found[f"w1_c{clients}"] = approval.measure(house, clients=clients, instances=instances)
    for width in asked.widths:
        if width < max(WIDTHS) or number < WIDEST_ROUNDS:
            found[f"w2_{width}"] = fan_out.measure(house, width, times=WIDTHS[width])
    bare, one, four = found["raw"], found["w1_c1"].cpu_ms, found["w1_c4"].cpu_ms
    print(
        f"{house.backend} 第 {number + 1} 轮：raw {bare:.3f} ms，W1 {one:.2f} ms（{one / bare:.1f}x），"
        f"4 客户端 {four:.2f} ms（{four / bare:.1f}x），负载 {os.getloadavg()[0]:.1f}",
        file=sys.stderr,
    )
    return found


# -- the summary -------------------------------------------------------------------------------------------------------
def _summary(rounds: dict[str, list[dict[str, Any]]], asked: argparse.Namespace) -> dict[str, Any]:
    result: dict[str, Any] = {"raw": {"w1_cpu_ms": _median(r["raw"] for of_one in rounds.values() for r in of_one)}}
    for name, of_one in rounds.items():
        result[name] = {
            "w1": _w1(of_one, "w1_c1"),
            "w1_c4": _w1(of_one, "w1_c4"),
            "w2": {str(width): _w2(of_one, width) for width in asked.widths},
        }
        narrow, wide = str(min(asked.widths)), str(max(asked.widths))
        growth = result[name]["w2"][wide]["cpu_ms"] / result[name]["w2"][narrow]["cpu_ms"]
        result[name]["w2"]["growth"] = round(growth, 3)
    return result


def _w1(rounds: list[dict[str, Any]], what: str) -> dict[str, float]:
    def over(of: Callable[[dict[str, Any], approval.Run], float]) -> float:
        return _median(of(r, r[what]) for r in rounds)

    return {
        "cpu_ms": over(lambda _, run: run.cpu_ms),
        "per_s": over(lambda _, run: run.per_s),
        "p50_ms": over(lambda _, run: run.p50_ms),
        "p95_ms": over(lambda _, run: run.p95_ms),
        "ratio": over(lambda r, run: run.cpu_ms / r["raw"]),
    }


def _w2(rounds: list[dict[str, Any]], width: int) -> dict[str, float]:
    runs: list[fan_out.Run] = [r[f"w2_{width}"] for r in rounds if f"w2_{width}" in r]
    return {
        "cpu_ms": _median(run.cpu_ms for run in runs),
        "bytes": _median(run.bytes for run in runs),
        "p50_ms": _median(run.p50_ms for run in runs),
        "p95_ms": _median(run.p95_ms for run in runs),
    }


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


def _table(result: dict[str, Any]) -> str:
    lines = [f"原始 SpiffWorkflow（内存，不存盘）W1：{result['raw']['w1_cpu_ms']:.3f} ms CPU/件", ""]
    lines.append(f"{'':22}{'CPU ms':>9}{'比值':>7}{'件/秒':>8}{'p50 ms':>9}{'p95 ms':>9}{'字节/件':>9}")
    for name, found in result.items():
        if name == "raw":
            continue
        for what, title in (("w1", "W1 1 客户端"), ("w1_c4", "W1 4 客户端")):
            row = found[what]
            lines.append(
                f"{name + ' ' + title:20}{row['cpu_ms']:9.2f}{row['ratio']:9.1f}{row['per_s']:10.0f}"
                f"{row['p50_ms']:9.1f}{row['p95_ms']:9.1f}"
            )
        for width, row in found["w2"].items():
            if width != "growth":
                lines.append(
                    f"{f'{name} W2 {width}':22}{row['cpu_ms']:9.2f}{'':17}{row['p50_ms']:11.1f}{row['p95_ms']:9.1f}"
                    f"{row['bytes']:11.0f}"
                )
        lines.append(f"{name} W2 增长 {found['w2']['growth']:.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
