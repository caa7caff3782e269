"""The page around the map: title, status, key figures, verification, and what is modelled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import jinja2
from markupsafe import Markup

from planner.maps import words
from planner.maps.inlining import read_asset
from planner.maps.sentences import check_figures, finding_words
from planner.plan.plan import Level, Plan
from planner.plan.verification import tally
from planner.scenario.model import Scenario
from planner.territory.territory import Territory


def page_body(
    territory: Territory,
    scenario: Scenario,
    plan: Plan,
    *,
    verification: Sequence[Mapping[str, Any]] | None,
    record: Mapping[str, Any],
    data: str,
) -> Markup:
    """The page's body; `data` is JSON that may stand inside a script element."""
    html = template("page.html").render(
        title=scenario.title,
        scenario=scenario.name,
        plan=plan,
        run=_first(record, "run_id", "run", "id"),
        created=_minute(_first(record, "created")),
        years=_years(territory),
        min_children=scenario.privacy.min_children,
        versions=_versions(record),
        status=words.status_word(plan),
        sentence=words.status_sentence(plan),
        checks=None if verification is None else checks_told(verification, scenario),
        tally=tally((str(check["code"]), bool(check["ok"])) for check in verification or ()),
        levels=[_level_row(level) for level in plan.levels],
        modelled=[words.pair(words.LAYERS, name) for name in territory.modelled],
        findings=[finding_words(one, service_names(scenario)) for one in plan.findings],
        figures=key_figures(scenario, plan),
        data=Markup(data),
    )
    return Markup(html)


def service_names(scenario: Scenario) -> dict[str, words.Pair]:
    """Names of the services by id."""
    return {key: (entry.name.zh, entry.name.en) for key, entry in scenario.services.items()}


def checks_told(
    checks: Sequence[Mapping[str, Any]], scenario: Scenario
) -> list[dict[str, Any]]:  # fmt: skip
    """Checks with what they counted in both languages as `told`."""
    services = service_names(scenario)
    return [
        {**check, "told": check_figures(str(check.get("figures", "")), services)}
        for check in checks
    ]


def _minute(created: str) -> str:
    """A moment as people write it, to the minute; what is no moment is told as it is."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created
    zone = " UTC" if moment.utcoffset() == timedelta(0) else ""
    return f"{moment:%Y-%m-%d %H:%M}{zone}"


def template(name: str) -> jinja2.Template:
    """A template among the page's files; every text that it is given is escaped."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, loader=jinja2.FunctionLoader(read_asset)
    )
    return environment.get_template(name)


def key_figures(scenario: Scenario, plan: Plan) -> list[tuple[words.Pair, words.Pair, words.Pair]]:
    """The strip below the title: what, how much and in which unit, each in both languages."""
    known = plan.indicators
    mean = known.get("mean_distance_m")
    ways = [
        ((f"平均路程 · {entry.name.zh}", f"Mean way · {entry.name.en}"), mean.get(name), ("m", "m"))
        for name, entry in scenario.services.items()
        if isinstance(mean, Mapping)
    ]
    none = ("", "")
    cost, land = _total(known.get("cost_yuan")), _total(known.get("land_m2"))
    rows: list[tuple[words.Pair, Any, words.Pair]] = [
        (("新建学校", "New schools"), known.get("new_schools"), none),
        (("扩建学校", "Expanded schools"), known.get("expanded_schools"), none),
        (("新增班级", "New classes"), _total(known.get("new_classes")), none),
        (("新增学位", "New places"), _total(known.get("new_places")), none),
        (("用地", "Land"), _scaled(land, 1e4), ("公顷", "ha")),
        (("学位缺口", "Places short"), _total(known.get("places_short")), none),
        *ways,
        (
            ("改变学校的学生", "Pupils changing school"),
            _total(known.get("pupils_changing_school")),
            none,
        ),
        (("街道", "Subdistricts"), known.get("subdistricts", len(plan.subdistricts)), none),
        (("社区", "Communities"), known.get("communities", len(plan.communities)), none),
        (("网格", "Grids"), known.get("grids", len(plan.grids)), none),
    ]
    figures = [(label, (_figure(value),) * 2, unit) for label, value, unit in rows]
    money = (_figure(_scaled(cost, 1e8)), _figure(_scaled(cost, 1e6)))
    figures.insert(5, (("投资", "Cost"), money, ("亿元", "million yuan")))
    return figures


def _years(territory: Territory) -> str:
    """First and last year that the demand layer states."""
    years = sorted(str(year) for table in territory.demand.values() for year in table.columns)
    return years[0] if years[0] == years[-1] else f"{years[0]}–{years[-1]}"


def _total(value: Any) -> Any:
    return value.get("total") if isinstance(value, Mapping) else value


def _scaled(value: Any, unit: float) -> float | None:
    return None if value is None else value / unit


def _figure(value: Any) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    if value == int(value) or abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _level_row(level: Level) -> dict[str, Any]:
    value = f"{level.value:,.6g}" if abs(level.value) < 1e5 else f"{level.value:,.0f}"
    is_share = level.unit.startswith("fraction")
    return {
        "program": words.pair(words.PROGRAMS, level.program),
        "name": words.pair(words.LEVELS, level.name),
        "value": words.percent(level.value) if is_share else value,
        "unit": ("", "") if is_share else words.pair(words.UNITS, level.unit),
        "gap": words.percent(level.gap),
    }


def _first(record: Mapping[str, Any], *keys: str) -> str:
    return next((str(record[key]) for key in keys if record.get(key)), "")


def _versions(record: Mapping[str, Any]) -> str:
    versions = record.get("versions")
    if not isinstance(versions, Mapping):
        return str(versions or "")
    return " · ".join(f"{name} {version}" for name, version in sorted(versions.items()))
