"""The comparison of runs, for people as tables and sentences, for machines as one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from planner.cli.figures import figure
from planner.cli.voice import Voice
from planner.errors import ExitCode
from planner.plan.difference import Difference, IndicatorRow
from planner.plan.meanings import DIRECTIONS, VERDICTS, Verdict
from planner.plan.story import figure as indicator_figure
from planner.runs.comparing import Comparison, GateResult

_FLOWS_SHOWN = 12
_SIGNS = {
    Verdict.BETTER: "▲ better", Verdict.WORSE: "▼ worse", Verdict.SAME: "",
    Verdict.OTHER: "different", Verdict.UNKNOWN: "not comparable",
}  # fmt: skip


def show_comparison(
    voice: Voice,
    comparison: Comparison,
    gates: Sequence[GateResult],
    code: ExitCode,
    page: Path | None = None,
) -> None:
    """Tables and the story for people; the whole comparison as the object of ``--json``."""
    names = [run.name for run in comparison.runs]
    for run in comparison.runs:
        kept = "all promises kept" if not run.broken else f"{run.broken} promises BROKEN"
        voice.say(f"{run.name}: {run.plan.scenario}, {run.plan.status}, {kept}")
    voice.show(_asked_table(comparison, names))
    voice.show(_indicator_table(comparison.indicators, names))
    for name, found, sentences in zip(
        names[1:], comparison.differences, comparison.stories, strict=True
    ):
        voice.say(f"\n{name} against {names[0]}:")
        voice.say(*(f"  {en}" for _, en in sentences), *(f"  {zh}" for zh, _ in sentences))
        if any(not flow.stays for flow in found.flows):
            voice.show(_flow_table(found))
        for only, where in ((found.only_before, names[0]), (found.only_after, name)):
            if only:
                voice.say(f"  Only in {where}: {', '.join(only[:10])}")
    for result in gates:
        told = f"{result.gate.text}: {figure(result.value)} in {result.run}"
        if result.failed:
            voice.warn(f"✗ gate failed: {told}")
        else:
            voice.say(f"✓ gate held: {told}")
    if page is not None:
        voice.say(f"\nMaps side by side: {page}")
    voice.emit(comparison_object(comparison, gates, code, page))


def comparison_object(
    comparison: Comparison, gates: Sequence[GateResult], code: ExitCode, page: Path | None = None
) -> dict[str, Any]:
    """The object of ``planner compare --json``; everything is against the first run."""
    names = [run.name for run in comparison.runs]
    same = all(not found.moves and not found.schools for found in comparison.differences)
    return {
        "status": "SAME" if same else "DIFFERENT",
        "exit_code": int(code),
        "map": None if page is None else str(page),
        "runs": [
            {
                "name": run.name, "run_dir": str(run.path), "scenario": run.plan.scenario,
                "status": run.plan.status.value, "gap": run.plan.gap, "broken": run.broken,
            }
            for run in comparison.runs
        ],
        "asked": [
            {"key": key, "values": dict(zip(names, values, strict=True))}
            for key, values in comparison.asked.items()
        ],
        "indicators": [_row_object(row, names) for row in comparison.indicators],
        "differences": [
            {"run": name, **_difference_object(found),
             "story": [{"zh": zh, "en": en} for zh, en in sentences]}
            for name, found, sentences in zip(
                names[1:], comparison.differences, comparison.stories, strict=True
            )
        ],
        "gates": [
            {"condition": r.gate.text, "run": r.run, "value": r.value, "failed": r.failed}
            for r in gates
        ],
        "problems": [],
    }  # fmt: skip


def _asked_table(comparison: Comparison, names: Sequence[str]) -> Table:
    table = Table(title="Asked differently", title_justify="left")
    table.add_column("value", overflow="fold")
    for name in names:
        table.add_column(name, overflow="fold")
    for key, values in comparison.asked.items():
        table.add_row(key, *(_plain(value) for value in values))
    if not comparison.asked:
        table.add_row("nothing", *("" for _ in names))
    return table


def _indicator_table(rows: Sequence[IndicatorRow], names: Sequence[str]) -> Table:
    table = Table(title="Indicators", title_justify="left")
    table.add_column("indicator", overflow="fold")
    table.add_column("better if", overflow="fold")
    for name in names:
        table.add_column(name, justify="right", overflow="fold")
    for row in rows:
        label = row.meaning.name[1] + (f", {row.part}" if row.part else "")
        unit = row.meaning.unit[1]
        cells = [indicator_figure(row, row.values[0])]
        for value, change, verdict in zip(
            row.values[1:], row.changes[1:], row.verdicts[1:], strict=True
        ):
            more = "" if change is None or verdict is Verdict.SAME else (
                f" ({'+' if change > 0 else ''}{indicator_figure(row, change)}) {_SIGNS[verdict]}"
            )  # fmt: skip
            cells.append(f"{indicator_figure(row, value)}{more}")
        direction = {-1: "less", 0: "", 1: "more"}[int(row.meaning.direction)]
        table.add_row(f"{label}, {unit}" if unit else label, direction, *cells)
    return table


def _flow_table(found: Difference) -> Table:
    """The largest flows that are no staying."""
    table = Table(title="Largest flows", title_justify="left")
    for column in ("what", "from", "to"):
        table.add_column(column)
    table.add_column("how many", justify="right")
    table.add_column("compounds", overflow="fold")
    flows = [flow for flow in found.flows if not flow.stays]
    largest = sorted(flows, key=lambda f: (-f.amount, f.kind, f.service, f.before, f.after))
    for flow in largest[:_FLOWS_SHOWN]:
        unit = "pupils" if flow.kind == "school" else "people"
        what = f"{flow.kind} ({flow.service})" if flow.service else flow.kind
        listed = ", ".join(flow.compounds[:6]) + (" …" if len(flow.compounds) > 6 else "")
        table.add_row(what, flow.before, flow.after, f"{flow.amount:,.0f} {unit}", listed)
    return table


def _row_object(row: IndicatorRow, names: Sequence[str]) -> dict[str, Any]:
    return {
        "name": row.name,
        "direction": DIRECTIONS[row.meaning.direction][1],
        "title": dict(zip(("zh", "en"), row.meaning.name, strict=True)),
        "unit": row.meaning.unit[1],
        "meaning": dict(zip(("zh", "en"), row.meaning.meaning, strict=True)),
        "values": dict(zip(names, row.values, strict=True)),
        "changes": dict(zip(names, row.changes, strict=True)),
        "verdicts": {
            name: VERDICTS[verdict][1] for name, verdict in zip(names, row.verdicts, strict=True)
        },
    }


def _difference_object(found: Difference) -> dict[str, Any]:
    return {
        "schools": [
            {"id": change.id,
             "before": None if change.before is None else asdict(change.before),
             "after": None if change.after is None else asdict(change.after)}
            for change in found.schools
        ],
        "moves": [asdict(move) for move in found.moves],
        "flows": [asdict(flow) | {"compounds": list(flow.compounds)} for flow in found.flows],
        "only_before": list(found.only_before),
        "only_after": list(found.only_after),
    }  # fmt: skip


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return figure(value) if isinstance(value, int | float) and not isinstance(value, bool) else (
        str(value)
    )  # fmt: skip
