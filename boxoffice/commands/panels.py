"""The commands in panels, each loaded when it is asked for, and the overview that `--help` prints.

Typer would build every command to run one, and draw the overview with rich: each costs more than
everything else a command line does before it answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from boxoffice.commands.contents import PANELS


class Commands(Mapping[str, Any]):
    """What the table of contents names; to look one up is to load it."""

    def __init__(self) -> None:
        self._panels = {name: panel for panel, entries in PANELS.items() for name in entries}
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - Typer keeps its classes to itself
        if name not in self._loaded:
            self._loaded[name] = _load(name, self._panels[name])
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._panels)

    def __len__(self) -> int:
        return len(self._panels)


def _load(name: str, panel: str) -> Any:  # noqa: ANN401
    attribute = name.replace("-", "_")
    # Not by importlib, whose imports `python -X importtime` does not tell.
    module = __import__(f"boxoffice.commands.{PANELS[panel][name][0]}", fromlist=[attribute])
    found = getattr(module, attribute)
    around = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    if isinstance(found, typer.Typer):
        around.add_typer(found, rich_help_panel=panel)
    else:
        # A negative amount is an amount, and refused as one, not an unknown option.
        settings = {"ignore_unknown_options": name == "charge"}
        epilog = f"Example: {module.EXAMPLES[found.__name__]}"
        around.command(name, rich_help_panel=panel, epilog=epilog, context_settings=settings)(found)
    return get_group(around).commands[name]


class PanelGroup(TyperGroup):
    """The commands of the table of contents, listed under the names of their help panels."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - Typer's own
        super().__init__(**given)
        self.commands: Any = Commands()

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002
        """Name the commands in their order."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002
        """Write one section a panel."""
        widest = max(map(len, self.commands))
        for panel, entries in PANELS.items():
            with formatter.section(panel):
                formatter.write_dl(
                    [(name.ljust(widest), sentence) for name, (_, sentence) in entries.items()]
                )
