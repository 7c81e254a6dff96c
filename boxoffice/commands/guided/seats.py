"""Choose seats, by label or the best few, and hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.commands.guided.asking import TimeIsUp
from boxoffice.commands.guided.plan import Plan
from boxoffice.commands.guided.session import Step
from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from boxoffice.commands.guided.session import Session

# The last two are what a Korean keyboard types for the first, and the Korean word.
BEST_WORDS = ("best", "ㅠㄷㄴㅅ", "추천")
WHICH = Words("which seats")
OPTION = Words("give --seat LABEL... or --best N")
COUNT_DIGITS_MAX = 4
# Lines below a map, and one above it: what was wrong, how to answer, the countdown, the question.
LINES_KEPT = 5
HOW = Words("Type seats (A-1 A-2), `best 2`, or Enter for the map.")
HOW_ON = Words("Type seats (A-1 A-2), `best 2`, or Enter for more rows.")
HOW_IN_SECTIONS = Words("Type a section to see it, seats, or `best 2` (`best 2 SECTION`).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Seats as somebody asks for them."""

    seats: tuple[str, ...] = ()
    best: int | None = None
    section: str | None = None
    category: str | None = None


def choose_seats(session: Session) -> Step:
    """Hold the seats of the options, or ask which.

    Raises what Office.reserve does, and NotAdmitted when the time to choose is over.
    """
    request = session.request
    if request.names_seats:
        choice = Choice(
            seats=request.seats,
            best=request.best,
            section=request.section,
            category=request.category,
        )
    else:
        session.ask_for(Step.SEATS, WHICH, OPTION)
        chooser = _Chooser(session)
        if not chooser.has_any:
            session.terminal.say(tr("That date is sold out."))
            session.choose_anew(Step.DATES)
            return Step.DATES
        try:
            choice = chooser.ask()
        except TimeIsUp:
            raise errors.NotAdmitted("the time to choose is over") from None
    _hold(session, choice)
    return Step.PAYING


def _hold(session: Session, choice: Choice) -> None:
    assert session.performance is not None
    performance, caller = session.performance, session.caller
    held = session.conclude(
        "reserve",
        lambda key: session.office.reserve(
            performance,
            caller,
            key=key,
            seats=choice.seats,
            best=choice.best,
            section=choice.section,
            category=choice.category,
        ),
        performance=performance,
    )
    session.take_up(session.standing(held.reservation))


class _Chooser:
    """Shows the hall of a performance and hears what is wanted of it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._terminal = session.terminal
        self._section: int | None = None
        self._start: int | None = 0  # of the page in view; after the last one comes the first
        self._plan = self._look()

    @property
    def has_any(self) -> bool:
        """Tell whether any seat is free."""
        return self._plan.free_count > 0

    def ask(self) -> Choice:
        """Ask until seats are named."""
        self._show()
        while True:
            answer = self._terminal.ask(tr("Which seats?"), self._session.turn)
            choice = self._understood(answer)
            if choice is not None:
                return choice

    def _look(self) -> Plan:
        session = self._session
        assert session.performance is not None
        hall, states = session.office.seat_plan(session.performance, session.caller)
        return Plan(hall, states.states)

    def _show(self) -> None:
        """Show a page of the map, or of the sections, and say how to answer."""
        terminal, start = self._terminal, self._start or 0
        size = terminal.columns, terminal.lines - LINES_KEPT
        in_sections = self._section is None and not self._plan.is_small
        if in_sections:
            page = self._plan.overview(*size, start)
        else:
            page = self._plan.drawing(*size, self._section, start)
        for line in page.lines:
            terminal.say(line)
        self._start = page.following
        terminal.say(tr(HOW_IN_SECTIONS if in_sections else HOW_ON if page.following else HOW))

    def _understood(self, answer: str) -> Choice | None:
        """Return the choice that was typed, or None after showing or saying something."""
        first, _, rest = answer.partition(" ")
        if first.lower() in BEST_WORDS:
            return self._best(rest.split())
        section = self._plan.section(answer)
        if not answer or (section is not None and not self._plan.is_small):
            if answer:
                self._section, self._start = section, 0
            self._plan = self._look()
            self._show()
            return None
        return self._named(self._labels(answer))

    def _named(self, labels: tuple[str, ...]) -> Choice | None:
        """Return the choice of these seats, or None after saying which there are not."""
        strange = [label for label in labels if label not in self._plan.hall.indexes]
        if not (labels and not strange):
            named = ", ".join(strange)
            self._terminal.say(
                tr("There is no seat {named}. Type seats, `best 2`, `back` or `quit`.",
                   named=named)
            )  # fmt: skip
            return None
        return Choice(seats=labels)

    def _best(self, words: list[str]) -> Choice | None:
        count, where = words[0] if words else "1", " ".join(words[1:])
        if not (count.isascii() and count.isdigit() and len(count) <= COUNT_DIGITS_MAX):
            self._terminal.say(tr("Say how many: `best 2`."))
            return None
        if not where:
            return Choice(best=int(count), section=self._name_of(self._section))
        section = self._plan.section(where)
        if section is not None:
            return Choice(best=int(count), section=self._name_of(section))
        return Choice(best=int(count), category=self._plan.category(where) or where)

    def _name_of(self, section: int | None) -> str | None:
        return None if section is None else self._plan.hall.sections[section]

    def _labels(self, answer: str) -> tuple[str, ...]:
        """Read labels parted by commas or blanks; those with blanks of their own by commas."""
        whole = [part.strip() for part in answer.split(",") if part.strip()]
        labels: list[str] = []
        for part in whole:
            label = self._plan.label(part, self._section)
            known = label in self._plan.hall.indexes
            labels += (
                [label]
                if known
                else [self._plan.label(word, self._section) for word in part.split()]
            )
        return tuple(dict.fromkeys(labels))
