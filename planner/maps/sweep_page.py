"""The page of a sweep: parallel coordinates, a trade-off curve, a table; one file, no network."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from planner.maps.inlining import escape_json
from planner.maps.plain_page import plain_page
from planner.plan.meanings import Pair, meaning_of, part_words
from planner.plan.sweep_table import JUDGED, SweepRow, SweepTable
from planner.scenario.model import Scenario

STATUS_WORDS: dict[str, Pair] = {
    "OPTIMAL": ("已证明最优", "proven optimal"),
    "FEASIBLE": ("可行", "feasible"),
    "INFEASIBLE": ("无可行方案", "infeasible"),
    "NO_SOLUTION_IN_TIME": ("限时内未得方案", "no plan in time"),
    "INVALID_DATA": ("数据不可用", "data cannot be used"),
    "INVALID_SCENARIO": ("情景无效", "scenario not valid"),
    "BROKEN": ("核验未通过", "verification failed"),
}


def sweep_page(scenario: Scenario, table: SweepTable, *, total: int) -> str:
    """The page as HTML; `total` is how many runs were asked for, recorded or not."""
    data = {
        "keys": list(table.keys),
        "figures": [_figure(scenario, name) for name in table.figures],
        "shown": [name for name in JUDGED if name in table.figures],
        "rows": [_row(row) for row in table.rows],
    }
    return plain_page(
        "sweep.html", scenario, styles=(), scripts=("sweep.js",),
        done=len(table.rows),
        total=total,
        efficient=sum(row.efficient for row in table.rows),
        data=Markup(escape_json(json.dumps(data, ensure_ascii=False, allow_nan=False))),
    )  # fmt: skip


def _figure(scenario: Scenario, name: str) -> dict[str, Any]:
    key, _, part = name.partition(".")
    services = {key: (s.name.zh, s.name.en) for key, s in scenario.services.items()}
    meaning, (zh, en) = meaning_of(key), part_words("" if part == "total" else part, services)
    return {
        "name": name,
        "zh": meaning.name[0] + (f"（{zh}）" if zh else ""),
        "en": meaning.name[1] + (f" ({en})" if en else ""),
        "unitZh": meaning.unit[0],
        "unitEn": meaning.unit[1],
        "direction": int(meaning.direction),
        "scale": 100 if meaning.unit[1] == "%" else 1,
    }


def _row(row: SweepRow) -> dict[str, Any]:
    zh, en = STATUS_WORDS.get(row.status, (row.status, row.status))
    return {
        "id": row.id, "values": dict(row.values), "statusZh": zh, "statusEn": en,
        "map": f"{row.run_dir}/map.html" if row.run_dir else "", "problem": row.problem,
        "figures": dict(row.figures), "efficient": row.efficient, "seconds": row.seconds,
    }  # fmt: skip
