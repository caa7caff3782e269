"""The table of assignments: who belongs where, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from planner.plan.plan import Assignment, Plan
from planner.territory.territory import Territory

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def assignments_csv(territory: Territory, plan: Plan) -> str:
    """CSV text with a byte order mark, one row per compound, sorted by id.

    Columns: compound, name, per service its school, that school's name and today's school, then
    community, subdistrict, and what changes for the compound.
    """
    services = list(territory.demand)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_header(services))
    for entry in sorted(plan.assignments, key=lambda entry: entry.compound):
        writer.writerow([safe(cell) for cell in _row(territory, services, entry)])
    return BOM + text.getvalue()


def stated_assignments(text: str) -> dict[str, dict[str, str]]:
    """Rows of the table by compound; raises ValueError if a compound occurs twice."""
    rows: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")):
        if row["compound"] in rows:
            raise ValueError(f"{row['compound']} occurs twice")
        rows[row["compound"]] = row
    return rows


def expected_assignments(plan: Plan) -> dict[str, dict[str, str]]:
    """What the table must say of each compound: its schools, community and subdistrict."""
    return {
        safe(entry.compound): {
            **{f"{service}_school": safe(school) for service, school in entry.schools.items()},
            "community": safe(entry.community),
            "subdistrict": safe(entry.subdistrict),
        }
        for entry in plan.assignments
    }


def safe(cell: str) -> str:
    """The text, with an apostrophe before anything a spreadsheet would take for a formula."""
    return f"'{cell}" if is_formula(cell) else cell


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula."""
    return text.startswith(_FORMULA)


def _header(services: list[str]) -> list[str]:
    schools = [
        f"{service}_{what}"
        for service in services
        for what in ("school", "school_name", "school_today")
    ]
    return ["compound", "name", *schools, "community", "subdistrict", "changes"]


def _row(territory: Territory, services: list[str], entry: Assignment) -> Iterator[str]:
    compound = entry.compound
    yield compound
    yield str(territory.compounds["name"][compound])
    changes = []
    for service in services:
        school = entry.schools[service]
        today = str(territory.today[service][compound] or "")
        yield school
        yield str(territory.schools["name"][school])
        yield today
        changes += [service] if today and today != school else []
    yield entry.community
    yield entry.subdistrict
    community = territory.compounds["community"][compound]
    changes += ["community"] if community != entry.community else []
    subdistrict = territory.communities["subdistrict"][community]
    changes += ["subdistrict"] if subdistrict != entry.subdistrict else []
    yield " ".join(changes)
