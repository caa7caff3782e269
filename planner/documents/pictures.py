"""Maps as pictures: SVG drawn from the plan, for paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from planner.documents.boundaries import SIDES
from planner.documents.source import Source
from planner.maps.canvas import HATCHES, Canvas
from planner.maps.colours import AREA_COLOURS, colour_areas
from planner.maps.geometry import label_point, outline
from planner.maps.reading import names

NAME_SHARES = (0.5, 0.35, 0.65, 0.2, 0.8)
"""Where along a way its name may stand."""
_STREETS = {"trunk": ("#B58B4C", 3.0), "arterial": ("#C9B48E", 2.2), "collector": ("#DDD3C2", 1.2)}
HIGHEST = 0.7
"""Height of the picture of one unit, as a share of its width, at most."""
_SCHOOLS = {"existing": "#FFFFFF", "expanded": "#F4A261", "new": "#A8201A"}


def plan_picture(source: Source, language: int) -> str:
    """Planned subdistricts, communities, schools and seats; `language` 0 Chinese, 1 English."""
    canvas = _ground(source, language)
    areas = source.subdistrict_areas
    colours = colour_areas(areas)
    for key, area in areas.items():
        canvas.draw(area, f'fill="{AREA_COLOURS[colours[key]]}" fill-opacity=".45"')
    communities = [
        source.area(unit.compounds) for unit in source.plan.communities if unit.compounds
    ]
    canvas.draw(outline(communities), _line("#1B1F6B", 1.3, "6 5"))
    canvas.draw(outline(areas.values()), _line("#1B1F6B", 4))
    _schools(canvas, source)
    _seats(canvas, source)
    for unit in source.plan.subdistricts:
        point = label_point(areas[unit.id], _spots(source))
        people = (f"{unit.population:,} 人", f"{unit.population:,} people")[language]
        canvas.name(point, source.subdistrict(unit.id)[language], size=24, small=people,
                    style=_ink("#1B1F6B", 800))  # fmt: skip
    _school_names(canvas, source, [school.id for school in source.plan.schools])
    return canvas.svg(("规划总图", "The plan")[language])


def catchment_picture(source: Source, service: str, language: int) -> str:
    """Planned catchments of a service."""
    canvas = _ground(source, language)
    served = source.reading.served(service)
    areas = {school: source.area(compounds) for school, compounds in served.items()}
    colours = colour_areas(areas)
    for key, area in areas.items():
        canvas.draw(area, f'fill="{AREA_COLOURS[colours[key]]}" fill-opacity=".6"')
    canvas.draw(outline(areas.values()), _line("#2B3442", 2.4))
    _schools(canvas, source, service)
    _school_names(canvas, source, list(areas))
    return canvas.svg(source.scenario.services[service].name.model_dump()[("zh", "en")[language]])


def change_picture(source: Source, language: int) -> str:
    """Compounds that change school, by service, and subdistricts of today and of the plan."""
    canvas = _ground(source, language)
    territory = source.territory
    for number, service in enumerate(source.scenario.services):
        pupils = source.reading.pupils(service)
        moved = [
            a.compound
            for a in source.plan.assignments
            if pupils[a.compound] > 0
            and a.schools[service] != source.reading.school_today(a.compound, service)
        ]
        if moved:
            canvas.draw(source.area(moved), f'fill="url(#h{number % 3})" fill-opacity=".7"')
    canvas.draw(outline(territory.subdistricts.geometry), _line("#E08A3C", 9))
    canvas.draw(outline(source.subdistrict_areas.values()), _line("#1B1F6B", 3))
    _schools(canvas, source)
    _school_names(canvas, source, [s.id for s in source.plan.schools if s.kind != "existing"])
    return canvas.svg(("变化", "Change")[language])


def change_hatches(services: Iterable[str]) -> list[str]:
    """The hatching of each service, as the background of a key."""
    # A picture's angle turns upright lines clockwise; a style's is across them, from the top.
    return [
        f"repeating-linear-gradient({angle + 90}deg,{colour} 0 1.3pt,#fff 1.3pt 3pt)"
        for colour, angle in (HATCHES[number % 3] for number, _ in enumerate(services))
    ]


def boundary_picture(source: Source, key: str, language: int) -> str:
    """One planned subdistrict with its communities, the roads around it, and its seat."""
    area = source.subdistrict_areas[key]
    canvas = _ground(source, language, area)
    canvas.draw(area, 'fill="#77AADD" fill-opacity=".35"')
    unit = source.subdistricts[key]
    # A community may hold no compound yet, and then has no ground in the plan.
    members = {own: source.communities[own].compounds for own in unit.communities}
    own = {own: source.area(compounds) for own, compounds in members.items() if compounds}
    canvas.draw(outline(own.values()), _line("#1B1F6B", 1.6, "7 5"))
    canvas.draw(area.boundary, _line("#1B1F6B", 5))
    _seats(canvas, source, [unit.seat])
    for name, shape in own.items():
        spot = label_point(shape, _spots(source))
        x, y = canvas.at(spot.x, spot.y)
        canvas.name_at([(x, y + step) for step in (0, 26, -26, 52, -52)],
                       source.community(name)[language], size=19,
                       style=_ink("#1B1F6B", 700))  # fmt: skip
    _road_names(canvas, source, key)
    return canvas.svg(source.subdistrict(key)[language])


def _ground(source: Source, language: int, focus: BaseGeometry | None = None) -> Canvas:
    territory = source.territory
    frame = focus if focus is not None else territory.study_area
    west, south, east, north = frame.bounds
    margin = 0.03 * max(east - west, north - south) if focus is None else 350.0
    aside = margin
    if focus is not None:  # a tall unit leaves its surroundings room, not its letters small
        high = north - south + 2 * margin
        aside = max(margin, (high / HIGHEST - (east - west)) / 2)
    canvas = Canvas((west - aside, south - margin, east + aside, north + margin), language)
    window = shapely.box(*canvas.bounds)

    def cut(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
        found: BaseGeometry = shapely.intersection(shapely.union_all(list(shapes)), window)
        return found

    canvas.draw(shapely.intersection(territory.study_area, window), 'fill="#FFFFFF"')
    for kind, colour in (("park", "#C5DFBB"), ("water", "#B5D7EE"), ("industry", "#DEDCE3")):
        rows = territory.context
        canvas.draw(cut(rows.geometry[rows["kind"] == kind]), f'fill="{colour}"')
    for kind, (colour, width) in reversed(_STREETS.items()):
        rows = territory.streets
        canvas.draw(cut(rows.geometry[rows["class"] == kind]), _line(colour, width))
    for kind, colour, width in (("river", "#5B9EC9", 6.0), ("railway", "#333333", 2.6)):
        rows = territory.barriers
        canvas.draw(cut(rows.geometry[rows["kind"] == kind]), _line(colour, width))
    return canvas


def _schools(canvas: Canvas, source: Source, service: str = "") -> None:
    for school in source.plan.schools:
        if service and not school.places.get(service):
            continue
        point = source.territory.schools.geometry[school.id]
        x, y = canvas.at(point.x, point.y)
        colour = _SCHOOLS.get(school.kind, "#FFFFFF")
        shape = (f'<path d="M0 -11L11 0L0 11L-11 0Z" fill="{colour}"' if school.kind == "new"
                 else f'<circle r="8" fill="{colour}"')  # fmt: skip
        canvas.parts.append(
            f'<g transform="translate({x:.1f} {y:.1f})">{shape} stroke="#fff" stroke-width="5" '
            f'paint-order="stroke"/>{shape} stroke="#1A1A1A" stroke-width="2"/></g>'
        )
        canvas.taken.append((x - 10, y - 10, x + 10, y + 10))


def _school_names(canvas: Canvas, source: Source, ids: Sequence[str]) -> None:
    kinds = {school.id: school.kind for school in source.plan.schools}
    for key in sorted(ids, key=lambda key: (kinds.get(key) == "existing", key)):
        point = source.territory.schools.geometry[key]
        weight = 600 if kinds.get(key) == "existing" else 800
        canvas.name_beside(point, source.school(key)[canvas.language], size=16, away=11,
                           style=_ink("#1A1A1A", weight))  # fmt: skip


def _seats(canvas: Canvas, source: Source, wanted: Sequence[str] | None = None) -> None:
    seats = source.territory.seats
    chosen = [unit.seat for unit in source.plan.subdistricts] if wanted is None else wanted
    for key in chosen:
        if key not in seats.index:
            continue
        x, y = canvas.at(seats.geometry[key].x, seats.geometry[key].y)
        canvas.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="#1B1F6B" stroke="#fff" '
            f'stroke-width="2.5"/><text x="{x:.1f}" y="{y + 6:.1f}" text-anchor="middle" '
            'font-size="17" fill="#fff">★</text>'
        )
        canvas.taken.append((x - 10, y - 10, x + 10, y + 10))


def _spots(source: Source) -> list[BaseGeometry]:
    seats = source.territory.seats
    chosen = sorted({unit.seat for unit in source.plan.subdistricts} & set(seats.index))
    return [*source.territory.schools.geometry.sort_index(), *(seats.geometry[k] for k in chosen)]


def _road_names(canvas: Canvas, source: Source, key: str) -> None:
    """Names of the ways near a unit's boundary: those it follows first, then the longest."""
    area, boundary = source.subdistrict_areas[key], source.boundaries[key]
    followed = {way.name[canvas.language] for side in SIDES for way in boundary.ways(side)}
    window = shapely.box(*canvas.bounds)
    frames = (source.territory.streets, source.territory.barriers)
    lines: dict[str, list[BaseGeometry]] = {}
    for frame in frames:
        for _, row in frame.sort_index().iterrows():
            name = names(row)[canvas.language]
            if name:
                lines.setdefault(name, []).append(row.geometry)
    band = area.boundary.buffer(400)
    seen = {name: shapely.union_all(found).intersection(window).intersection(band)
            for name, found in lines.items()}  # fmt: skip
    long = [name for name in seen if seen[name].length > 250]
    for name in sorted(long, key=lambda n: (n not in followed, -seen[n].length, n)):
        parts = shapely.get_parts(shapely.line_merge(seen[name]))
        longest = max(parts, key=lambda part: part.length)
        at = [longest.interpolate(share, normalized=True) for share in NAME_SHARES]
        canvas.name_at([canvas.at(p.x, p.y) for p in at], name, size=15,
                       style=_ink("#6B4A12", 700 if name in followed else 600))  # fmt: skip


def _line(colour: str, width: float, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{dashes}'


def _ink(colour: str, weight: int) -> str:
    return (f'text-anchor="middle" fill="{colour}" font-weight="{weight}" stroke="#fff" '
            'stroke-width="4" stroke-linejoin="round" paint-order="stroke"')  # fmt: skip


def school_colours() -> Mapping[str, str]:
    """Fill of a school's symbol by kind."""
    return _SCHOOLS
