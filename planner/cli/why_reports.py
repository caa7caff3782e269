"""The answers to ``why``, for people as tables and sentences, for machines as one object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from planner.cli.figures import figure, share
from planner.cli.voice import Voice
from planner.errors import ExitCode
from planner.reasons.case import Case
from planner.reasons.levels import Change
from planner.reasons.places import Figures
from planner.reasons.why_community import CommunityAnswer
from planner.reasons.why_compound import CompoundAnswer, ServedBy
from planner.reasons.why_school import OtherPlan, SchoolAnswer

Show = Callable[[Voice, ExitCode], None]
_VERDICTS = {
    "OUTPRICED": "outpriced", "TIED": "as good", "IMPOSSIBLE": "impossible",
    "FORBIDDEN": "forbidden", "UNKNOWN": "not told in time", "NOT_SOLVED": "not solved",
}  # fmt: skip
_LEVELS = {
    "places_short": "places short", "way": "shortest way",
    "pupils_changing_school": "change school", "cost_yuan": "cost",
    "population_deviation": "deviation", "squared_distance_to_seat": "squared distance",
    "border_and_change": "border and change",
}  # fmt: skip


def compound_teller(case: Case, answer: CompoundAnswer) -> Show:
    """Tells why a compound goes to its schools."""

    def show(voice: Voice, code: ExitCode) -> None:
        voice.say(f"{case.name(answer.compound)} in {case.name(answer.community)}")
        for served in answer.services:
            _show_served(voice, case, served)
        voice.say(
            "Solved again: the assignment of the service, with the schools and classes of the "
            "plan; other compounds may go elsewhere. Boundaries and grids were not."
        )
        voice.emit(_object("compound", answer.compound, code, asdict(answer)))

    return show


def school_teller(case: Case, answer: SchoolAnswer) -> Show:
    """Tells what a school or site is worth."""

    def show(voice: Voice, code: ExitCode) -> None:
        served = ", ".join(f"{n:,.0f} {service} pupils" for service, n in answer.served.items())
        told = {"left": "left without a school", "existing": "stands and stays as it is"}
        what = told.get(answer.kind, answer.kind)
        voice.say(f"{case.name(answer.school)}: {what}; serves {served}")
        if answer.left is not None:
            voice.say(
                f"Nearer for {answer.left.nearer_pupils:,.0f} pupils than their school "
                f"(at most {answer.left.saved_pupil_m:,.0f} pupil-metres of walking less)."
            )
        for other in answer.others:
            _show_other(voice, case, answer.figures, other)
        voice.say("Solved again: all places. Boundaries and grids were not.")
        voice.say(f"Changes are against {against(case)}.")
        voice.emit(
            _object("school", answer.school, code, asdict(answer)) | {"against": case.against}
        )

    return show


def community_teller(case: Case, answer: CommunityAnswer) -> Show:
    """Tells why a community belongs to its subdistrict."""

    def show(voice: Voice, code: ExitCode) -> None:
        today = "as today" if answer.today == answer.subdistrict else f"today {answer.today}"
        voice.say(
            f"{case.name(answer.community)}, {answer.population:,} people: "
            f"{case.name(answer.subdistrict)} ({today})"
        )
        table = _table(f"{answer.community} elsewhere", ("subdistrict", "verdict"))
        solved = [choice for choice in answer.choices if choice.changes]
        names = ("population_deviation", "squared_distance_to_seat", "border_and_change")
        for name in names:
            table.add_column(_LEVELS[name], justify="right")
        table.add_column("others moved", justify="right")
        for choice in solved:
            changes = {change.level: change for change in choice.changes}
            table.add_row(
                f"{choice.subdistrict}{'' if choice.in_plan else ' (not in the plan)'}",
                _VERDICTS[choice.verdict],
                *(signed(changes[n].change) for n in names),
                str(len(choice.moved)),
            )
        if solved:
            voice.show(table)
        for choice in answer.choices:
            _say_reason(voice, choice.subdistrict, choice.verdict, choice.reason)
        voice.say("Solved again: subdistricts, over the plan's communities and schools.")
        voice.emit(_object("community", answer.community, code, asdict(answer)))

    return show


def against(case: Case) -> str:
    """Whose levels changes are told from, in words."""
    if case.against == "run":
        return "the run's levels"
    return "the levels of the plan that decides places and boundaries one after the other"


def change_table(changes: Sequence[Change], title: str) -> Table:
    """Levels before and after, with what is proven of the change."""
    table = _table(title, ("level", "unit"))
    for column in ("in the run", "now", "gap", "change", "proven between"):
        table.add_column(column, justify="right")
    for change in changes:
        table.add_row(
            _LEVELS.get(change.level, change.level), change.unit, figure(change.before),
            figure(change.value), share(change.gap), signed(change.change),
            f"{signed(change.least)} … {signed(change.most)}",
        )  # fmt: skip
    return table


def figures_line(before: Figures, after: Figures) -> str:
    """What the other plan costs, against the run's."""
    rows = (
        ("places short", before.places_short, after.places_short),
        ("pupil-metres", before.way_pupil_m, after.way_pupil_m),
        ("pupils changing school", before.pupils_changing_school, after.pupils_changing_school),
        ("yuan", before.cost_yuan, after.cost_yuan),
    )
    return "; ".join(f"{name} {figure(new)} ({signed(new - old)})" for name, old, new in rows)


