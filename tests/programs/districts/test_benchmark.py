"""The benchmark runner: what is published is compared, and never enters a solve."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import districting_runner
from tests.benchmarks.districting_files import COLUMNS
from tests.benchmarks.measuring import Measured

ROWS = [
    ("moment", "squared_distance_moment", "yes", "60000"),
    ("hops", "hop_moment", "yes", "6"),
    ("cut", "cut_edges", "yes", "6"),
    ("plans", "count_plans", "yes", "10"),
    ("any", "feasible", "yes", "feasible"),
]
"""Name, objective, contiguous, and what three cells by three cut into three are worth."""


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(function: Callable[..., Any], *arguments: Any) -> Measured:
        return Measured(function(*arguments), None, 0.0, 0.0)

    monkeypatch.setattr(districting_runner, "measured", measured)


def folder(tmp_path: Path, published: dict[str, str]) -> Path:
    nodes = [{"id": 3 * y + x, "x": x, "y": y, "pop": 1} for y in range(3) for x in range(3)]
    edges = [[i, i + 1] for i in range(9) if i % 3 < 2] + [[i, i + 3] for i in range(6)]
    (tmp_path / "g.json").write_text(json.dumps({"nodes": nodes, "edges": edges}))
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow([*COLUMNS, "published", "status", "peer_seconds"])
        for name, kind, contiguous, value in ROWS:
            told = published.get(name, value)
            out.writerow([name, "g.json", 3, 3, 3, kind, contiguous, told, "proven", "1"])
    return tmp_path


def ran(tmp_path: Path, published: dict[str, str], *more: str) -> tuple[int, list[dict[str, Any]]]:
    file = tmp_path / "rows.json"
    place = str(folder(tmp_path, published))
    code = districting_runner.main([place, "--json", str(file), *more])
    return code, json.loads(file.read_text())


def test_rows_agree_with_what_is_published(tmp_path: Path) -> None:
    code, rows = ran(tmp_path, {})
    assert code == 0
    assert {row["status"] for row in rows} == {"OPTIMAL"}
    assert [str(row["objective"]).removesuffix(".0") for row in rows] == [r[3] for r in ROWS]


def test_a_proven_value_that_is_not_the_published_one_is_an_error(tmp_path: Path) -> None:
    for name, wrong in (("cut", "5"), ("plans", "11"), ("any", "infeasible")):
        code, rows = ran(tmp_path, {name: wrong}, "--only", name)
        assert code == 1
        assert rows[0]["published"] in (wrong, float(wrong) if wrong.isdigit() else wrong)


def test_results_are_the_same_without_what_is_published(tmp_path: Path) -> None:
    _, known = ran(tmp_path, {})
    code, blank = ran(tmp_path, {name: "" for name, *_ in ROWS})
    assert code == 0
    same = ("instance", "objective", "bound", "status", "method")
    assert [[row[key] for key in same] for row in known] == [
        [row[key] for key in same] for row in blank
    ]
