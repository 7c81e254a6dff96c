"""What a line of a batch may name: the commands themselves, and their parameters as fields."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from boxoffice.core.errors import InputInvalid, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# Everything else there is can stand in a line, what others add as well.
LEFT_OUT = {
    "bench": "it is a load and not an operation",
    "batch": "it is the batch",
    "book": "it asks questions",
    "counter": "it is a screen",
    "demo": "it plays for an audience",
    "doctor": "it is about this machine",
    "store": "it is about this machine",
    "user import": "its rows are lines already",
    "worker": "it runs until it is told to end",
}
# Set for every line: an answer is data, and nobody is there to be asked.
SET = {"as_json": True, "quiet": False, "yes": True, "no_input": True}
FILE_OF_ROWS = "source"
INTEGER_BITS = 63
TEXT, INTEGER = Words("a text or a whole number"), Words("a whole number")
NUMBER, FLAG = Words("a number"), Words("true or false")
# By the names that Typer's types have for themselves.
KINDS = {"str": TEXT, "text": TEXT, "int": INTEGER, "integer": INTEGER, "float": NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A parameter of a command as a line gives it; ``convert`` reads texts that mean more."""

    parameter: str
    kind: Words
    many: bool
    convert: Callable[[str], Any] | None

    def read(self, name: str, value: Any) -> Any:  # noqa: ANN401 - whatever JSON can say
        """Return what the command takes; raises InputInvalid for a value of another kind."""
        if not self.many:
            return self._one(name, value)
        if isinstance(value, dict):  # prices: {"R": 99000}
            return [f"{_text(name, key)}={self._one(name, one)}" for key, one in value.items()]
        return [self._one(name, one) for one in (value if isinstance(value, list) else [value])]

    def _one(self, name: str, value: Any) -> Any:  # noqa: ANN401
        kind = type(value)
        if kind is int and value.bit_length() > INTEGER_BITS:
            raise InputInvalid("the number in {field} is too large", field=name)
        if (self.kind is FLAG and kind is bool) or (self.kind is INTEGER and kind is int):
            return value
        if self.kind is NUMBER and kind in (int, float) and math.isfinite(value):
            return float(value)
        if self.kind is TEXT and kind in (str, int):
            text = _text(name, str(value))
            return self.convert(text) if self.convert else text
        raise InputInvalid("{field} must be {what}", field=name, what=self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A command as lines name it: ``venue import`` by both words."""

    name: str
    fields: Mapping[str, Field]
    required: frozenset[str]
    defaults: Mapping[str, Any]
    call: Callable[..., int | None]

    @property
    def is_keyed(self) -> bool:
        """Whether it is done once a key; one that must be given a key only asks about it."""
        return "key" in self.defaults and "key" not in self.required

    def has_flag(self, parameter: str) -> bool:
        """Tell whether the command has this flag; `queue set` has a number of the same name."""
        return parameter in self.fields and self.fields[parameter].kind is FLAG

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return all that the command is called with; raises InputInvalid for a field amiss."""
        # All of it in every call: Typer goes on with what the call before was given.
        values = dict(self.defaults)
        seen: set[str] = set()
        for name, value in given.items():
            field = self.fields.get(name) or self.fields.get(name.replace("-", "_"))
            if field is None:
                raise self._unknown()
            if field.parameter in seen:
                raise InputInvalid("{field} is given twice", field=field.parameter)
            seen.add(field.parameter)
            if value is not None:  # null is as good as nothing
                values[field.parameter] = field.read(field.parameter, value)
        for parameter in self.required:
            if values[parameter] is None:
                raise InputInvalid("{field} is missing", field=parameter, hint=self._hint)
        return values

    @property
    def _hint(self) -> Words:
        return Words("`{command} --help` shows what it takes", command=f"boxoffice {self.name}")

    def _unknown(self) -> InputInvalid:
        known = ", ".join(dict.fromkeys(field.parameter for field in self.fields.values()))
        return InputInvalid(
            "a field is not known here",
            hint="fields of {command}: {known}",
            command=self.name,
            known=known,
        )


@cache
def operations() -> dict[str, Operation]:
    """Return what lines may name, by name."""
    return {
        name: _operation(name, command)
        for name, command in every_command()
        if not {name, name.split()[0]} & LEFT_OUT.keys()
    }


def every_command() -> Iterator[tuple[str, Any]]:
    """Yield every command of the command line with its full name."""
    from boxoffice.commands.app import command_line

    root: Any = command_line()
    for name, command in root.commands.items():
        for part, inner in getattr(command, "commands", {"": command}).items():
            yield f"{name} {part}".strip(), inner


def _operation(name: str, command: Any) -> Operation:  # noqa: ANN401 - Typer keeps its classes
    parameters = [one for one in command.params if one.name != "help"]
    fields: dict[str, Field] = {}
    for parameter in parameters:
        if parameter.name not in (*SET, FILE_OF_ROWS):
            fields |= dict.fromkeys(_names(parameter), _field(parameter))
    defaults = {one.name: SET.get(one.name, one.default) for one in parameters}
    required = frozenset(one.name for one in parameters if one.required)
    return Operation(
        name=name,
        fields=fields,
        required=required,
        defaults=defaults | dict.fromkeys(required),
        call=command.callback,
    )


def _names(parameter: Any) -> list[str]:  # noqa: ANN401
    """Name a field as the parameter, as its long option, and a list in the plural."""
    options = [one[2:].replace("-", "_") for one in parameter.opts if one.startswith("--")]
    names = [parameter.name, *options]
    return [*names, *map(_plural, names)] if _is_many(parameter) else names


def _plural(name: str) -> str:
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def _is_many(parameter: Any) -> bool:  # noqa: ANN401
    return bool(getattr(parameter, "multiple", False)) or parameter.nargs == -1


def _field(parameter: Any) -> Field:  # noqa: ANN401
    name = parameter.type.name
    is_flag = getattr(parameter, "is_flag", False)
    return Field(
        parameter=parameter.name,
        kind=FLAG if is_flag else KINDS.get(name, TEXT),
        many=_is_many(parameter),
        convert=None if is_flag or name in KINDS else parameter.type,
    )


def _text(name: str, text: str) -> str:
    """Refuse what no argument of a command line could hold and no server takes."""
    if "\0" in text or not (text.isascii() or _is_unicode(text)):
        raise InputInvalid("{field} has a character that is no text", field=name)
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
