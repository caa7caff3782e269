"""Numbers, lists and pages of paper documents, in one language at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from planner.documents.source import Pair, Source
from planner.maps import words
from planner.plan.privacy import shown

LANGUAGES = ("zh", "en")
"""A language is meant by its position: 0 Chinese, 1 English."""
_NUMERALS = "一二三四五六七八九十"
KINDS: dict[str, Pair] = {
    "existing": ("现有", "existing"), "expanded": ("扩建", "expanded"), "new": ("新建", "new"),
}  # fmt: skip


def render(name: str, source: Source, language: int, context: Mapping[str, Any]) -> str:
    """A page out of a template; every text from data is escaped."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        loader=jinja2.FunctionLoader(_template),
    )  # fmt: skip
    common = {
        "t": lambda zh, en: (zh, en)[language],
        "n": lambda pair: pair[language],
        "listed": lambda pairs: ("、", ", ")[language].join(pair[language] for pair in pairs),
        "numeral": lambda number: f"{numeral(number)}、" if language == 0 else f"{number}. ",
        "css": Markup(_template("paper.css")),
        "modelled": [words.pair(words.LAYERS, name) for name in source.territory.modelled],
        "colophon": colophon(source)[language],
    }
    return environment.get_template(name).render({**common, **context}) + "\n"


def colophon(source: Source) -> Pair:
    """From which run a document comes."""
    run, made = source.record.get("run_id", ""), source.created.date().isoformat()
    zh, en = tally_words(source)
    return (
        f"依据：情景 {source.scenario.name}，运行 {run}（{made}），独立核验{zh}通过。",
        f"From scenario {source.scenario.name}, run {run} ({made}); verified independently: {en}.",
    )


def tally_words(source: Source) -> Pair:
    """How many promises of the plan and how many checks of the run's files are kept."""
    count = source.tally
    zh = f"方案承诺 {count.plan_kept}/{count.plan} 项"
    en = f"{count.plan_kept}/{count.plan} promises of the plan"
    if not count.files:
        return zh, en
    return (
        f"{zh}、运行文件 {count.files_kept}/{count.files} 项",
        f"{en}, {count.files_kept}/{count.files} checks of the run's files",
    )


def numeral(number: int) -> str:
    """A Chinese numeral up to 99."""
    if number <= 10:
        return _NUMERALS[number - 1]
    tens, ones = divmod(number, 10)
    first = "" if tens == 1 else _NUMERALS[tens - 1]
    return f"{first}十{_NUMERALS[ones - 1] if ones else ''}"


def figure(value: float | None, digits: int = 0) -> str:
    """A number with thousands separated; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:,.{digits}f}"


def in_metres(number: str) -> str:
    """A figure with its unit in English; they stay on one line."""
    return f"{number}\u202fm"


def percent(share: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """A share in per cent."""
    if share is None:
        return "–"
    sign = ("+" if share > 0 else "−" if share < 0 else "") if signed else ""
    return f"{sign}{abs(100 * share) if signed else 100 * share:.{digits}f}\u202f%"


def children(count: float, source: Source) -> str:
    """A count of children that stands alone; withheld where there are few of them."""
    least = source.scenario.privacy.min_children
    told = shown(count, min_children=least)
    return f"<{least}" if told is None else figure(told)


def both(write: Callable[[int], str], stem: str) -> dict[str, str]:
    """A page in each language, by file name."""
    return {f"{stem}.{code}.html": write(number) for number, code in enumerate(LANGUAGES)}


def joined(names: Sequence[Pair]) -> Pair:
    """A list of names."""
    return "、".join(name[0] for name in names), ", ".join(name[1] for name in names)


def _template(name: str) -> str:
    folder = resources.files("planner.documents") / "templates"
    return (folder / name).read_text(encoding="utf-8")
