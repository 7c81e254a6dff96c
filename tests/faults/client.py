"""A client that never loses sight of what it asked for: writes down, acts, and finds out.

An outcome is final when the answer came to the first attempt, when the same key was answered with
the thing done, or when `settle` said so. A refusal of a second attempt is not: the first may still
arrive, so it is settled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boxoffice.core import errors
from boxoffice.core.outcomes import conclude
from tests.faults.acts import do, told
from tests.faults.history import ABANDONED, HEARD, OK, REFUSED, UNKNOWN

if TYPE_CHECKING:
    import random

    from boxoffice.core.office import Office
    from tests.faults.history import Recorder

ATTEMPTS_MAX = 6
# So many operations are done as the commands do them; the others one attempt at a time.
JOURNALED = 0.3
DEADLINE_SECONDS = 1.5


class Client:
    """Acts through an office and records what it was told; mutants are subclasses."""

    ways = ("again", "again", "status", "settle", "leave")

    def __init__(self, office: Office, recorder: Recorder, dice: random.Random) -> None:
        self.office = office
        self.recorder = recorder
        self.dice = dice

    def perform(self, intent: str, command: str, given: dict[str, Any], key: str) -> Any:
        """Do something once, and return its answer, or None where there is none to act on."""
        journaled = self.dice.random() < JOURNALED
        about = {"command": command, "arguments": given, "key": key, "journaled": journaled}
        self.recorder.write("invoke", intent, **about)
        try:
            answer = (self.conclude if journaled else self.once)(intent, command, given, key)
        except errors.Unknown:
            self.recorder.write(UNKNOWN, intent)
            return self.find_out(intent, command, given, key)
        except errors.BoxOfficeError as error:
            away = isinstance(error, errors.Unavailable)
            self.recorder.write(REFUSED, intent, why=error.message if away else error.code)
            if away:
                raise
            return None
        self.recorder.write(OK, intent, told=told(answer), replayed=answer.replayed)
        return answer

    def once(self, _: str, command: str, given: dict[str, Any], key: str) -> Any:
        return do(self.office, command, given, key)

    def conclude(self, intent: str, command: str, given: dict[str, Any], key: str) -> Any:
        """Do it as the commands do: with a journal, and again until the outcome is known."""

        def call(name: str) -> Any:
            answer = do(self.office, command, given, name)
            self.recorder.write(HEARD, intent)  # from now on the journal need not know
            return answer

        return conclude(
            self.office,
            key,
            command,
            call,
            about={},
            token=given.get("token"),
            deadline_seconds=DEADLINE_SECONDS,
        )

    def find_out(self, intent: str, command: str, given: dict[str, Any], key: str) -> Any:
        """Find out what became of a key whose answer was lost, or leave it for later."""
        for _ in range(ATTEMPTS_MAX):
            way = self.dice.choice(self.ways)
            if way == "leave":
                break
            answer = self.ask(way, intent, command, given, key)
            if answer is not None:
                return answer
        return None

    def ask(self, way: str, intent: str, command: str, given: dict[str, Any], key: str) -> Any:
        """Ask in one way; None where the answer is not final, False where it was abandoned."""
        try:
            if way == "again":
                answer = do(self.office, command, given, key)
            else:
                found = self.settle(key) if way == "settle" else self.status(key)
                if found is None or found.state == "in_progress":
                    return None
                if found.state == ABANDONED:
                    raise errors.OperationAbandoned  # noqa: TRY301 - as a second attempt is told
                answer = found.result
        except errors.OperationAbandoned:
            self.recorder.write(ABANDONED, intent, way=way)
            return False
        except errors.BoxOfficeError:
            return None
        self.recorder.write(OK, intent, told=told(answer), replayed=True, way=way)
        return answer

    def settle(self, key: str) -> Any:
        return self.office.settle(key)

    def status(self, key: str) -> Any:
        try:
            return self.office.status(key)
        except errors.OperationNotSeen:
            return None
