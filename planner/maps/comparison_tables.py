"""Words and tables of the comparison page: runs, indicators, what was asked, the story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.maps import words
from planner.maps.reading import names
from planner.plan.difference import Difference, IndicatorRow, SchoolChange
from planner.plan.meanings import DIRECTIONS, Direction, Pair, Verdict, part_words
from planner.plan.plan import Plan, SchoolPlan
from planner.plan.story import figure, told
from planner.scenario.model import Scenario
from planner.territory.territory import Territory


def run_row(letter: str, name: str, scenario: Scenario, plan: Plan, broken: int) -> dict[str, Any]:
    """One run in the head of the page."""
    return {
        "letter": letter,
        "name": name,
        "title": (scenario.title.zh, scenario.title.en),
        "status": words.status_word(plan),
        "good": plan.status == "OPTIMAL",
        "sentence": words.status_sentence(plan),
        "broken": broken,
    }


def indicator_table(
    rows: Sequence[IndicatorRow], services: Mapping[str, Pair]
) -> list[dict[str, Any]]:
    """Every indicator: its name, and each plan's value, change and whether none is better."""
    return [_indicator(row, dict(services)) for row in rows]


def asked_table(asked: Mapping[str, Sequence[Any]]) -> list[tuple[str, list[str]]]:
    """Values that were asked differently, as text."""
    return [(key, [_plain(value) for value in values]) for key, values in asked.items()]


def school_changes(difference: Difference) -> list[dict[str, Any]]:
    """Schools that are built otherwise: classes, places and cost in both plans."""
    return [_school(change) for change in difference.schools]


def school_names(territories: Sequence[Territory]) -> dict[str, Pair]:
    """Names of schools and sites by id."""
    found: dict[str, Pair] = {}
    for territory in territories:
        for key, row in territory.schools.iterrows():
            zh, en = names(row, str(key))
            found[str(key)] = (zh, en)
    return found


def _indicator(row: IndicatorRow, services: dict[str, Pair]) -> dict[str, Any]:
    best = _best(row)
    part = part_words(row.part, services)
    return {
        "name": row.name,
        "title": tuple(
            title + (form.format(word) if word else "")
            for title, word, form in zip(row.meaning.name, part, ("（{}）", " ({})"), strict=True)
        ),
        "unit": ("", "") if row.meaning.unit[1] == "yuan" else row.meaning.unit,
        "meaning": row.meaning.meaning,
        "direction": DIRECTIONS[row.meaning.direction],
        "differs": row.differs,
        "cells": [
            {
                "value": _value(row, value),
                "change": _change(row, number),
                "verdict": verdict.name.lower(),
                "best": value is not None and value == best,
            }
            for number, (value, verdict) in enumerate(zip(row.values, row.verdicts, strict=True))
        ],
    }  # fmt: skip


def _best(row: IndicatorRow) -> float | None:
    """The best value, where the plans differ and less or more of it is better."""
    known = [value for value in row.values if value is not None]
    judged = row.meaning.direction is not Direction.NEITHER
    if not judged or len(known) < 2 or not (
        {Verdict.BETTER, Verdict.WORSE} & set(row.verdicts)
    ):  # fmt: skip
        return None
    return min(known) if row.meaning.direction is Direction.LESS else max(known)


def _value(row: IndicatorRow, value: float | None) -> Pair:
    if row.meaning.unit[1] == "yuan":
        return told(row, value)
    return (figure(row, value),) * 2


def _change(row: IndicatorRow, number: int) -> Pair:
    change = row.changes[number]
    if change is None or row.verdicts[number] is Verdict.SAME:
        return "", ""
    sign = "+" if change > 0 else "−"
    zh, en = _value(row, abs(change))
    return f"{sign}{zh}", f"{sign}{en}"


def _school(change: SchoolChange) -> dict[str, Any]:
    return {"id": change.id, "before": _built(change.before), "after": _built(change.after)}


def _built(school: SchoolPlan | None) -> dict[str, Any] | None:
    if school is None:
        return None
    return {
        "kind": school.kind,
        "places": dict(school.places),
        "new_classes": dict(school.new_classes),
        "cost_yuan": round(school.cost_yuan),
    }


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.10g}"
