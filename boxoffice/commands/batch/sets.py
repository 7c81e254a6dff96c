"""Lines that are at hand at once: holds, and payments, of different users in one transaction.

Nothing is waited for to make a set, and nothing told of one before its commit. Lines that a set
does not do are done one by one, so that each is answered as if it had been alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from boxoffice.commands.batch.acting import Answer, failed
from boxoffice.commands.batch.lines import affinity
from boxoffice.commands.output import Exit
from boxoffice.core.errors import OutcomeUnknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from boxoffice.commands.batch.acting import Actor, Manner, Task
    from boxoffice.commands.batch.lines import Line
    from boxoffice.core.office import Office

# What a line says beside the command that may be done with others.
OF_MANY = {
    "reserve": {"performance", "seat", "user", "key", "staff"},
    "pay": {"reservation", "user", "key", "staff"},
}


class Sets:
    """Does lines that are at hand at once, each user's in their order."""

    def __init__(self, actor: Actor, office: Office, manner: Manner) -> None:
        self._actor, self._office = actor, office
        self._is_alone = manner.dry_run or manner.stop_on_error

    def act(self, lines: Sequence[Line]) -> list[Answer]:
        """Do lines and return their answers in the order of the lines; raises what `act` does."""
        if len(lines) == 1 or self._is_alone:
            return [self._actor.act(line) for line in lines]
        answers: dict[int, Answer] = {}
        for wave in _waves(lines):
            for answer in self._abreast(wave):
                answers[answer.number] = answer
        return [answers[line.number] for line in lines]

    def _abreast(self, lines: Iterable[Line]) -> Iterator[Answer]:
        """Do lines none of which waits for another."""
        alike: dict[str, list[Task]] = defaultdict(list)
        for line in lines:
            task = self._actor.understand(line)
            if isinstance(task, Answer):
                yield task
            else:
                alike[task.operation.name if _may_be_of_many(task) else ""].append(task)
        for name, tasks in alike.items():
            yield from self._together(name, tasks)

    def _together(self, name: str, tasks: Sequence[Task]) -> Iterator[Answer]:
        """Do tasks as a set, and alone what that did not do, which tells what is wrong."""
        done: Sequence[Any] = [None] * len(tasks)
        attempt = {"reserve": self._reserve, "pay": self._pay}.get(name)
        if attempt is not None and len(tasks) > 1:
            try:
                done = attempt(tasks)
            except OutcomeUnknown:
                yield from self._after_doubt(tasks)
                return
            except Exception:  # noqa: BLE001, S110 - a bug, too, is told by the line that has it
                pass
        for task, found in zip(tasks, done, strict=True):
            yield self._actor.do(task) if found is None else self._actor.done(task, found)

    def _after_doubt(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        """Do tasks that may be done already; where one stays in doubt, so do the others."""
        is_lost = False
        for task in tasks:
            if is_lost:
                unknown = OutcomeUnknown()
                unknown.key = task.values["key"]
                yield failed(task.number, task.key, unknown)
                continue
            answer = self._actor.do(task, in_doubt=True)
            is_lost = answer.exit == Exit.UNKNOWN
            yield answer

    def _reserve(self, tasks: Sequence[Task]) -> Sequence[Any]:
        from boxoffice.core.model import HoldOrder

        orders = [
            HoldOrder(
                performance=task.values["performance"],
                seats=tuple(task.values["seat"]),
                user=task.values["user"],
                key=task.values["key"],
            )
            for task in tasks
        ]
        return self._office.reserve_set(orders)

    def _pay(self, tasks: Sequence[Task]) -> Sequence[Any]:
        from boxoffice.core.model import PaymentOrder

        orders = [
            PaymentOrder(
                reservation=task.values["reservation"],
                user=task.values["user"],
                key=task.values["key"],
            )
            for task in tasks
        ]
        return self._office.pay_set(orders)


def _waves(lines: Iterable[Line]) -> Iterable[list[Line]]:
    """Part lines so that a user has one in each wave, and the next in the next."""
    before: Counter[Any] = Counter()
    waves: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        whose = affinity(line)
        waves[before[whose]].append(line)
        before[whose] += 1
    return waves.values()


def _may_be_of_many(task: Task) -> bool:
    """Tell whether a line asks for no more than sets can do, by staff and for a named user."""
    defaults = task.operation.defaults
    said = {name for name, value in task.values.items() if value != defaults[name]}
    return said == OF_MANY.get(task.operation.name)
