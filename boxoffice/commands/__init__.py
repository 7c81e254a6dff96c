"""The command line: parse, ask the core, print."""

from __future__ import annotations

import os
import sys

# Not typing's own: before main() an interrupt is a traceback, so hardly anything is imported.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from boxoffice.core.errors import BoxOfficeError

INTERRUPTED = 130  # output.Exit.INTERRUPTED, where even its import may be interrupted
YOUNG_OBJECTS = 50_000  # Python's 700 has it look through every import as it grows


def main() -> None:
    """Run one command and leave with its exit code."""
    code = INTERRUPTED  # before the command began, or while its failure was told
    try:
        code = _start()
        _end_undisturbed()
    except KeyboardInterrupt:
        _end_undisturbed()
    _end_at_once()
    sys.exit(code)


def _start() -> int:
    import gc

    gc.set_threshold(YOUNG_OBJECTS)
    from boxoffice.core import language

    _leave_no_core()
    _mend_streams()
    language.use()
    return run(sys.argv[1:])


def _end_undisturbed() -> None:
    """Ignore Ctrl-C from now on: it would only show what Python does while it shuts down.

    By the module below `signal`, which is there without an import that could be interrupted.
    """
    import _signal  # type: ignore[import-not-found]

    _signal.signal(_signal.SIGINT, _signal.SIG_IGN)


def _end_at_once() -> None:
    """Spare Python, while it ends, the search for garbage among all that was imported."""
    import gc

    gc.freeze()


def _leave_no_core() -> None:
    """Have a crash leave nothing of this process's memory, which holds tokens and passwords."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _mend_streams() -> None:
    """Put something harmless where a stream is closed, and print what its encoding lacks.

    A closed descriptor would be given to the next file or socket, and a print would reach it.
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest free one: this very descriptor
            assert opened == descriptor, "streams are mended in order, before anything is opened"
            setattr(sys, name, os.fdopen(opened, mode, encoding="utf-8"))
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def run(arguments: list[str]) -> int:
    """Run one command; every failure becomes one line, a hint and an exit code."""
    from boxoffice.commands import output

    try:
        code = _invoke(arguments)
        output.flush()
    except BrokenPipeError:
        output.silence()
        return output.Exit.DONE
    except SystemExit:  # so Typer leaves when the reader of its help has gone
        return output.Exit.DONE
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place for a bug, too
        return _tell(error, as_json="--json" in arguments)
    return code


def _invoke(arguments: list[str]) -> int:
    import typer

    from boxoffice.commands.app import command_line
    from boxoffice.core.errors import InputInvalid, Interrupted, Words

    _require_text(arguments)
    # The root of what Typer says about usage.
    usage_error: type[Exception] = typer.BadParameter.__mro__[2]
    try:
        return (
            command_line()(arguments or ["--help"], prog_name="boxoffice", standalone_mode=False)
            or 0
        )
    except typer.Abort:
        raise Interrupted("interrupted", hint="") from None
    except usage_error as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "boxoffice"
        message = error.format_message().rstrip(".").replace("\n", " ")  # type: ignore[attr-defined]
        message = message[:1].lower() + message[1:]
        hint = Words("`{command} --help` shows what it takes", command=command)
        raise InputInvalid(Words(message), hint=hint) from None


def _require_text(arguments: list[str]) -> None:
    """Refuse bytes that are no text in the locale's encoding: Python smuggles them through."""
    from boxoffice.core.errors import InputInvalid

    for argument in arguments:
        if not argument.isascii() and any("\ud800" <= c <= "\udfff" for c in argument):
            raise InputInvalid("an argument is not valid text", hint="write it in UTF-8")


def _tell(error: BaseException, *, as_json: bool) -> int:
    from boxoffice.commands import output

    meant = meaning(error)
    if meant is None:
        return _tell_bug(error)
    output.print_error(meant, as_json=as_json)
    return output.exit_code(meant)


def meaning(error: BaseException) -> BoxOfficeError | None:
    """Say which failure an exception comes down to; None for a bug."""
    from boxoffice.core.errors import BoxOfficeError, Interrupted, LocalDiskFailed

    if isinstance(error, BoxOfficeError):
        return error
    if _is_interrupt(error):
        return Interrupted("interrupted", hint="")
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return LocalDiskFailed("the operating system refused: {reason}", reason=reason)
    return None


def _is_interrupt(error: BaseException | None) -> bool:
    """Tell an interrupt, also one that an import cut in its middle made another error of."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _tell_bug(error: BaseException) -> int:
    """Name the kind and the place of a bug and nothing of its values, which may be secrets."""
    from boxoffice.commands import output
    from boxoffice.core.language import tr

    kind, place = type(error).__name__, place_of(error)
    output.say(f"boxoffice: {tr('a bug: {kind} at {place}', kind=kind, place=place)}. [bug]")
    hint = tr("please report this line; nothing else of it was kept")
    output.say(f"  {tr('hint: {hint}', hint=hint)}")
    return output.Exit.BUG


def place_of(error: BaseException) -> str:
    """Name the file and line that an exception comes from."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
