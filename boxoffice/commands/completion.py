"""Completion for shells, as a script that holds every word, so that TAB starts no program."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from boxoffice.core.errors import InputInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER_MODE = 0o755
MADE_BY = "# Completion of boxoffice for {shell}, made by `boxoffice --show-completion {shell}`."
# The variable of a folder and what stands for it, and the file below it that the shell looks for.
PLACES = {
    "bash": ("XDG_DATA_HOME", ".local/share", "bash-completion/completions/boxoffice"),
    "zsh": ("XDG_DATA_HOME", ".local/share", "zsh/site-functions/_boxoffice"),
    "fish": ("XDG_CONFIG_HOME", ".config", "fish/completions/boxoffice.fish"),
}
BASH = """\
_boxoffice() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} command= offered=
    if (( COMP_CWORD > 1 )); then command=${{COMP_WORDS[1]}}; fi
    case $command in
        {groups}) if (( COMP_CWORD > 2 )); then command+=" ${{COMP_WORDS[2]}}"; fi ;;
    esac
    case $command in
{cases}
    esac
    if [[ $word == -* ]]; then case $command in
{options}
    esac; fi
    COMPREPLY=( $(compgen -W "$offered" -- "$word") )
}}
complete -o default -F _boxoffice boxoffice"""
ZSH = """\
#compdef boxoffice
_boxoffice() {{
    local command=
    local -a offered
    (( CURRENT > 2 )) && command=$words[2]
    case $command in
        ({groups}) (( CURRENT > 3 )) && command="$command $words[3]" ;;
    esac
    case $command in
{cases}
    esac
    [[ $words[CURRENT] == -* ]] && case $command in
{options}
    esac
    if (( $#offered )); then _describe boxoffice offered; else _files; fi
}}
if [[ $funcstack[1] == _boxoffice ]]; then _boxoffice; else compdef _boxoffice boxoffice; fi"""
FISH = """\
function __boxoffice_is
    set -l words (commandline -opc)
    test "$words[2..-1]" = "$argv"
end
function __boxoffice_in
    set -l words (commandline -opc)
    string match -q -- "$argv *" "$words[2..-1] "
end"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One word to choose, or the spellings of one option, and what it means."""

    words: tuple[str, ...]
    meaning: str
    takes_value: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What may follow some words: commands where they name a group, and options."""

    path: str
    commands: tuple[Offer, ...]
    options: tuple[Offer, ...]


def _show(context: typer.Context, shell: str | None) -> None:
    if shell is not None:
        sys.stdout.write(script(context.command, shell))
        raise typer.Exit


def _install(context: typer.Context, shell: str | None) -> None:
    if shell is None:
        return
    from boxoffice.commands import output
    from boxoffice.core.language import tr

    text = script(context.command, shell)
    variable, fallback, file = PLACES[shell]
    given = os.environ.get(variable, "")
    try:
        folder = Path(given) if given.startswith("/") else Path.home() / fallback
    except RuntimeError:
        raise InputInvalid(
            "this user has no home folder", hint="set {variable}", variable=variable
        ) from None
    path = folder / file
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    output.say(tr("written: {path}; a new shell that looks there completes", path=path))
    raise typer.Exit


ShowOption = Annotated[
    str | None,
    typer.Option(
        "--show-completion",
        metavar="|".join(PLACES),
        callback=_show,
        is_eager=True,
        help="Print the completion for this shell.",
    ),
]
InstallOption = Annotated[
    str | None,
    typer.Option(
        "--install-completion",
        metavar="|".join(PLACES),
        callback=_install,
        is_eager=True,
        help="Write it where this shell looks for it.",
    ),
]


def script(root: Any, shell: str) -> str:  # noqa: ANN401 - Typer keeps its classes to itself
    """Return the completion of a command line for a shell; raises InputInvalid for another one."""
    writers: dict[str, Callable[[list[Node]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    if shell not in writers:
        raise InputInvalid(
            "there is no completion for {shell}",
            hint="shells: {known}",
            shell=shell,
            known=", ".join(writers),
        )
    body = writers[shell]([_node("", root), *_nodes(root, "")])
    first, _, rest = body.partition("\n")
    made_by = MADE_BY.format(shell=shell)
    return f"{first}\n{made_by}\n{rest}\n" if first.startswith("#") else f"{made_by}\n{body}\n"


def _nodes(group: Any, path: str) -> Iterator[Node]:  # noqa: ANN401
    for name, command in group.commands.items():
        below = f"{path} {name}".strip()
        yield _node(below, command)
        if hasattr(command, "commands"):
            yield from _nodes(command, below)


def _node(path: str, command: Any) -> Node:  # noqa: ANN401
    below = getattr(command, "commands", {})
    options = [
        Offer(words=tuple(p.opts), meaning=_sentence(p.help), takes_value=not p.is_flag)
        for p in command.params
        if p.param_type_name == "option"
    ]
    options.append(Offer(words=("--help", "-h"), meaning="Show what it takes."))
    return Node(
        path=path,
        commands=tuple(Offer(words=(n,), meaning=_sentence(c.help)) for n, c in below.items()),
        options=tuple(options),
    )


def _sentence(text: str | None) -> str:
    return " ".join((text or "").partition("\n\n")[0].split())


def _bash(nodes: list[Node]) -> str:
    def case(node: Node, offers: tuple[Offer, ...]) -> str:
        words = " ".join(word for offer in offers for word in offer.words)
        return f"        {shlex.quote(node.path)}) offered+={shlex.quote(f' {words}')} ;;"

    return _filled(BASH, nodes, case)


def _zsh(nodes: list[Node]) -> str:
    def case(node: Node, offers: tuple[Offer, ...]) -> str:
        described = " ".join(
            shlex.quote(f"{word}:{offer.meaning}") for offer in offers for word in offer.words
        )
        return f"        ({shlex.quote(node.path)}) offered+=({described}) ;;"

    return _filled(ZSH, nodes, case)


def _filled(
    template: str, nodes: list[Node], case: Callable[[Node, tuple[Offer, ...]], str]
) -> str:
    groups = [node for node in nodes if node.commands]
    return template.format(
        groups="|".join(node.path for node in groups if node.path),
        cases="\n".join(case(node, node.commands) for node in groups),
        options="\n".join(case(node, node.options) for node in nodes),
    )


def _fish(nodes: list[Node]) -> str:
    lines = [FISH]
    for node in nodes:
        exact = f"'__boxoffice_is {node.path}'"
        lines += [f"complete -c boxoffice -f -n {exact} -a {_fished(o)}" for o in node.commands]
        at = exact if node.commands else f"'__boxoffice_in {node.path}'"
        lines += [f"complete -c boxoffice -n {at} {_fished(offer)}" for offer in node.options]
    return "\n".join(lines)


def _fished(offer: Offer) -> str:
    escaped = offer.meaning.replace("\\", "\\\\").replace("'", "\\'")
    words = [
        f"-l {word[2:]}" if word.startswith("--") else f"-s {word[1:]}" if word[0] == "-" else word
        for word in offer.words
    ]
    return " ".join([*words, *(["-r"] if offer.takes_value else []), "-d", f"'{escaped}'"])
