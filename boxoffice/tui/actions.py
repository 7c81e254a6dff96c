"""What can be done at the counter: one registry for bindings, footer, help, palette and docs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.language import tr
from boxoffice.core.text import cells
from boxoffice.tui.keys import BY_ID, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.binding import ActiveBinding, BindingType
    from textual.screen import Screen

    from boxoffice.tui.action import Action


def bindings(*ids: str) -> list[BindingType]:
    """Return the bindings of these actions, for the ``BINDINGS`` of whatever offers them."""
    return [find(name).binding() for name in ids]


def find(name: str) -> Action:
    """Return the action with an id; a KeyError is a bug."""
    return BY_ID[name]


def available(screen: Screen[object]) -> dict[str, ActiveBinding]:
    """Return what a screen's keys do now, by the actions' ids, the most important first."""
    bound = {active.binding.id: active for active in screen.active_bindings.values()}
    return {name: bound[name] for name in BY_ID if name in bound and bound[name].enabled}


def footer_words(ids: Iterable[str], width: int) -> list[tuple[str, str]]:
    """Return the keys and words that fit a footer of so many cells, by importance."""
    entries = [(action, *_footer_entry(action)) for action in map(find, ids) if action.short]
    kept = {action.id for action, _, _ in entries if action.always}
    taken = sum(cells(k) + cells(w) + 3 for action, k, w in entries if action.id in kept)
    for action, keys, words in entries:
        if action.id in kept:
            continue
        taken += cells(keys) + cells(words) + 3
        if taken > width:
            break
        kept.add(action.id)
    return [(keys, words) for action, keys, words in entries if action.id in kept]


def _footer_entry(action: Action) -> tuple[str, str]:
    return action.label or action.shown_keys[0], tr(action.short)


def by_group(ids: Iterable[str]) -> Iterator[tuple[str, list[Action]]]:
    """Yield the groups of these actions with their titles, in the order of the table."""
    found = list(map(find, ids))
    for group, title in GROUPS.items():
        actions = [action for action in found if action.group == group]
        if actions:
            yield title, actions
