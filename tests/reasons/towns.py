"""Small towns that are planned, so that questions can be asked about their plans."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from planner.plan.plan import Plan
from planner.reasons.case import Asking, Case
from planner.runs.assembling import assemble_plan
from planner.runs.journal import Journal
from planner.runs.main_job import ask_programs
from planner.scenario.model import Scenario
from planner.territory.build import build_territory
from planner.territory.layers import read_layers
from planner.territory.territory import Territory
from tests.towns import tiny_scenario, write_town

EXACT = {"solving": {"threads": 1, "tolerance": 1e-5}}
SIX = {"n": 3, "m": 2, "community_blocks": (1, 2)}
"""Six compounds: what a brute force can try."""

_NAME = {"zh": "小学", "en": "Primary school"}
PRIMARY: dict[str, Any] = {
    "services": {"primary": {"name": _NAME, "grades": 6}},
    "school_types": {"primary": {"name": _NAME, "parallels": {"primary": {"min": 1, "max": 3}}}},
}
"""Primary schools alone."""


@cache
def folder(**town: Any) -> Path:
    """The layers of a town."""
    return write_town(Path(mkdtemp()), **town)


def planned(town: dict[str, Any] | None = None, **entries: Any) -> Case:
    """A town and its plan, proven to the last digit."""
    scenario = tiny_scenario(folder(**(town or SIX)), **(EXACT | entries))
    return case_of(scenario)


def case_of(scenario: Scenario) -> Case:
    territory = build_territory(scenario, read_layers(scenario))
    return Case(territory, scenario, plan_of(territory, scenario), Asking(limit_s=60.0))


def plan_of(territory: Territory, scenario: Scenario) -> Plan:
    journal = Journal(lambda _step, _state: None)
    answers = ask_programs(territory, scenario, stop=threading.Event(), journal=journal)
    return assemble_plan(territory, scenario, answers)
