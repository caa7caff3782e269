"""Verification: every promise of a plan, recomputed from the layers and the plan alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from planner.plan.codec import plan_from_json
from planner.plan.verification import (
    community_promises,
    grid_promises,
    indicator_promises,
    joint_promises,
    level_promises,
    lock_promises,
    school_promises,
    service_promises,
    subdistrict_promises,
)
from planner.plan.verification.case import Case, Promise, case_of
from planner.plan.verification.check import Check, Verification, promise
from planner.plan.verification.ground import ground_of
from planner.scenario.model import Scenario
from planner.territory.layers import Layers

T = TypeVar("T")

PROMISES: tuple[Promise, ...] = (
    level_promises.check_header,
    school_promises.check_schools_known,
    school_promises.check_options,
    school_promises.check_places,
    school_promises.check_programme,
    service_promises.check_served,
    service_promises.check_reach,
    service_promises.check_capacity,
    service_promises.check_catchments,
    community_promises.check_communities_partition,
    community_promises.check_communities_sums,
    community_promises.check_communities_limits,
    community_promises.check_communities_contiguous,
    community_promises.check_communities_parent,
    subdistrict_promises.check_subdistricts_partition,
    subdistrict_promises.check_subdistricts_contiguous,
    subdistrict_promises.check_subdistricts_parent,
    subdistrict_promises.check_subdistricts_sums,
    subdistrict_promises.check_subdistricts_band,
    subdistrict_promises.check_seats,
    grid_promises.check_grids_partition,
    grid_promises.check_grids_households,
    grid_promises.check_grids_limits,
    grid_promises.check_grids_connected,
    lock_promises.check_locks,
    level_promises.check_levels_listed,
    level_promises.check_levels_arithmetic,
    level_promises.check_levels_kept,
    level_promises.check_status,
    joint_promises.check_joint,
    indicator_promises.check_indicators,
    indicator_promises.check_outcome,
)


def verify(scenario: Scenario, layers: Layers, plan_json: dict[str, Any]) -> Verification:
    """Check every promise of a plan as it is written in ``plan.json``.

    Nothing of the programs or of the territory's graph, ways and demand is used. Never raises for
    what the plan or the layers hold: what cannot be read or computed is a failed check.
    """
    case = _guarded(
        lambda: case_of(scenario, ground_of(scenario, layers), plan_from_json(plan_json))
    )
    if isinstance(case, str):
        return Verification((_readable([case]),))
    checks = [_readable([])]
    for keep in PROMISES:
        checks += _kept(keep, case)
    return Verification(tuple(checks))


def _readable(broken: list[str]) -> Check:
    return promise("readable", "Plan and layers can be read", "方案与图层可读取", broken=broken,
                   figures="plan and layers")  # fmt: skip


def _kept(keep: Promise, case: Case) -> list[Check]:
    found = _guarded(lambda: keep(case))
    if isinstance(found, str):
        code = keep.__name__.removeprefix("check_").replace("_", "-")
        return [promise(code, "Cannot be checked", "无法检查", broken=[found], figures=code)]
    return found


def _guarded(compute: Callable[[], T]) -> T | str:
    """The result, or what went wrong as text: a broken plan is told, never raised."""
    try:
        return compute()
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
