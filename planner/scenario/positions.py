"""YAML read as a tree of values that know where they were stated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from planner.errors import Problem, ScenarioError

Scalar: TypeAlias = str | int | float | bool | None
KeyPath: TypeAlias = tuple[str, ...]
Plain: TypeAlias = "Scalar | dict[str, Plain] | list[Plain]"

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Stated:
    """A value and where it was stated: `place` for messages, `origin` for the record."""

    value: Scalar | dict[str, Stated] | list[Stated]
    place: str
    """``file:line:column`` of a single value, or of the key of a mapping or list."""
    key_place: str
    """``file:line:column`` of the key."""
    origin: str
    """``file:line``, ``--set``, ``--data`` or ``default``."""

    @property
    def entries(self) -> dict[str, Stated]:
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}


def read_file(path: Path, *, shown: str) -> Stated:
    """Read one YAML file; `shown` is how messages call it.

    Raises ScenarioError with every problem of spelling: syntax, double keys, tags, empty file.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        column = error.start - error.object.rfind(b"\n", 0, error.start)
        message = "is not UTF-8 text: save the file as UTF-8"
        raise ScenarioError(Problem(f"{shown}:{line}:{column}", message)) from None
    except FileNotFoundError:
        raise ScenarioError(Problem(shown, "no such file")) from None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ScenarioError(Problem(shown, f"cannot be read: {reason}")) from None
    tree = read_text(text, Source(shown))
    if tree is None or tree.value is None:
        hint = "a scenario states at least name, title and design_year, or extends another"
        raise ScenarioError(Problem(f"{shown}:1:1", "the file is empty", hint))
    if not isinstance(tree.value, dict):
        message = f"a scenario is a mapping of keys and values, not {describe(plain(tree))}"
        raise ScenarioError(Problem(tree.place, message))
    return tree


@dataclass(frozen=True)
class Source:
    """What is being read: a file, or one ``--set`` of the command line."""

    shown: str
    setting: bool = False

    def place(self, line: int, column: int) -> str:
        """Where a message points, from zero-based `line` and `column`."""
        return self.shown if self.setting else f"{self.shown}:{line + 1}:{column + 1}"

    def origin(self, line: int) -> str:
        """What the record of origins says, from a zero-based `line`."""
        return "--set" if self.setting else f"{self.shown}:{line + 1}"


def read_text(text: str, source: Source) -> Stated | None:
    """Read YAML 1.2 text; None if it holds no value. Raises ScenarioError with all problems."""
    try:
        node = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = source.place(mark.line, mark.column) if mark else source.shown
        message = ", ".join(str(part) for part in (error.context, error.problem) if part)
        raise ScenarioError(Problem(where, f"not readable as YAML: {message}")) from None
    except ReaderError as error:
        before = text[: error.position]
        where = source.place(before.count("\n"), error.position - before.rfind("\n") - 1)
        message = "not readable as YAML: a control character"
        raise ScenarioError(Problem(where, message)) from None
    except YAMLError as error:
        raise ScenarioError(Problem(source.shown, f"not readable as YAML: {error}")) from None
    if node is None:
        return None
    reading = _Reading(source, [])
    tree = reading.value(node, key=None, path=(), above=())
    if reading.problems:
        raise ScenarioError(reading.problems)
    return tree


def plain(tree: Stated) -> Plain:
    """The bare values of `tree`."""
    if isinstance(tree.value, dict):
        return {key: plain(entry) for key, entry in tree.value.items()}
    if isinstance(tree.value, list):
        return [plain(item) for item in tree.value]
    return tree.value


def describe(value: object) -> str:
    """`value` as a message calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value!r}"
    if isinstance(value, str):
        return f"the text '{value[:40]}…'" if len(value) > 40 else f"the text '{value}'"
    return "a list" if isinstance(value, list | tuple) else "a mapping"


@dataclass(frozen=True)
class _Reading:
    """One pass over the nodes of a source, gathering problems."""

    source: Source
    problems: list[Problem]

    def value(
        self, node: Node, *, key: ScalarNode | None, path: KeyPath, above: tuple[Node, ...]
    ) -> Stated:
        if any(node is parent for parent in above):
            self._refuse(node, path, "an alias must not lead back to itself")
            return self._stated(None, node, key)
        if isinstance(node, MappingNode):
            return self._stated(self._mapping(node, path, (*above, node)), node, key)
        if isinstance(node, SequenceNode):
            items = [
                self.value(item, key=None, path=(*path, str(index)), above=(*above, node))
                for index, item in enumerate(node.value)
            ]
            return self._stated(items, node, key)
        return self._stated(self._scalar(node, path), node, key)

    def _mapping(
        self, node: MappingNode, path: KeyPath, above: tuple[Node, ...]
    ) -> dict[str, Stated]:
        entries: dict[str, Stated] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or self._kind(key) not in ("str", "merge"):
                name = key.value if isinstance(key, ScalarNode) else "this"
                self._refuse(key, path, f"the key {name} must be text: put it in quotes")
                continue
            here = (*path, key.value)
            if key.value in entries:
                first = entries[key.value].key_place
                self._refuse(key, here, f"is stated twice, first at {first}")
                continue
            entries[key.value] = self.value(value, key=key, path=here, above=above)
        return entries

    def _scalar(self, node: Node, path: KeyPath) -> Scalar:
        kind, text = self._kind(node), str(node.value)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind in ("int", "float"):
            number = _number(text, kind)
            if number is None:
                self._refuse(node, path, f"is not a number: {describe(text)}")
            return number
        if kind not in ("str", "timestamp", "merge"):
            self._refuse(node, path, f"the tag {node.tag} has no meaning in a scenario")
        return text

    def _stated(
        self,
        value: Scalar | dict[str, Stated] | list[Stated],
        node: Node,
        key: ScalarNode | None,
    ) -> Stated:
        own, named = node.start_mark, (key or node).start_mark
        # An empty value stands nowhere: its key is the place to look at.
        single = isinstance(node, ScalarNode) and node.value != ""
        mark = own if single or (isinstance(node, ScalarNode) and node.style) else named
        return Stated(
            value,
            self.source.place(mark.line, mark.column),
            self.source.place(named.line, named.column),
            self.source.origin(mark.line),
        )

    def _refuse(self, node: Node, path: KeyPath, message: str) -> None:
        where = self.source.place(node.start_mark.line, node.start_mark.column)
        dotted = ".".join(path)
        self.problems.append(Problem(where, f"{dotted}: {message}" if dotted else message))

    @staticmethod
    def _kind(node: Node) -> str:
        return str(node.tag or "").removeprefix(_TAG)


def _number(text: str, kind: str) -> int | float | None:
    digits = text.replace("_", "").lower()
    try:
        if kind == "float":
            named = {".inf": "inf", ".nan": "nan"}
            sign = digits[0] if digits[0] in "+-" else ""
            body = digits.removeprefix(sign)
            return float(sign + named.get(body, body))
        unsigned = digits.lstrip("+-")
        base = {"0x": 16, "0o": 8, "0b": 2}.get(unsigned[:2], 10)
        number = int(unsigned, base)
    except ValueError:
        return None
    return -number if digits.startswith("-") else number
