"""The story of a difference: a few sentences in both languages that a person can repeat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from planner.plan.difference import Difference, IndicatorRow, SchoolChange
from planner.plan.meanings import Pair, Verdict, part_words
from planner.plan.plan import SchoolPlan

_SHOWN = 5
_LEAST_SHARE = 0.005
"""Changes below this share of the first value are not worth a sentence."""


def story(
    difference: Difference,
    rows: Sequence[IndicatorRow],
    *,
    later: int,
    schools: Mapping[str, Pair],
    services: Mapping[str, Pair],
    min_children: int = 0,
) -> tuple[Pair, ...]:
    """What is otherwise in plan `later` of `rows` than in the first, and for whom.

    `schools` and `services` are names by id, Chinese and English. Fewer pupils than
    `min_children` who move are not counted.
    """
    sentences = [
        *_built(difference.schools, schools),
        *_moved_pupils(difference, services, min_children),
        *_moved_people(difference),
        *_verdicts(rows, later, services),
    ]
    same = ("两个方案完全相同。", "The two plans are the same.")
    return tuple(sentences) or (same,)


def figure(row: IndicatorRow, value: float | None) -> str:
    """A value of an indicator for people, without its unit; shares in per cent."""
    if value is None:
        return "–"
    number = value * 100 if row.meaning.unit[1] == "%" else value
    if abs(number - round(number)) < 1e-6 or abs(number) >= 1000:
        return f"{round(number):,}"
    return f"{number:,.1f}"


def told(row: IndicatorRow, value: float | None) -> Pair:
    """A value of an indicator for people, with its unit; money in hundred millions or millions."""
    if row.meaning.unit[1] == "yuan" and value is not None:
        return f"{value / 1e8:,.2f} 亿元", f"{value / 1e6:,.1f} million yuan"
    text = figure(row, value)
    zh, en = row.meaning.unit
    return f"{text} {zh}".rstrip(), f"{text} {en}".rstrip()


def _built(changes: Sequence[SchoolChange], names: Mapping[str, Pair]) -> Iterator[Pair]:
    def listed(keys: Sequence[str]) -> Pair:
        pairs = [names.get(key, (key, key)) for key in keys]
        return (
            "、".join(f"{zh}（{key}）" for key, (zh, _) in zip(keys, pairs, strict=True)),
            ", ".join(f"{en} ({key})" for key, (_, en) in zip(keys, pairs, strict=True)),
        )

    opened = [c.id for c in changes if _is_built(c.after) and not _is_built(c.before)]
    given_up = [c.id for c in changes if _is_built(c.before) and not _is_built(c.after)]
    resized = [c.id for c in changes if _is_built(c.before) and _is_built(c.after)]
    for keys, zh, en in (
        (opened, "改为建设：", "Built in its place: " if given_up else "Built in addition: "),
        (given_up, "不再建设：", "No longer built: "),
        (resized, "建设规模不同：", "Built in another size: "),
    ):
        if keys:
            names_zh, names_en = listed(keys)
            yield f"{zh}{names_zh}。", f"{en}{names_en}."


def _is_built(school: SchoolPlan | None) -> bool:
    return school is not None and school.kind != "existing"


def _moved_pupils(
    difference: Difference, services: Mapping[str, Pair], min_children: int
) -> Iterator[Pair]:
    moves = [move for move in difference.moves if move.kind == "school"]
    if not moves:
        return
    kinds = list(dict.fromkeys(move.service for move in moves))
    shares = {name: difference.moved("school", name) for name in kinds}
    words = {name: services.get(name, (name, name)) for name in kinds}
    zh = "，".join(f"{words[name][0]} {shares[name]:,.0f} 人" for name in kinds)
    en = ", ".join(f"{words[name][1]} {shares[name]:,.0f}" for name in kinds)
    count = len({move.compound for move in moves})
    total = sum(shares.values())
    if min(shares.values()) < min_children:
        yield (
            f"{count} 个小区的学校不同；学生数过少，不予公开。",
            f"{count} compounds go to another school; the pupils are too few to be counted.",
        )
        return
    yield (
        f"{total:,.0f} 名学生的学校不同（{zh}），涉及 {count} 个小区。",
        f"{total:,.0f} pupils of {count} compounds go to another school ({en}).",
    )


def _moved_people(difference: Difference) -> Iterator[Pair]:
    for kind, zh, en in (
        ("subdistrict", "街道", "subdistrict"),
        ("community", "社区", "community"),
    ):
        count = sum(move.kind == kind for move in difference.moves)
        if count:
            people = difference.moved(kind)
            yield (
                f"{people:,.0f} 名居民（{count} 个小区）所属{zh}不同。",
                f"{people:,.0f} people ({count} compounds) belong to another {en}.",
            )


def _verdicts(
    rows: Sequence[IndicatorRow], later: int, services: Mapping[str, Pair]
) -> Iterator[Pair]:
    """What is better and what is worse, the largest changes first."""
    for verdict, zh, en in ((Verdict.BETTER, "改善", "Better"), (Verdict.WORSE, "变差", "Worse")):
        found = [row for row in rows if row.verdicts[later] is verdict and _counts(row, later)]
        found.sort(key=lambda row: (-_size(row, later), row.name))
        told = [_change(row, later, dict(services)) for row in found[:_SHOWN]]
        if told:
            yield (
                f"{zh}：{'；'.join(words for words, _ in told)}。",
                f"{en}: {'; '.join(words for _, words in told)}.",
            )


def _counts(row: IndicatorRow, later: int) -> bool:
    """Whether a row is worth telling: large enough, and not a part of one that is told whole."""
    return row.part in ("", "total") or (row.key in ("mean_distance_m", "beyond_radius") and (
        _size(row, later) >= _LEAST_SHARE
    ))  # fmt: skip


def _size(row: IndicatorRow, later: int) -> float:
    change, first = row.changes[later], row.values[0]
    return abs(change or 0.0) / max(abs(first or 0.0), 1e-9)


def _change(row: IndicatorRow, later: int, services: dict[str, Pair]) -> Pair:
    names = row.meaning.name
    part = part_words(row.part if row.part != "total" else "", services)
    zh = names[0] + (f"（{part[0]}）" if part[0] else "")
    en = names[1] + (f" ({part[1]})" if part[1] else "")
    before, after = told(row, row.values[0]), told(row, row.values[later])
    return f"{zh} {before[0]} → {after[0]}", f"{en} {before[1]} → {after[1]}"
