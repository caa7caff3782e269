"""The explanation of a scenario, for people in sentences, for machines as one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import typer

from planner.cli.figures import figure, share
from planner.cli.voice import Voice
from planner.errors import ExitCode, Problem
from planner.reasons.explaining import CostedRepair
from planner.runs.explaining import Explained

_TOLD = {
    True: "There is a plan: nothing needs to be repaired.",
    False: "No plan keeps all rules:",
    None: "It was not told in time whether there is a plan: give more time with --time-limit.",
}


def exit_code(explained: Explained) -> ExitCode:
    """Fine where there is a plan, infeasible where there is none."""
    codes = {
        True: ExitCode.FINE, False: ExitCode.INFEASIBLE, None: ExitCode.STOPPED_WITHOUT_PLAN,
    }  # fmt: skip
    return codes[explained.explanation.feasible]


def show_explanation(voice: Voice, explained: Explained, code: ExitCode) -> None:
    """Reasons with names, then the repairs, cheapest first."""
    found = explained.explanation
    voice.say(_TOLD[found.feasible])
    _show_reasons(voice, found.reasons)
    if found.feasible is False and not found.repairs:
        voice.warn("No repair was found: other sites, seats or compounds would be needed.")
    for number, (costed, file) in enumerate(
        zip(found.repairs, explained.files, strict=True), start=1
    ):
        cheapest = ", the cheapest there is" if number == 1 and costed.repair.cheapest else ""
        voice.say(f"\nRepair {number}{cheapest}: {file}")
        for c in costed.repair.changes:
            beyond = "" if c.then in ("taken away", "false") else f", by {share(c.share)}"
            voice.say(f"  {c.key} ({c.rank}): {c.now} → {c.then}{beyond}")
        _show_cost(voice, costed)
    if explained.page is not None:
        voice.say(f"\nDrawn: {explained.page}")
    voice.emit(_object(explained, code))
    if not voice.json:
        for file in explained.files:
            typer.echo(str(file))


def _show_reasons(voice: Voice, reasons: Sequence[Problem]) -> None:
    for reason in reasons:
        voice.say(f"  {reason.where}: {reason.message}" if reason.where else f"  {reason.message}")
        if reason.hint:
            voice.say(f"      {reason.hint}")


def _show_cost(voice: Voice, costed: CostedRepair) -> None:
    plan = costed.places
    if plan is None:
        voice.say("  Places are not touched.")
    elif plan.figures is None:
        voice.say("  It has a plan; which is the best was not found in time.")
    else:
        known = plan.figures
        gap = max((level.gap for level in plan.levels), default=0.0)
        voice.say(
            f"  Its plan ({plan.status}, gap {share(gap)}): "
            f"{figure(known.places_short)} places short, {figure(known.way_pupil_m)} pupil-metres, "
            f"{figure(known.pupils_changing_school)} pupils change school, "
            f"{figure(known.cost_yuan)} yuan"
        )


def _object(explained: Explained, code: ExitCode) -> dict[str, Any]:
    found = explained.explanation
    statuses = {True: "FEASIBLE", False: "INFEASIBLE", None: "NO_SOLUTION_IN_TIME"}
    return {
        "status": statuses[found.feasible],
        "exit_code": int(code),
        "folder": None if explained.folder is None else str(explained.folder),
        "page": None if explained.page is None else str(explained.page),
        "reasons": {
            name: [_entry(problem) for problem in getattr(found, name)]
            for name in ("locks", "places", "boundaries")
        },
        "repairs": [
            {
                "file": str(file),
                "cheapest": costed.repair.cheapest,
                "changes": [asdict(change) for change in costed.repair.changes],
                "places": _places(costed),
            }
            for costed, file in zip(found.repairs, explained.files, strict=True)
        ],
        "problems": [_entry(problem) for problem in found.reasons],
    }


def _places(costed: CostedRepair) -> dict[str, Any] | None:
    plan = costed.places
    if plan is None:
        return None
    return {
        "status": plan.status,
        "levels": [asdict(level) for level in plan.levels],
        "figures": None if plan.figures is None else asdict(plan.figures),
        "built": dict(plan.built),
    }


def _entry(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), "ids": list(problem.ids)}
