"""Promises about schools: known ids, legal sizes on their parcels, and the programme's totals."""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan.plan import SchoolPlan
from planner.plan.verification.case import Case, duplicates
from planner.plan.verification.check import Check, number, promise, same
from planner.plan.verification.homes import Place
from planner.scenario.model import Range, Scenario

GROUND_KIND = {"existing": "existing", "expanded": "existing", "new": "site"}


def check_schools_known(case: Case) -> list[Check]:
    """Every school is one of the layers, each once, and no existing school is left out."""
    known = case.ground.schools
    broken = [f"{key} occurs more than once" for key in duplicates(s.id for s in case.plan.schools)]
    for school in case.plan.schools:
        if school.kind not in GROUND_KIND:
            broken.append(f"{school.id} is of unknown kind '{school.kind}'")
        elif school.id not in known:
            broken.append(f"{school.id} is in no layer")
        elif known[school.id].kind != GROUND_KIND[school.kind]:
            broken.append(f"{school.id} is no {GROUND_KIND[school.kind]}")
        unknown = {*school.places, *school.new_classes} - {*case.scenario.services}
        broken += [f"{school.id} offers '{name}', which is no service" for name in sorted(unknown)]
    listed = {school.id for school in case.plan.schools}
    existing = [key for key, place in known.items() if place.kind == "existing"]
    broken += [f"{key} is missing" for key in existing if key not in listed]
    figures = f"{len(case.plan.schools)} schools in operation, {len(existing)} of them exist today"
    return [promise("schools-known", "Schools are known and complete", "学校名录完整有效",
                    broken=broken, figures=figures)]  # fmt: skip


def check_options(case: Case) -> list[Check]:
    """New schools and expansions have whole parallel classes that fit their parcel."""
    broken = []
    built = 0
    for school in case.plan.schools:
        place = case.ground.schools.get(school.id)
        if place is None:
            continue
        built += school.kind != "existing"
        broken += [f"{school.id}: {what}" for what in _faults(case.scenario, school, place)]
    figures = f"{built} schools built or expanded in whole parallel classes"
    return [promise("school-options", "School types and sizes are legal", "学校类型与规模合规",
                    broken=broken, figures=figures)]  # fmt: skip


def check_places(case: Case) -> list[Check]:
    """Places are classes of today plus new ones, times the class size."""
    broken = []
    for school in case.plan.schools:
        place = case.ground.schools.get(school.id)
        for name, service in case.scenario.services.items():
            today = place.classes[name] if place else 0
            wanted = (today + school.new_classes.get(name, 0)) * service.class_size
            if school.places.get(name, 0) != wanted:
                broken.append(f"{school.id}: {school.places.get(name, 0)} {name} places, {wanted}"
                              " by its classes")  # fmt: skip
    total = sum(sum(school.places.values()) for school in case.plan.schools)
    return [promise("places", "Places are classes times class size", "学位数等于班数乘班额",
                    broken=broken, figures=f"{total} places in all")]  # fmt: skip


def check_programme(case: Case) -> list[Check]:
    """The programme's totals are within what was asked."""
    schools, services = case.plan.schools, case.scenario.services
    classes = {name: sum(s.new_classes.get(name, 0) for s in schools) for name in services}
    places = {name: classes[name] * service.class_size for name, service in services.items()}
    new = sum(school.kind == "new" for school in schools)
    expanded = sum(school.kind == "expanded" for school in schools)
    land = sum(school.land_m2 for school in schools)
    cost = sum(school.cost_yuan for school in schools)
    asked = case.scenario.programme
    return [
        _total("new_schools", "New schools", "新建学校", new, asked=asked.new_schools),
        _total("expanded_schools", "Expanded schools", "扩建学校", expanded,
               asked=asked.expanded_schools),
        _total("new_classes", "New classes", "新增班数", sum(classes.values()),
               asked=asked.new_classes, split=_split(classes)),
        _total("new_places", "New places", "新增学位", sum(places.values()),
               asked=asked.new_places, split=_split(places)),
        _total("land_m2", "Land (m²)", "用地（平方米）", land, asked=asked.land_m2),
        _total("cost_yuan", "Cost (yuan)", "投资（元）", cost, asked=asked.cost_yuan),
    ]  # fmt: skip


