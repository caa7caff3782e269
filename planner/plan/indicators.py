"""Indicators: the numbers that describe a plan, each one small pure function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from planner.plan.plan import Plan
from planner.plan.usage import Use, uses_of
from planner.scenario.model import Scenario
from planner.territory.territory import Territory


def indicators(territory: Territory, scenario: Scenario, plan: Plan) -> dict[str, Any]:
    """All indicators of a plan by name; those by service also hold their total where it adds up.

    Pupils are those of the design year. Raises KeyError for ids that the territory does not have.
    """
    uses = uses_of(territory, scenario, plan)
    return {
        "new_schools": new_schools(plan),
        "expanded_schools": expanded_schools(plan),
        "new_classes": new_classes(scenario, plan),
        "new_places": new_places(scenario, plan),
        "places_short": places_short(scenario, plan, uses),
        "mean_distance_m": mean_distance_m(scenario, uses),
        "beyond_radius": beyond_radius(scenario, uses),
        "land_m2": whole(sum(school.land_m2 for school in plan.schools)),
        "cost_yuan": whole(sum(school.cost_yuan for school in plan.schools)),
        "way_pupil_m": way_pupil_m(scenario, uses),
        "pupils_changing_school": pupils_changing_school(uses),
        "subdistricts": len(plan.subdistricts),
        "communities": len(plan.communities),
        "new_communities": sum(community.new for community in plan.communities),
        "grids": len(plan.grids),
        "grids_within_limits": grids_within_limits(scenario, plan),
        "max_population_deviation": max_population_deviation(
            {part.id: part.population for part in plan.subdistricts}
        ),
        "people_changing_subdistrict": people_changing_subdistrict(territory, plan),
        "pupils_changing_both": pupils_changing_both(territory, plan, uses),
        "people_changing_community": people_changing_community(territory, plan),
        "border_unfollowed_m": border_unfollowed_m(territory, _subdistrict_of(plan)),
        "pupils_other_subdistrict": pupils_other_subdistrict(territory, scenario, plan, uses),
    }


def outcome_indicators(territory: Territory, scenario: Scenario) -> dict[str, Any]:
    """The boundary indicators of the historical arrangement; empty where there is none."""
    outcome = territory.outcome
    if outcome.empty:
        return {}
    people = territory.compounds["population"]
    subdistrict = outcome["subdistrict"]
    population = {
        str(key): int(people[part.index].sum())
        for key, part in subdistrict.groupby(subdistrict, sort=True)
    }
    households = territory.compounds["households"].groupby(outcome["community"]).sum()
    limits = scenario.boundaries.community_households
    outside = (households < limits.min) | (households > limits.max)
    return {
        "subdistricts": len(population),
        "communities": int(outcome["community"].nunique()),
        "population": population,
        "max_population_deviation": max_population_deviation(population),
        "people_changing_subdistrict": _people_of_other_subdistrict(territory),
        "communities_outside_limits": int(outside.sum()),
        "border_unfollowed_m": border_unfollowed_m(
            territory, {str(key): str(of) for key, of in subdistrict.items()}
        ),
    }


def new_schools(plan: Plan) -> int:
    """Sites opened."""
    return sum(school.kind == "new" for school in plan.schools)


def expanded_schools(plan: Plan) -> int:
    """Existing schools expanded."""
    return sum(school.kind == "expanded" for school in plan.schools)


def new_classes(scenario: Scenario, plan: Plan) -> dict[str, int]:
    """Classes added, by service and in total."""
    return _with_total({
        service: sum(school.new_classes.get(service, 0) for school in plan.schools)
        for service in scenario.services
    })  # fmt: skip


def new_places(scenario: Scenario, plan: Plan) -> dict[str, int]:
    """Places added: added classes × class size, by service and in total."""
    classes = new_classes(scenario, plan)
    return _with_total({
        name: classes[name] * service.class_size for name, service in scenario.services.items()
    })  # fmt: skip


def places_short(scenario: Scenario, plan: Plan, uses: list[Use]) -> dict[str, float]:
    """Pupils above the capacity of their school, by service and in total."""
    load: dict[tuple[str, str], float] = {}
    for use in uses:
        load[use.school, use.service] = load.get((use.school, use.service), 0.0) + use.pupils
    places = {(s.id, name): number for s in plan.schools for name, number in s.places.items()}
    return _with_total({
        service: sum(
            max(0.0, pupils - places.get(key, 0)) for key, pupils in load.items()
            if key[1] == service
        )
        for service in scenario.services
    })  # fmt: skip


def mean_distance_m(scenario: Scenario, uses: list[Use]) -> dict[str, float]:
    """Mean walking distance of a pupil, by service."""
    return {
        service: _ratio(
            _total(uses, service, lambda use: use.distance_m),
            _total(uses, service, lambda _: 1.0),
        )
        for service in scenario.services
    }


def beyond_radius(scenario: Scenario, uses: list[Use]) -> dict[str, float]:
    """Pupils whose school lies beyond the service radius as the crow flies, by service."""
    return {
        name: whole(
            _total(uses, name, lambda use: use.straight_m > scenario.services[use.service].radius_m)
        )
        for name in scenario.services
    }


def way_pupil_m(scenario: Scenario, uses: list[Use]) -> float:
    """Pupil-metres: walking distance plus surcharges beyond the radius and per crossing."""
    total = 0.0
    for use in uses:
        service = scenario.services[use.service]
        beyond = service.beyond_radius_surcharge_m * (use.straight_m > service.radius_m)
        crossing = service.crossing_surcharge_m * use.crossings
        total += use.pupils * (use.distance_m + beyond + crossing)
    return total


def pupils_changing_school(uses: list[Use]) -> float:
    """Pupils whose compound belongs to another school today."""
    return whole(sum(use.pupils for use in uses if use.today and use.today != use.school))


def grids_within_limits(scenario: Scenario, plan: Plan) -> int:
    """Grids whose households are within the limits."""
    limits = scenario.boundaries.grid_households
    return sum(limits.min <= grid.households <= limits.max for grid in plan.grids)


def max_population_deviation(population: Mapping[str, float]) -> float:
    """Largest |population − mean| of the subdistricts, as a fraction of the mean of all."""
    if not population or not sum(population.values()):
        return 0.0
    mean = sum(population.values()) / len(population)
    return max(abs(people - mean) for people in population.values()) / mean


def people_changing_subdistrict(territory: Territory, plan: Plan) -> int:
    """People whose compound belongs to another subdistrict today."""
    today = territory.communities["subdistrict"]
    compounds = territory.compounds
    return sum(
        int(compounds.at[entry.compound, "population"])
        for entry in plan.assignments
        if today[compounds.at[entry.compound, "community"]] != entry.subdistrict
    )


def pupils_changing_both(territory: Territory, plan: Plan, uses: list[Use]) -> float:
    """Pupils who change school and whose compound changes subdistrict: two offices a family."""
    today = territory.compounds["community"].map(territory.communities["subdistrict"])
    moved = {key for key, there in _subdistrict_of(plan).items() if today[key] != there}
    changing = (use for use in uses if use.today and use.today != use.school)
    return whole(sum(use.pupils for use in changing if use.compound in moved))


def people_changing_community(territory: Territory, plan: Plan) -> int:
    """People whose compound belongs to another community today."""
    compounds = territory.compounds
    return sum(
        int(compounds.at[entry.compound, "population"])
        for entry in plan.assignments
        if compounds.at[entry.compound, "community"] != entry.community
    )


def border_unfollowed_m(territory: Territory, subdistrict: Mapping[str, str]) -> float:
    """Metres of border between subdistricts that follow no arterial road and no barrier."""
    borders = territory.borders
    apart = borders["a"].map(subdistrict) != borders["b"].map(subdistrict)
    return float((borders["border_m"] - borders["followed_m"])[apart].clip(lower=0).sum())


def pupils_other_subdistrict(
    territory: Territory, scenario: Scenario, plan: Plan, uses: list[Use]
) -> dict[str, float]:
    """Pupils whose school lies in another subdistrict than their compound.

    A school lies in the subdistrict of the compound in whose cell it stands.
    """
    subdistrict = _subdistrict_of(plan)
    there = {school: subdistrict[cell] for school, cell in territory.schools["cell"].items()}
    return _with_total({
        service: _total(
            uses, service, lambda use: there[use.school] != subdistrict[use.compound]
        )
        for service in scenario.services
    })  # fmt: skip


def whole(value: float) -> float:
    """A whole number as int, any other as float."""
    nearest = round(value)
    return nearest if abs(value - nearest) <= 1e-9 * max(1.0, abs(value)) else float(value)


def _people_of_other_subdistrict(territory: Territory) -> int:
    """People whom the outcome moved: its subdistrict is not today's, by id, code or name."""
    compounds, outcome = territory.compounds, territory.outcome
    today = compounds["community"].map(territory.communities["subdistrict"])
    moved = 0
    for key, was in today.items():
        row, before = outcome.loc[key], territory.subdistricts.loc[was]
        same_id = row["subdistrict"] in (was, before["code"])
        if not same_id and not _same(row["subdistrict_name"], before["name"]):
            moved += int(compounds.at[key, "population"])
    return moved


def _same(a: object, b: object) -> bool:
    return isinstance(a, str) and a == b


def _subdistrict_of(plan: Plan) -> dict[str, str]:
    return {entry.compound: entry.subdistrict for entry in plan.assignments}


def _total(uses: list[Use], service: str, amount: Callable[[Use], float]) -> float:
    return sum(use.pupils * amount(use) for use in uses if use.service == service and use.pupils)


def _ratio(amount: float, of: float) -> float:
    return amount / of if of else 0.0


def _with_total(amounts: Mapping[str, float]) -> dict[str, Any]:
    return {"total": whole(sum(amounts.values())), **{k: whole(v) for k, v in amounts.items()}}