def _show_served(voice: Voice, case: Case, served: ServedBy) -> None:
    today = "as today" if served.today == served.school else (
        f"today {served.today}" if served.today else "no school today"
    )  # fmt: skip
    voice.say(
        f"\n{served.service}: {served.pupils:,.0f} pupils to {case.name(served.school)} ({today}), "
        f"{served.distance_m:,.0f} m to walk"
    )
    table = _table(f"Instead of {served.school}", ("school", "verdict"))
    for column in ("distance, m", "own pupil-m", "free places", "way, pupil-m", "moves"):
        table.add_column(column, justify="right")
    for choice in served.choices:
        if choice.verdict == "FORBIDDEN":
            continue
        changes = {change.level: change for change in choice.changes}
        table.add_row(
            case.name(choice.school), _VERDICTS[choice.verdict], figure(round(choice.distance_m)),
            signed(choice.own_pupil_m), f"{choice.free_places:,.0f}",
            _between(changes.get("way")), _between(changes.get("pupils_changing_school")),
        )  # fmt: skip
    voice.show(table)
    grouped: dict[tuple[str, str], list[str]] = {}
    for choice in served.choices:
        reason = choice.reason.replace(f"site:{choice.school}", "site:ID")
        grouped.setdefault((choice.verdict, reason), []).append(choice.school)
    for (verdict, reason), schools in grouped.items():
        _say_reason(voice, ", ".join(schools), verdict, reason)


def _show_other(voice: Voice, case: Case, before: Figures, other: OtherPlan) -> None:
    how = {"open": "forced in", "closed": "left out", "gone": "as if it were not there"}
    lock = f" ({other.lock})" if other.lock else ""
    voice.say(f"\nWith it {how[other.asked]}{lock}: {_VERDICTS[other.verdict]}: {other.reason}")
    if other.figures is None:
        return
    voice.show(change_table(other.changes, f"Ranked levels, {other.status}"))
    voice.say(f"The plan: {figures_line(before, other.figures)}")
    for word, keys in (("Built in its place", other.opened), ("No longer built", other.given_up)):
        if keys:
            voice.say(f"{word}: {', '.join(case.name(key) for key in keys)}")
    moved = ", ".join(f"{count:,.0f} {name}" for name, count in other.moved_pupils.items())
    voice.say(f"Pupils at another school than in the plan: {moved}")


def _say_reason(voice: Voice, key: str, verdict: str, reason: str) -> None:
    voice.say(f"  {key}: {_VERDICTS[verdict]}: {reason}")


def _object(kind: str, key: str, code: ExitCode, entries: dict[str, Any]) -> dict[str, Any]:
    return {
        "status": "ANSWERED" if code is ExitCode.FINE else "INTERRUPTED",
        "exit_code": int(code), "kind": kind, "id": key, "answer": entries, "problems": [],
    }  # fmt: skip


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _between(change: Change | None) -> str:
    """A change, and in brackets between what it is proven to lie."""
    if change is None:
        return ""
    return f"{signed(change.change)} ({signed(change.least)} … {signed(change.most)})"


def signed(value: float) -> str:
    """A change with its sign, rounded for people."""
    rounded = round(value, 4) if abs(value) < 100 else float(round(value))
    return f"+{figure(rounded)}" if rounded > 0 else figure(rounded)
