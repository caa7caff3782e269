"""Comparing stored runs: what was asked differently, what came of it, and who moves."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.errors import DataError, Problem, UsageError
from planner.plan.difference import (
    KINDS,
    Difference,
    IndicatorRow,
    amounts_of,
    difference_of,
    indicator_rows,
)
from planner.plan.meanings import Pair
from planner.plan.plan import Plan
from planner.plan.story import story
from planner.scenario.keys import nearest
from planner.scenario.model import Scenario
from planner.scenario.values_by_key import values_by_key
from planner.store.run_check import verify_run
from planner.store.run_folder import read_run
from planner.territory.build import build_territory
from planner.territory.layers import Layers
from planner.territory.territory import Territory

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
    ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_GATE = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(>=|<=|==|!=|>|<)\s*(\S+)\s*")
_NOT_ASKED = ("name", "title.zh", "title.en", "data", "solving.threads")


@dataclass(frozen=True)
class ComparedRun:
    """A stored run, read whole."""

    name: str
    """Of its folder."""
    path: Path
    scenario: Scenario
    layers: Layers
    territory: Territory
    plan: Plan
    record: Mapping[str, Any]
    broken: int
    """Promises that verification found broken."""


@dataclass(frozen=True)
class Gate:
    """A condition that must not hold for any run after the first."""

    text: str
    name: str
    sign: str
    limit: float


@dataclass(frozen=True)
class GateResult:
    """A gate at one run."""

    gate: Gate
    run: str
    value: float
    failed: bool


@dataclass(frozen=True)
class Comparison:
    """Runs side by side; every later one against the first."""

    runs: tuple[ComparedRun, ...]
    asked: Mapping[str, tuple[Any, ...]]
    """Values that were asked differently, by dotted key and run; None where there is no such."""
    indicators: tuple[IndicatorRow, ...]
    differences: tuple[Difference, ...]
    """Of the runs after the first."""
    stories: tuple[tuple[Pair, ...], ...]
    """Of the runs after the first, in Chinese and English."""


def compare(paths: Sequence[Path]) -> Comparison:
    """Read the runs and compare each with the first.

    Raises UsageError for fewer than two or for what is no run folder, DataError for a run of
    which a part cannot be read.
    """
    if len(paths) < 2:
        raise UsageError("compare needs at least two runs: planner compare RUN_A RUN_B")
    runs = tuple(_named_apart([_read(path) for path in paths]))
    first = runs[0]
    rows = indicator_rows([run.plan for run in runs])
    differences = tuple(
        difference_of(first.plan, run.plan, amounts_of(run.territory, run.scenario))
        for run in runs[1:]
    )
    stories = tuple(
        story(found, rows, later=n, schools=_school_names(first, run), services=_services(run))
        for n, (run, found) in enumerate(zip(runs[1:], differences, strict=True), start=1)
    )
    return Comparison(runs, _asked(runs), rows, differences, stories)


def read_gates(texts: Sequence[str]) -> tuple[Gate, ...]:
    """Each ``indicator>number``; raises UsageError for one that cannot be read."""
    gates = []
    for text in texts:
        match = _GATE.fullmatch(text)
        limit = _number(match.group(3)) if match else None
        if match is None or limit is None:
            message = f"--fail-if {text}: must be like pupils_changing_school>300"
            raise UsageError(Problem("", message, f"signs are {', '.join(OPERATORS)}"))
        gates.append(Gate(text, match.group(1), match.group(2), limit))
    return tuple(gates)


def judge(comparison: Comparison, gates: Sequence[Gate]) -> tuple[GateResult, ...]:
    """Every gate at every run after the first; raises UsageError for a name that is no figure."""
    results = []
    for n, run in enumerate(comparison.runs[1:], start=1):
        figures = dict(_figures(comparison, n))
        for gate in gates:
            if gate.name not in figures:
                close = nearest(gate.name, list(figures))
                hint = f"nearest figure '{close}'" if close else f"figures: {', '.join(figures)}"
                message = f"--fail-if {gate.text}: there is no figure '{gate.name}' in {run.name}"
                raise UsageError(Problem("", message, hint))
            value = figures[gate.name]
            failed = OPERATORS[gate.sign](value, gate.limit)
            results.append(GateResult(gate, run.name, value, failed))
    return tuple(results)


def _read(path: Path) -> ComparedRun:
    run = read_run(path)
    problems = [Problem(str(run.path), text, "compare whole runs") for text in run.problems]
    if problems or run.scenario is None or run.layers is None or run.plan is None:
        raise DataError(problems)
    territory = build_territory(run.scenario, run.layers)
    broken = len(verify_run(path).broken)
    return ComparedRun(
        run.path.name, run.path, run.scenario, run.layers, territory, run.plan, run.record, broken
    )


def _named_apart(runs: Sequence[ComparedRun]) -> Iterator[ComparedRun]:
    """Runs of one name in several folders are called by their paths."""
    names = [run.name for run in runs]
    for run in runs:
        alone = names.count(run.name) == 1
        yield run if alone else ComparedRun(**{**vars(run), "name": str(run.path)})


def _asked(runs: Sequence[ComparedRun]) -> dict[str, tuple[Any, ...]]:
    tables = [values_by_key(run.scenario) for run in runs]
    keys = dict.fromkeys(key for table in tables for key in table)
    # an empty mapping is the same as none: its entries are rows of their own
    rows = {
        key: tuple(None if (value := table.get(key)) in ({}, []) else value for table in tables)
        for key in keys
    }
    return {
        key: values
        for key, values in rows.items()
        if key not in _NOT_ASKED
        and not key.startswith("layers")
        and any(value != values[0] for value in values[1:])
    } | _layers_apart(runs)


def _layers_apart(runs: Sequence[ComparedRun]) -> dict[str, tuple[Any, ...]]:
    """Layers of which the runs keep different copies, by the first digits of their hashes."""
    hashes: list[dict[str, str]] = []
    for run in runs:
        stated = run.record.get("sha256", {})
        files = {key: str(value)[:12] for key, value in stated.items() if key.startswith("layers/")}
        hashes.append(files)
    names = sorted({name for files in hashes for name in files})
    rows = {name: tuple(files.get(name) for files in hashes) for name in names}
    return {key: row for key, row in rows.items() if any(value != row[0] for value in row)}


def _figures(comparison: Comparison, n: int) -> Iterator[tuple[str, float]]:
    """What a gate may name at run n: indicators, their changes, and who moves from the first."""
    for row in comparison.indicators:
        value, change = row.values[n], row.changes[n]
        for name in (row.name, row.key) if row.part == "total" else (row.name,):
            if value is not None:
                yield name, value
            if change is not None:
                yield f"change.{name}", change
    difference = comparison.differences[n - 1]
    services = comparison.runs[n].scenario.services
    for kind in KINDS:
        yield f"moved.{kind}", difference.moved(kind)
        if kind == "school":
            yield from ((f"moved.school.{s}", difference.moved(kind, s)) for s in services)


def _school_names(*runs: ComparedRun) -> dict[str, Pair]:
    names: dict[str, Pair] = {}
    for run in runs:
        for key, row in run.territory.schools[["name", "name_en"]].iterrows():
            names[str(key)] = (str(row["name"]), str(row["name_en"]))
    return names


def _services(run: ComparedRun) -> dict[str, Pair]:
    return {key: (s.name.zh, s.name.en) for key, s in run.scenario.services.items()}


def _number(text: str) -> float | None:
    try:
        return float(text.replace("_", "").replace(",", ""))
    except ValueError:
        return None
