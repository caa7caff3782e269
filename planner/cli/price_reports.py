"""The prices of rules, for people as two tables, for machines as one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from planner.cli.figures import figure, share
from planner.cli.voice import Voice
from planner.cli.why_reports import against, signed
from planner.errors import ExitCode
from planner.reasons.case import Case
from planner.reasons.levels import Change
from planner.reasons.prices import Price
from planner.reasons.rules import PLACES

_PLACES = {
    "places_short": "places short", "way": "shortest way, pupil-m",
    "pupils_changing_school": "change school", "cost_yuan": "yuan",
}  # fmt: skip


def show_prices(voice: Voice, case: Case, prices: Sequence[Price], code: ExitCode) -> None:
    """Each rule relaxed by its step: a negative change is what the rule costs."""
    voice.say(f"Prices of the rules of {case.plan.scenario}: each relaxed alone, by its step.")
    schools = [price for price in prices if price.touches == PLACES]
    others = [price for price in prices if price.touches != PLACES]
    if schools:
        voice.show(_places_table(schools))
    if others:
        voice.show(_other_table(others))
    voice.say(
        f"Changes are against {against(case)}; in brackets between what they are proven to lie. "
        "Only the program that a rule touches was solved again."
    )
    for price in prices:
        if price.note:
            voice.say(f"{price.key}: {price.note}")
    voice.emit({
        "status": "PRICED" if code is ExitCode.FINE else "INTERRUPTED",
        "exit_code": int(code), "scenario": case.plan.scenario, "against": case.against,
        "prices": [asdict(price) for price in prices], "problems": [],
    })  # fmt: skip


def _places_table(prices: Sequence[Price]) -> Table:
    table = Table(title="Places", title_justify="left")
    for column in ("rule", "rank", "now → relaxed"):
        table.add_column(column, overflow="fold")
    for column in (*_PLACES.values(), "gap", "the plan: pupil-m, moves, yuan"):
        table.add_column(column, justify="right", overflow="fold")
    for price in prices:
        changes = {change.level: change for change in price.changes}
        plan = price.figures
        told = price.status if plan is None else (
            f"{figure(plan.way_pupil_m)}, {figure(plan.pupils_changing_school)}, "
            f"{figure(plan.cost_yuan)}"
        )  # fmt: skip
        table.add_row(
            price.key, price.rank, f"{price.now} → {price.then}",
            *(_cell(changes.get(name)) for name in _PLACES),
            "–" if price.gap is None else share(price.gap), told,
        )  # fmt: skip
    return table


def _other_table(prices: Sequence[Price]) -> Table:
    table = Table(title="Boundaries and grids", title_justify="left")
    for column in ("rule", "rank", "now → relaxed", "levels"):
        table.add_column(column, overflow="fold")
    for column in ("people moved", "gap"):
        table.add_column(column, justify="right")
    for price in prices:
        levels = "\n".join(
            f"{change.level.replace('_', ' ')} {_cell(change)}" for change in price.changes
        )
        table.add_row(
            price.key, price.rank, f"{price.now} → {price.then}", levels or price.status,
            "–" if price.moved_people is None else figure(price.moved_people),
            "–" if price.gap is None else share(price.gap),
        )  # fmt: skip
    return table


def _cell(change: Change | None) -> str:
    if change is None:
        return ""
    if signed(change.least) == signed(change.most):
        return signed(change.change)
    return f"{signed(change.change)} ({signed(change.least)} … {signed(change.most)})"
