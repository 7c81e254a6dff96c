"""What every operation may be given: keys that can be kept, and text that is text."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")
FIELDS = "__dataclass_fields__"  # dataclasses.fields() makes a tuple of them at every call


def checked(operation: Callable[..., R]) -> Callable[..., R]:
    """Return a method that refuses, before anything else, what no server could keep.

    Commands refuse it in their own words; whoever calls the office directly is told here. The
    method raises InputInvalid for an operation key as `clean_key` does, and for half a
    surrogate pair anywhere in its arguments.
    """
    given_to: Any = getattr(operation, "__wrapped__", operation)
    names = given_to.__code__.co_varnames[1:]

    @wraps(operation)
    def asked(self: object, *given: object, **named: object) -> R:
        arguments = dict(zip(names, given, strict=False)) | named
        if isinstance(arguments.get("key"), str):
            from boxoffice.core.text import clean_key

            clean_key(str(arguments["key"]))
        _require_text(arguments)
        return operation(self, *given, **named)

    return asked


def _require_text(arguments: object) -> None:
    """Raise InputInvalid where there is half a surrogate pair, however deep."""
    left = [arguments]
    while left:
        value = left.pop()
        if isinstance(value, str):
            _require_encoding(value)
        elif isinstance(value, dict):
            left += value.keys()
            left += value.values()
        elif isinstance(value, (list, tuple, set, frozenset)):
            left += value
        elif hasattr(value, FIELDS) and not isinstance(value, type):
            left += [getattr(value, name) for name in getattr(value, FIELDS)]


def _require_encoding(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        from boxoffice.core.text import not_text

        raise not_text() from None