def _faults(scenario: Scenario, school: SchoolPlan, place: Place) -> Iterator[str]:
    classes = {name: count for name, count in school.new_classes.items() if count}
    if any(name not in scenario.services for name in classes):
        return
    parallels = {}
    for name, count in classes.items():
        if count < 0 or count % scenario.services[name].grades:
            yield f"{count} {name} classes are no whole parallel classes"
        parallels[name] = count / scenario.services[name].grades
    if school.kind == "existing":
        if classes or school.land_m2 or school.cost_yuan:
            yield "is neither new nor expanded, but has new classes, land or cost"
        return
    if school.kind == "new":
        yield from _type_faults(scenario, school, place, parallels)
    else:
        yield from _expansion_faults(scenario, place, parallels)
    yield from _parcel_faults(scenario, school, place, classes)


def _type_faults(
    scenario: Scenario, school: SchoolPlan, place: Place, parallels: dict[str, float]
) -> Iterator[str]:
    kind = scenario.school_types.get(school.type)
    if kind is None:
        yield f"'{school.type}' is no school type"
        return
    if place.types and school.type not in place.types:
        yield f"its site does not allow the type {school.type}"
    for name in sorted({*kind.parallels, *parallels}):
        count = parallels.get(name, 0)
        limits = kind.parallels.get(name)
        if limits is None:
            yield f"a {school.type} school has no {name} classes"
        elif not limits.min <= count <= limits.max:
            yield f"{number(count)} parallel {name} classes, not {limits.min} to {limits.max}"
    if kind.equal and len({parallels.get(name, 0) for name in kind.parallels}) > 1:
        yield f"a {school.type} school has as many parallel classes in each service"
    if not parallels:
        yield "has no classes"


def _expansion_faults(
    scenario: Scenario, place: Place, parallels: dict[str, float]
) -> Iterator[str]:
    limits = scenario.expansion
    if not place.expandable:
        yield "cannot be expanded"
    if not parallels:
        yield "is expanded by no class"
    for name, count in parallels.items():
        if not place.classes.get(name, 0):
            yield f"has no {name} classes today to be added to"
        if not max(1, limits.min) <= count <= limits.max:
            yield f"{number(count)} parallel {name} classes added, not {limits.min} to {limits.max}"


def _parcel_faults(
    scenario: Scenario, school: SchoolPlan, place: Place, classes: dict[str, int]
) -> Iterator[str]:
    places = {name: count * scenario.services[name].class_size for name, count in classes.items()}
    need = sum(n * scenario.services[name].land_per_place_m2 for name, n in places.items())
    if need > place.land_m2 + 1e-6:
        yield f"needs {number(need)} m², its parcel has {number(place.land_m2)} m²"
    if not same(school.land_m2, place.land_m2):
        yield f"states {number(school.land_m2)} m² of land, its parcel has {number(place.land_m2)}"
    cost = place.cost_yuan + sum(places.values()) * place.cost_per_place_yuan
    if not same(school.cost_yuan, cost):
        yield f"states a cost of {number(school.cost_yuan)} yuan, it is {number(cost)}"


def _total(
    name: str, title_en: str, title_zh: str, amount: float, *, asked: Range, split: str = ""
) -> Check:
    least, most = asked.min, asked.max
    slack = 1e-6 * max(1.0, abs(amount))
    fine = (least is None or amount >= least - slack) and (most is None or amount <= most + slack)
    broken = [] if fine else [f"asked: {_range(asked)}"]
    if least is not None and least == most:
        figures = f"{number(amount)} of {number(least)}{split}"
    else:
        figures = f"{number(amount)} ({_range(asked)}){split}"
    return promise(f"programme-{name}", title_en, title_zh, broken=broken, figures=figures)


def _range(asked: Range) -> str:
    least = "" if asked.min is None else f"at least {number(asked.min)}"
    most = "" if asked.max is None else f"at most {number(asked.max)}"
    return " and ".join(word for word in (least, most) if word) or "open"


def _split(amounts: dict[str, int]) -> str:
    return " (" + " + ".join(f"{count} {name}" for name, count in amounts.items()) + ")"
