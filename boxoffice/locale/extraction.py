"""Finds every text that people read: in calls, in the classes of errors, among the captions.

A text has to stand in its call word for word: what is put together at run time, as an f-string
is, can have no translation, and is reported.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import boxoffice
from boxoffice.commands import people, reference
from boxoffice.commands.output import data_fields
from boxoffice.core import embedded, errors, model, queue

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(boxoffice.__file__).parent
ERRORS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.BoxOfficeError)
}
# What is said by whom: the first argument of these calls, and these named ones.
FIRST = {"tr", "Words"} | ERRORS
NAMED = {"Action": {"words", "short"}, "Zoom": {"name"}} | {name: {"hint"} for name in ERRORS}
# Tables of words that are looked up by a key, or walked.
TABLES = {
    ("boxoffice/commands/people.py", "STATES"),
    ("boxoffice/tui/keys.py", "GROUPS"),
    ("boxoffice/tui/map/palette.py", "COLOUR_MODES"),
    ("boxoffice/tui/receipt.py", "STATES"),
    ("boxoffice/tui/receipt.py", "TENDER_WORDS"),
    ("boxoffice/tui/sell/paying.py", "NOTES"),
}
# Nouns that commands answer with inside of others.
WITHIN = (model.LedgerEntry, model.Refunded, model.Job, embedded.ServerStatus)
DEFINITIONS = "boxoffice/core/errors.py"
CAPTIONS = "boxoffice/commands/people.py"


def texts() -> dict[str, list[str]]:
    """Return every text with the files that say it, in the order in which they are found."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, text in [*_called(), *_listed(), *_errors(), *_captions()]:
        if text and path not in found[text]:
            found[text].append(path)
    return dict(found)


def unfit() -> list[str]:
    """Return the places where a text is put together before anybody could translate it."""
    return [
        f"{path}:{node.lineno}"
        for path, tree in _modules()
        for node in _said(tree)
        if isinstance(node, ast.JoinedStr | ast.BinOp) or _is_unlisted(node)
    ]


def _is_unlisted(node: ast.expr) -> bool:
    """Tell whether a text is looked up in a table that is not among TABLES."""
    names = {name for _, name in TABLES}
    if not isinstance(node, ast.Subscript):
        return False
    table = ast.unparse(node.value)
    return table.isupper() and table not in names


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield str(path.relative_to(PACKAGE.parent)), tree


def _called() -> Iterator[tuple[str, str]]:
    for path, tree in _modules():
        for node in _said(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path, node.value


def _said(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what calls say, each branch of a condition by itself."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func).rpartition(".")[2]
        for node in call.args[:1] if name in FIRST else []:
            yield from _branches(node)
        for keyword in call.keywords:
            if keyword.arg in NAMED.get(name, ()):
                yield from _branches(keyword.value)


def _branches(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from (*_branches(node.body), *_branches(node.orelse))
    else:
        yield node


def _listed() -> Iterator[tuple[str, str]]:
    """Yield the words of the tables: the values of a mapping, the items of anything else."""
    for path, tree in _modules():
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
                name = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                if (path, ast.unparse(name)) in TABLES:
                    yield from ((path, text) for text in _items(node.value))


def _items(table: ast.expr) -> Iterator[str]:
    for item in table.values if isinstance(table, ast.Dict) else [table]:
        for node in ast.walk(item):
            if isinstance(node, ast.Constant):
                yield str(node.value)


def _errors() -> Iterator[tuple[str, str]]:
    """Yield what an error says where its raiser says nothing."""
    for name in ERRORS:
        kind = getattr(errors, name)
        if kind.code:
            yield from ((DEFINITIONS, errors.sentence(kind)), (DEFINITIONS, kind.hint))


def _captions() -> Iterator[tuple[str, str]]:
    """Yield the headings of what commands answer with."""
    for answer in [*reference.RESULTS.values(), *WITHIN]:
        kind = answer[0] if isinstance(answer, list) else answer
        if isinstance(kind, str):
            continue
        for name in kind if isinstance(kind, dict) else data_fields(kind):
            yield from ((CAPTIONS, people.caption(name)), (CAPTIONS, name.replace("_", " ")))
    yield from ((CAPTIONS, name.replace("_", " ")) for name in queue.SETTINGS)
