"""Boundaries as approvals word them: four sides, each by the roads it follows."""

from __future__ import annotations

from planner.documents.boundaries import SIDES, Beside, Boundary, Stretch
from planner.documents.source import Pair, Source

SIDE_WORDS: dict[str, Pair] = {
    "east": ("东", "east"), "south": ("南", "south"), "west": ("西", "west"),
    "north": ("北", "north"),
}  # fmt: skip
_COURSE: dict[str, Pair] = {
    "east": ("由北向南", "from north to south"), "west": ("由北向南", "from north to south"),
    "south": ("由西向东", "from west to east"), "north": ("由西向东", "from west to east"),
}  # fmt: skip


def approval_sentence(boundary: Boundary) -> Pair:
    """The form of an approval, side by side (东至…，南至…，西至…，北至…)."""
    zh, en = [], []
    for side in SIDES:
        parts = [stretch_words(part) for part in boundary.sides[side]]
        unique = list(dict.fromkeys(parts))
        zh.append(f"{SIDE_WORDS[side][0]}至" + "、".join(part[0] for part in unique))
        en.append(f"on the {SIDE_WORDS[side][1]} to " + ", ".join(part[1] for part in unique))
    return "，".join(zh), "; ".join(en)


def side_rows(source: Source, boundary: Boundary, side: str) -> list[tuple[Pair, Pair, float]]:
    """A side stretch by stretch: what it follows, what lies beyond, and metres."""
    return [
        (stretch_words(part), _beyond(source, part), part.length_m) for part in boundary.sides[side]
    ]


def course(side: str) -> Pair:
    """In which direction a side is read."""
    return _COURSE[side]


def stretch_words(part: Stretch) -> Pair:
    """What a stretch follows, in words."""
    if part.way is not None:
        return part.way.name
    if part.neighbours:
        limit = ("相邻街道小区围墙界", "the edge of the neighbouring subdistrict's compounds")
    else:
        limit = ("规划范围界", "the limit of the planning area")
    if part.beside is None:
        return limit
    near = _beside_words(part.beside)
    return f"{limit[0]}（{near[0]}）", f"{limit[1]} ({near[1]})"


def _beside_words(near: Beside) -> Pair:
    metres = max(10, round(near.distance_m, -1))
    zh, en = near.way.name
    side = SIDE_WORDS[near.direction]
    return f"{zh}以{side[0]}约{metres:.0f}米", f"about {metres:.0f} m {side[1]} of {en}"


def _beyond(source: Source, part: Stretch) -> Pair:
    if not part.neighbours:
        return ("规划范围外", "outside the planning area")
    found = [source.subdistrict(key) for key in part.neighbours]
    return "、".join(name[0] for name in found), ", ".join(name[1] for name in found)
