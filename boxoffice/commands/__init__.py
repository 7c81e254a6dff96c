"""The command line: parse, ask the core, print."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one command and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; every failure becomes one line, a hint and an exit code."""
    from boxoffice.commands import output
    from boxoffice.core.errors import BoxOfficeError

    as_json = "--json" in arguments
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except BoxOfficeError as error:
        return _tell(error, as_json=as_json)
    except BrokenPipeError:
        # The reader has gone. Point stdout elsewhere, or Python complains once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return output.Exit.DONE
    except OSError as error:
        return _tell(_disk_error(error), as_json=as_json)
    except Exception as error:  # noqa: BLE001 - the one place where a bug becomes a line
        return _tell_bug(error)
    return code


def _invoke(arguments: list[str]) -> int:
    import typer

    from boxoffice.commands.app import app
    from boxoffice.core.errors import InputInvalid, Interrupted

    _require_text(arguments)
    usage_error = typer.BadParameter.__mro__[2]  # the root of what Typer says about usage
    try:
        return app(arguments, prog_name="boxoffice", standalone_mode=False) or 0
    except typer.Abort:
        raise Interrupted("interrupted", hint="") from None
    except usage_error as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "boxoffice"
        message = error.format_message().rstrip(".").replace("\n", " ")  # type: ignore[attr-defined]
        raise InputInvalid(message, hint=f"`{command} --help` shows what it takes") from None


def _require_text(arguments: list[str]) -> None:
    """Refuse bytes that are no text in the locale's encoding: Python smuggles them through."""
    from boxoffice.core.errors import InputInvalid

    for argument in arguments:
        if not argument.isascii() and any("\ud800" <= c <= "\udfff" for c in argument):
            raise InputInvalid("an argument is not valid text", hint="write it in UTF-8")


def _tell(error: Exception, *, as_json: bool) -> int:
    from boxoffice.commands import output
    from boxoffice.core.errors import BoxOfficeError

    assert isinstance(error, BoxOfficeError)
    output.print_error(error, as_json=as_json)
    return output.exit_code(error)


def _disk_error(error: OSError) -> Exception:
    from boxoffice.core.errors import LocalDiskFailed

    return LocalDiskFailed(
        f"the operating system refused: {error.strerror or type(error).__name__}"
    )


def _tell_bug(error: Exception) -> int:
    """Name the kind and the place of a bug and nothing of its values, which may be secrets."""
    from boxoffice.commands import output

    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    output.say(f"boxoffice: a bug: {type(error).__name__} at {place}. [bug]")
    output.say("  hint: please report this line; nothing else of it was kept")
    return output.Exit.BUG
