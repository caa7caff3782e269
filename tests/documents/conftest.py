from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.documents.source import Source
from tests.maps import town

CHECKS = [
    {"code": "a", "ok": True, "title_en": "A", "title_zh": "甲", "figures": "1 of 1"},
    {"code": "b", "ok": True, "title_en": "B", "title_zh": "乙", "figures": "2 of 2"},
]
RECORD = {"run_id": "r1", "created": "2026-01-02T03:04:05+00:00", "origins": {"crs": "a.yaml:3"}}


@pytest.fixture(scope="session")
def source_of() -> Callable[..., Source]:
    """A source over the town; names by id, `least` is the privacy threshold."""

    def made(*, least: int = 5, **names: str) -> Source:
        place = town.territory(rename=names)
        asked = town.scenario(privacy={"min_children": least})
        return Source(place, asked, town.plan(place), RECORD, CHECKS)

    return made
