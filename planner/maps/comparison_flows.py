"""Flows from one plan to another for a public page: figures of few children withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.maps.reading import number
from planner.plan.difference import Difference, Flow
from planner.plan.privacy import withheld


def told_flows(difference: Difference, *, min_children: int) -> list[dict[str, Any]]:
    """Flows that are no staying, the largest of a kind first; ``n`` is None where it is withheld.

    A flow of few children is withheld, and others with it as long as the pupils who leave or
    reach a school would tell it.
    """
    told = []
    for kind, service in dict.fromkeys((flow.kind, flow.service) for flow in difference.flows):
        flows = [f for f in difference.flows if (f.kind, f.service) == (kind, service)]
        hidden = _hidden_flows(flows, min_children=min_children) if kind == "school" else ()
        moving = [flow for flow in flows if not flow.stays and flow.amount > 0]
        moving.sort(key=lambda flow: (-flow.amount, flow.before, flow.after))
        told += [
            {
                "kind": kind, "service": service, "from": flow.before, "to": flow.after,
                "n": None if _key(flow.before, flow.after) in hidden else number(flow.amount),
                "compounds": list(flow.compounds),
            }
            for flow in moving
        ]  # fmt: skip
    return told


def hidden_compounds(
    schools: Sequence[Mapping[str, str]], pupils: Mapping[str, float], *, min_children: int
) -> frozenset[str]:
    """Compounds of one service whose pupils neither a plan nor a flow between two may tell.

    `schools` are the schools by compound, of the first plan and of each later one.
    """
    first = schools[0]
    flows = [
        {key: _key(first[key], after) for key, after in later.items() if key in first}
        for later in schools[1:]
    ]
    return _hidden(pupils, [*schools, *flows], min_children=min_children)


def _hidden_flows(flows: Sequence[Flow], *, min_children: int) -> frozenset[str]:
    amounts = {_key(flow.before, flow.after): flow.amount for flow in flows}
    leaving = {_key(flow.before, flow.after): flow.before for flow in flows}
    arriving = {_key(flow.before, flow.after): flow.after for flow in flows}
    return _hidden(amounts, [leaving, arriving], min_children=min_children)


def _hidden(
    amounts: Mapping[str, float], groups: Sequence[Mapping[str, str]], *, min_children: int
) -> frozenset[str]:
    """What is withheld in some grouping counts as withheld in every other one."""
    hidden: frozenset[str] = frozenset()
    while True:
        known = hidden
        for group in groups:
            hidden = withheld(amounts, group, min_children=min_children, also=hidden)
        if hidden == known:
            return hidden


def _key(before: str, after: str) -> str:
    return f"{before}>{after}"
