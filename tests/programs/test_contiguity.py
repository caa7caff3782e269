"""Pieces and separators, on small graphs by hand and against networkx."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.contiguity import Graph, graph_of, pieces, separator, stray_pieces

COUNT = 8
IDS = tuple(f"u{u}" for u in range(COUNT))
PAIRS = tuple(combinations(range(COUNT), 2))
EDGES = st.lists(st.sampled_from(PAIRS), max_size=14, unique=True)
MEMBERS = st.sets(st.integers(0, COUNT - 1))


def ours(edges: list[tuple[int, int]]) -> Graph:
    named = [(f"u{a}", f"u{b}") for a, b in edges]
    return graph_of(IDS, pd.DataFrame(named, columns=["a", "b"]))


def theirs(edges: list[tuple[int, int]]) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(COUNT))
    graph.add_edges_from(edges)
    return graph


def test_ids_are_sorted_and_edges_go_both_ways() -> None:
    borders = pd.DataFrame({"a": ["c", "a", "a"], "b": ["a", "c", "elsewhere"]})
    graph = graph_of(["c", "b", "a"], borders)
    assert graph.ids == ("a", "b", "c")
    assert graph.neighbours == ((2,), (), (0,))
    assert graph.component == (0, 1, 0)
    assert graph.position == {"a": 0, "b": 1, "c": 2}


def test_a_row_of_four() -> None:
    graph = ours([(0, 1), (1, 2), (2, 3)])
    assert pieces(graph, [3, 0, 2]) == [[0], [2, 3]]
    assert stray_pieces(graph, [2, 3], 0) == [[2, 3]]
    assert stray_pieces(graph, [1, 2], 0) == []
    assert stray_pieces(graph, [], 0) == []
    assert separator(graph, [2, 3], 0) == [1]
    assert separator(graph, [3], 0) == [2]


def test_no_separator_beside_the_root_or_across_components() -> None:
    graph = ours([(0, 1), (1, 2)])
    assert separator(graph, [1], 0) == []
    assert separator(graph, [5], 0) == []
    assert stray_pieces(graph, [1, 5], 0) == []


def test_a_ring_needs_both_sides() -> None:
    graph = ours([(0, 1), (1, 2), (2, 3), (3, 0)])
    assert separator(graph, [2], 0) == [1, 3]


def test_a_dead_end_beside_the_piece_is_left_out() -> None:
    graph = ours([(0, 1), (1, 2), (2, 3)])
    assert separator(graph, [2], 0) == [1]


@given(edges=EDGES, members=MEMBERS)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_pieces_are_connected_components(edges: list[tuple[int, int]], members: set[int]) -> None:
    found = pieces(ours(edges), members)
    wanted = nx.connected_components(theirs(edges).subgraph(members))
    assert found == sorted(sorted(piece) for piece in wanted)


@given(edges=EDGES)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_components_are_those_of_the_whole_graph(edges: list[tuple[int, int]]) -> None:
    component = ours(edges).component
    for piece in nx.connected_components(theirs(edges)):
        assert len({component[v] for v in piece}) == 1
    assert len(set(component)) == nx.number_connected_components(theirs(edges))


@given(edges=EDGES, members=MEMBERS, root=st.integers(0, COUNT - 1))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_stray_pieces_are_apart_from_the_root(
    edges: list[tuple[int, int]], members: set[int], root: int
) -> None:
    graph = theirs(edges)
    home = nx.node_connected_component(graph, root)
    parts = nx.connected_components(graph.subgraph((members & home) | {root}))
    wanted = sorted(sorted(part) for part in parts if root not in part)
    assert stray_pieces(ours(edges), sorted(members), root) == wanted


@given(edges=EDGES, members=MEMBERS, root=st.integers(0, COUNT - 1))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_separators_part_and_each_vertex_is_needed(
    edges: list[tuple[int, int]], members: set[int], root: int
) -> None:
    graph = theirs(edges)
    for piece in stray_pieces(ours(edges), sorted(members), root):
        cut = separator(ours(edges), piece, root)
        assert cut == sorted(cut)
        assert not {*cut} & {*piece, root}
        assert not reaches(graph, piece[0], root, without=cut)
        for vertex in cut:
            assert reaches(graph, piece[0], root, without=[c for c in cut if c != vertex])


def reaches(graph: nx.Graph, a: int, b: int, *, without: list[int]) -> bool:
    left = graph.subgraph(set(graph) - set(without))
    return nx.has_path(left, a, b)
