"""Promises about grids: whole buildings, each in one grid, connected, within one community."""

from __future__ import annotations

from planner.plan.plan import GridPlan
from planner.plan.verification.case import Case, duplicates, pieces
from planner.plan.verification.check import Check, number, promise


def check_grids_partition(case: Case) -> list[Check]:
    """Every building is in exactly one grid, as a whole, under its own compound."""
    known, grids = case.ground.buildings, case.plan.grids
    broken = [f"{key} occurs more than once" for key in duplicates(grid.id for grid in grids)]
    listed = [
        (grid, part.compound, key)
        for grid in grids
        for part in grid.parts
        for key in part.buildings
    ]
    broken += [f"building {key} is in several grids" for key in duplicates(b for *_, b in listed)]
    inside = {key for *_, key in listed}
    broken += [f"building {key} is in no grid" for key in known if key not in inside]
    for grid, compound, key in listed:
        if key not in known:
            broken.append(f"{grid.id}: {key} is no building")
        elif known[key][0] != compound:
            broken.append(f"{grid.id}: building {key} belongs to {known[key][0]}, not {compound}")
    broken += [f"{grid.id} has no buildings" for grid in grids if not _buildings(grid)]
    figures = f"{len(inside & set(known))} of {len(known)} buildings in {len(grids)} grids"
    return [promise("grids-partition", "Each building is in one grid", "楼栋不跨网格",
                    broken=broken, figures=figures)]  # fmt: skip


def check_grids_households(case: Case) -> list[Check]:
    """Households of a grid are those of its buildings."""
    broken = []
    for grid in case.plan.grids:
        households = grid_households(case, grid)
        if grid.households != households:
            broken.append(f"{grid.id} has {households} households, not {grid.households}")
    total = sum(grid.households for grid in case.plan.grids)
    return [promise("grids-households", "Households of grids add up", "网格户数相符",
                    broken=broken, figures=f"{total} households")]  # fmt: skip


def check_grids_limits(case: Case) -> list[Check]:
    """Households of a grid are within limits, or the reason is stated."""
    limits = case.scenario.boundaries.grid_households
    outside = [
        grid
        for grid in case.plan.grids
        if not limits.min <= grid_households(case, grid) <= limits.max
    ]
    broken = [
        f"{grid.id} has {grid_households(case, grid)} households and gives no reason"
        for grid in outside
        if not grid.reason.strip()
    ]
    count = len(case.plan.grids)
    figures = f"{count - len(outside)} of {count} grids hold {number(limits.min)} to "
    figures += f"{number(limits.max)} households, {len(outside)} with a reason"
    return [promise("grids-limits", "Grids keep the household limits, or say why",
                    "网格户数在限值内或已说明原因", broken=broken, figures=figures)]  # fmt: skip


def check_grids_connected(case: Case) -> list[Check]:
    """The compounds of a grid are neighbours, and of one community."""
    broken = []
    for grid in case.plan.grids:
        compounds = [part.compound for part in grid.parts]
        if any(key not in case.ground.homes for key in compounds):
            continue
        if duplicates(compounds):
            broken.append(f"{grid.id} lists {duplicates(compounds)[0]} more than once")
        if len(pieces(case.ground.graph, compounds)) > 1:
            broken.append(f"{grid.id} is in pieces: {', '.join(sorted(compounds))}")
        there = {case.community.get(key) for key in compounds} - {grid.community}
        if there:
            broken.append(f"{grid.id} of {grid.community} reaches into {there.pop()}")
    several = sum(len(grid.parts) > 1 for grid in case.plan.grids)
    figures = f"{len(case.plan.grids)} grids, {several} of several compounds"
    return [promise("grids-connected", "Grids are connected within one community",
                    "网格连片且不跨社区", broken=broken, figures=figures)]  # fmt: skip


def grid_households(case: Case, grid: GridPlan) -> int:
    """Households of a grid's buildings."""
    known = case.ground.buildings
    return sum(known[key][1] for key in _buildings(grid) if key in known)


def _buildings(grid: GridPlan) -> list[str]:
    return [key for part in grid.parts for key in part.buildings]
