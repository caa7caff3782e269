"""Checks of the administration: parents of communities, offices and candidate seats."""

from __future__ import annotations

from collections import Counter

from planner.scenario.model import Scenario
from planner.territory.findings import finding
from planner.territory.reading import Layers
from planner.territory.territory import Finding, Severity


def check_parents(scenario: Scenario, layers: Layers) -> list[Finding]:
    """A subdistrict has one parent, and every community knows its own."""
    frame = layers.frames.get("communities")
    if frame is None or "subdistrict" not in frame or "id" not in frame:
        return []
    rule = scenario.boundaries.parent_rule
    severity = Severity.ERROR if rule else Severity.WARNING
    above = _parents_above(layers)
    parents: dict[str, set[str]] = {key: {parent} for key, parent in above.items()}
    orphans = []
    own = frame["parent"] if "parent" in frame else [None] * len(frame)
    for key, subdistrict, parent in zip(frame["id"], frame["subdistrict"], own, strict=True):
        if parent is not None and subdistrict is not None:
            parents.setdefault(subdistrict, set()).add(parent)
        elif parent is None and subdistrict not in above:
            orphans.append(key or "?")
    findings = []
    mixed = {key: ", ".join(sorted(of)) for key, of in sorted(parents.items()) if len(of) > 1}
    if mixed:
        message = "communities of one subdistrict have different parents: {ids}"
        hint = "no new subdistrict crosses them; correct 'parent' if that is an error"
        hint = hint if rule else "correct 'parent' if that is an error"
        shown = [f"{key} ({of})" for key, of in mixed.items()]
        findings.append(
            finding(
                "mixed-parents", Severity.WARNING, "communities", message,
                hint=hint, ids=mixed, shown=shown,
            )
        )  # fmt: skip
    if orphans and len(orphans) == len(frame):
        message = "no community has a parent: all count as one county-level district"
        findings.append(finding("no-parents", Severity.NOTE, "communities", message))
    elif orphans:
        message = f"{len(orphans)} communities have no parent though others do: {{ids}}"
        hint = "fill 'parent' everywhere, or nowhere"
        findings.append(
            finding("missing-parent", severity, "communities", message, hint=hint, ids=orphans)
        )
    return findings


def check_subdistricts_used(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Every subdistrict of the layer has a community."""
    frame, communities = layers.frames.get("subdistricts"), layers.frames.get("communities")
    if frame is None or communities is None or "subdistrict" not in communities:
        return []
    ids = sorted(set(frame.get("id", [])) - set(communities["subdistrict"]) - {None})
    if not ids:
        return []
    message = "no community belongs to {ids}"
    hint = "delete them, or correct the communities' subdistrict"
    return [
        finding("empty-subdistrict", Severity.WARNING, "subdistricts", message, hint=hint, ids=ids)
    ]


def check_offices(_scenario: Scenario, layers: Layers) -> list[Finding]:
    """Each office governs a subdistrict of its own."""
    frame = layers.frames.get("seats")
    communities = layers.frames.get("communities")
    if frame is None or not {"id", "kind", "subdistrict"} <= set(frame.columns):
        return []
    offices = frame[frame["kind"] == "office"]
    findings = []
    loose = sorted(offices.loc[offices["subdistrict"].isna(), "id"].dropna())
    if loose:
        message = "offices that name no subdistrict: {ids}"
        hint = "fill 'subdistrict' with the one it governs, or make it a candidate"
        findings.append(
            finding("loose-office", Severity.ERROR, "seats", message, hint=hint, ids=loose)
        )
    counts = Counter(offices["subdistrict"].dropna())
    double = sorted(key for key, count in counts.items() if count > 1)
    if double:
        message = "subdistricts with several offices: {ids}"
        hint = "leave one office each; the others may be candidates"
        findings.append(
            finding("several-offices", Severity.ERROR, "seats", message, hint=hint, ids=double)
        )
    if communities is not None and "subdistrict" in communities:
        without = sorted(set(communities["subdistrict"].dropna()) - set(counts))
        if without:
            message = "subdistricts without an office: {ids}"
            hint = "add their offices; without one their seat is chosen among the candidates"
            findings.append(
                finding("no-office", Severity.WARNING, "seats", message, hint=hint, ids=without)
            )
    return findings


def _parents_above(layers: Layers) -> dict[str, str]:
    frame = layers.frames.get("subdistricts")
    if frame is None or not {"id", "parent"} <= set(frame.columns):
        return {}
    pairs = zip(frame["id"], frame["parent"], strict=True)
    return {key: parent for key, parent in pairs if key is not None and parent is not None}
