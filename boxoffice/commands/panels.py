"""The overview that `--help` prints: the commands in panels, as plain text.

Typer would draw it with rich, whose import costs more than everything else a command line
does before it answers.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class PanelGroup(TyperGroup):
    """A group of commands that lists them under the names of their help panels."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer's own types
        """Write one section a panel, in the order in which the commands were added."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            panel = command.rich_help_panel or "Commands"
            sentence = (command.help or "").partition("\n\n")[0]
            panels.setdefault(panel, []).append((name, sentence))
        widest = max(len(name) for rows in panels.values() for name, _ in rows)
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl([(name.ljust(widest), sentence) for name, sentence in rows])
