"""Reads YAML 1.2 text into a tree with places. Nothing in a file is ever executed.

ruamel.yaml splits the text into events. The values follow the core schema of YAML 1.2: `NO` and `18:30` are text,
`1e6` is a number. Dates stay text, because only `clock.start` is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from hubnet.errors import Problem, ScenarioError
from hubnet.scenario.tree import DEEPEST, MOST_NODES, Key, Mark, Node, Origin
from hubnet.scenario.words import quote

LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what ruamel counts as the end of a line
NULL = ("", "~", "null", "Null", "NULL")
BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
BASED = re.compile(r"0o[0-7]{1,100}|0x[0-9a-fA-F]{1,100}")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
SPECIAL = {"inf": float("inf"), "nan": float("nan")}

# What ruamel says, what it means, and the way out.
SYNTAX = [
    (r"found character '\\t'", "a tab stands where YAML wants spaces", "indent with spaces, not with tabs"),
    (
        r"mapping values are not allowed",
        'there is a second ": " on the line, or the line is indented wrongly',
        'put a text that holds ": " in quotes; give keys of one level the same indentation',
    ),
    (
        r"found character '(.)' that cannot start",
        'a text cannot start with "{0}"',
        "put the text in quotes",
    ),
    (
        r"could not find expected ':'|expected <block end>, but found '<scalar>'",
        'a ":" is missing, or the line is indented wrongly',
        'write "key: value", with a space after the colon',
    ),
    (r"found unexpected end of stream|unexpected end of stream", "a quote is never closed", "close the quote"),
    (
        r"expected ',' or '([}\]])'",
        'a comma or the closing "{0}" is missing',
        "separate entries by commas, and close every bracket",
    ),
    (
        r"expected <block end>|expected '<document start>'|expected the node content|did not find expected"
        r"|sequence entries are not allowed",
        "the structure is broken here: an indentation or a bracket does not fit",
        "give keys of one level the same indentation, and close every bracket",
    ),
    (r"directive|YAML document|version", "this YAML directive is not known", "leave the line out"),
]


def read_file(path: str | Path) -> str:
    """The text of a scenario file. Raises ScenarioError if there is no such file or it is not UTF-8 text."""
    file = str(path)
    try:
        raw = Path(path).read_bytes()
    except FileNotFoundError:
        raise ScenarioError(Problem("there is no such file", file=file)) from None
    except IsADirectoryError:
        hint = "name the scenario file in it"
        raise ScenarioError(Problem("this is a folder, not a scenario file", hint, file)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ScenarioError(Problem(f"the file cannot be read: {reason}", file=file)) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode("utf-8-sig")
        lines = LINE_END.split(good)
        message = f"the file is not UTF-8 text: byte 0x{raw[error.start]:02x} cannot be read"
        problem = Problem(message, "save it in the encoding UTF-8", file, len(lines), len(lines[-1]) + 1)
        raise ScenarioError(problem) from None


def read_yaml(text: str, file: str, with_places: bool = True) -> tuple[Node, list[Problem]]:
    """The tree of one YAML document, and the problems that leave a tree (duplicate keys, tags, ...).

    with_places: False for a text that is not a file, such as an override: its problems have no line.
    Raises ScenarioError for what leaves none: syntax errors, alias loops, too many or too deep nodes.
    """
    text = text.removeprefix("\ufeff")
    origin = Origin(file, tuple(LINE_END.split(text)) if with_places else ())
    reader = _Reader(text, origin)
    return reader.document(), reader.problems


def scalar(text: str) -> Any:
    """The value of a plain (unquoted) scalar in the core schema of YAML 1.2."""
    if text in NULL:
        return None
    if text in BOOL:
        return BOOL[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if BASED.fullmatch(text):
        return int(text, 0)
    if FLOAT.fullmatch(text):
        return float(text)
    if match := re.fullmatch(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)", text):
        return SPECIAL["nan" if match[3] else "inf"] * (-1 if match[1] == "-" else 1)
    return text


class _Reader:
    """Builds the tree from ruamel's events."""

    def __init__(self, text: str, origin: Origin) -> None:
        self.origin = origin
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node | None] = {}  # None while the anchored node is being read
        self.size = 0
        self.events = self._events(text)

    def document(self) -> Node:
        node: Node | None = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if node is not None:
                    message = "a second document starts here; a scenario is one document"
                    self._stop(event, message, 'remove the line "---" and what follows')
                node = self._node(next(self.events), 0)
        return node or Node(None, Mark(self.origin, 1, 1))

    def _events(self, text: str) -> Iterator[Any]:
        try:
            yield from YAML(typ="rt", pure=True).parse(text)
        except YAMLError as error:
            raise ScenarioError(self._syntax(error, text)) from None
        except (ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
            # ruamel meets some malformed text with an error of its own code
            message = f"the file is not valid YAML: {error}"
            raise ScenarioError(Problem(message, file=self.origin.file)) from None

    def _node(self, event: Any, depth: int) -> Node:
        mark = self._mark(event.start_mark)
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if depth > DEEPEST:
            self._stop(event, f"values are nested more than {DEEPEST} deep here")
        self._grow(1, event)
        if event.tag is not None:
            tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
            self._report(mark, f"the tag {quote(tag)} is not allowed; a scenario is plain data", "leave the tag out")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, ScalarEvent):
            plain = event.style is None or event.style == ""
            node = Node(scalar(event.value) if plain else event.value, mark)
        elif isinstance(event, SequenceStartEvent):
            node = self._list(mark, depth)
        else:
            assert isinstance(event, MappingStartEvent)
            node = self._mapping(mark, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _list(self, mark: Mark, depth: int) -> Node:
        items = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Node(items, mark, size=1 + sum(node.size for node in items))

    def _mapping(self, mark: Mark, depth: int) -> Node:
        values: dict[Key, Node] = {}
        keys: dict[Key, Mark] = {}
        merged: list[Node] = []
        while not isinstance(event := next(self.events), MappingEndEvent):
            is_merge = isinstance(event, ScalarEvent) and event.value == "<<" and not event.style
            key_node = self._node(event, depth + 1)
            value_event = next(self.events)
            node = self._node(value_event, depth + 1)
            if isinstance(value_event, ScalarEvent) and value_event.value == "" and not value_event.style:
                node = Node(None, key_node.mark)  # nothing is there to point at
            key = key_node.value
            if is_merge:
                merged += self._merged(node)
            elif isinstance(key, dict | list) or key is None:
                self._report(key_node.mark, f"{quote(key)} is not a key; a key is a name", 'write "key: value"')
            elif key in values:
                first = f" on line {keys[key].line}" if self.origin.lines else ""
                self._report(key_node.mark, f"the key {quote(key)} is given twice", f"it is already given{first}")
            else:
                values[key], keys[key] = node, key_node.mark
        for source in merged:
            values = values | {key: node for key, node in source.value.items() if key not in values}
            keys = source.keys | keys
        return Node(values, mark, keys, 1 + sum(node.size for node in values.values()))

    def _merged(self, node: Node) -> list[Node]:
        """The mappings that a merge key `<<` brings in."""
        sources = node.value if isinstance(node.value, list) else [node]
        if not all(isinstance(source.value, dict) for source in sources):
            self._report(node.mark, '"<<" merges mappings, and this is not one', 'write "<<: *name" of a mapping')
        return [source for source in sources if isinstance(source.value, dict)]

    def _alias(self, event: Any) -> Node:
        name = event.anchor
        if name not in self.anchors:
            self._stop(
                event, f'the alias "*{name}" has no anchor', f'write "&{name}" before the value that it stands for'
            )
        node = self.anchors[name]
        if node is None:
            self._stop(event, f'the alias "*{name}" stands inside the value that it repeats: it has no end')
        assert node is not None
        self._grow(node.size, event)
        return node

    def _grow(self, nodes: int, event: Any) -> None:
        self.size += nodes
        if self.size > MOST_NODES:
            self._stop(event, f"the file has more than {MOST_NODES} values here, aliases written out")

    def _mark(self, mark: Any) -> Mark:
        return Mark(self.origin, mark.line + 1, mark.column + 1)

    def _report(self, mark: Mark, message: str, hint: str) -> None:
        self.problems.append(mark.problem(message, hint))

    def _stop(self, event: Any, message: str, hint: str = "") -> None:
        raise ScenarioError([*self.problems, self._mark(event.start_mark).problem(message, hint)])

    def _syntax(self, error: YAMLError, text: str) -> Problem:
        """One readable problem for an error of ruamel."""
        if not isinstance(error, MarkedYAMLError):
            position = getattr(error, "position", None)
            before = LINE_END.split(text[:position] if isinstance(position, int) else "")
            mark = Mark(self.origin, len(before), len(before[-1]) + 1)
            return mark.problem("a character here is not allowed in YAML", "remove it; it may be invisible")
        said = error.problem or ""
        where = error.problem_mark or error.context_mark
        if "end of stream" in said and error.context_mark:
            where = error.context_mark  # the opening quote tells more than the end of the file
        mark = self._mark(where) if where else Mark(self.origin, 1, 1)
        for pattern, meaning, hint in SYNTAX:
            if match := re.search(pattern, said):
                return mark.problem(f"this is not valid YAML: {meaning.format(*match.groups())}", hint)
        return mark.problem(f"this is not valid YAML: {said}")
