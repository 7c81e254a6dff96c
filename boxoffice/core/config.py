"""Settings: one frozen value, read once: defaults < file < environment < caller."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxoffice.core.errors import InputInvalid, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES = ("customer", "reader", "clerk", "admin")
INSECURE = ("database", "redis")
CONFIG_BYTES_MAX = 64 * 1024
DAY_SECONDS = 86_400.0
COMMON_SESSION = "session.json"
# Options of a database's address that say which database it is; the others may be secrets.
PLACES = ("host=", "hostaddr=", "port=", "dbname=")
# How long an answer is found under its key, and verify asks for the event of a payment.
RESULTS_KEPT_DAYS = 30
YES, NO = ("1", "true", "yes"), ("0", "false", "no")


def _number(default: float, low: float, high: float) -> Any:  # noqa: ANN401 - dataclasses.field is typed so
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set, with its default; seconds, and minor currency units.

    ``BOXOFFICE_<NAME>`` in the environment and ``name`` in the config file set a field.
    """

    data_dir: Path
    state_dir: Path
    config_file: Path
    database_url: str | None = None
    redis_url: str | None = None
    # Files of the authorities that the servers' certificates are checked with; none: the system's.
    database_ca: str | None = None
    redis_ca: str | None = None
    # Servers that may be spoken to over the network without TLS, by name: "database,redis".
    allow_insecure: str | None = None
    role: str | None = None
    token: str | None = None
    stub: str | None = None
    user: str | None = None
    pg_bindir: str | None = None
    redis_server: str | None = None
    currency: str = "KRW"
    time_zone: str = "Asia/Seoul"
    prepare_threshold: int = _number(2, 0, 1_000)
    hold_seconds: float = _number(300, 0.05, DAY_SECONDS)
    seats_per_reservation_max: int = _number(10, 1, 100)
    charge_max: int = _number(10_000_000, 1, 10**15)
    # How long a command asks for a lost answer; through a proxy that fails over, 30 is right.
    outcome_seconds: float = _number(10, 0, 3_600)
    queue_capacity: int = _number(10, 1, 1_000_000)
    queue_rate_per_minute: int = _number(600, 1, 10_000_000)
    queue_burst: int = _number(10, 1, 1_000_000)
    admission_seconds: float = _number(300, 0.05, DAY_SECONDS)
    admission_seconds_max: float = _number(900, 0.05, DAY_SECONDS)
    claim_seconds: float = _number(60, 0.05, DAY_SECONDS)
    absence_seconds: float = _number(60, 0.05, DAY_SECONDS)
    poll_near_seconds: float = _number(2, 0.01, 60)
    poll_middle_seconds: float = _number(5, 0.01, 60)
    poll_far_seconds: float = _number(20, 0.01, 60)
    recover_seconds: float = _number(60, 0, DAY_SECONDS)
    staff_allowance: int = _number(20, 0, 1_000_000)
    # Who is told of payments and refunds, by the workers: see docs/events.md.
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    webhook_allow_private: bool = False
    smtp_url: str | None = field(default=None, repr=False)
    smtp_from: str | None = None
    smtp_to: str | None = None
    event_file: str | None = None
    event_command: str | None = None
    delivery_seconds: float = _number(10, 0.05, 60)
    outbox_kept_days: int = _number(90, RESULTS_KEPT_DAYS, 3_650)
    sources: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def embedded(self) -> bool:
        """Whether the private servers are used: no server is named at all."""
        return self.database_url is None and self.redis_url is None

    def allows_insecure(self, server: str) -> bool:
        """Whether somebody decided, by name, that a server needs no TLS over the network."""
        return server in (self.allow_insecure or "").split(",")

    @property
    def acting_role(self) -> str:
        """The role in force: everything is allowed on one's own embedded servers only."""
        return self.role or ("admin" if self.embedded else "customer")

    @property
    def database_place(self) -> str:
        """Where the database is, as ``HOST:PORT/NAME`` without any secret, or the data folder."""
        if self.database_url is None:
            return str(self.data_dir)
        address, _, options = self.database_url.partition("://")[2].partition("?")
        told = [given for given in options.split("&") if given.startswith(PLACES)]
        return "&".join([address.rpartition("@")[2], *told])

    @property
    def session_file(self) -> Path:
        """Where this session's queue token is kept: a file for each customer of a service."""
        if self.user is None:
            return self.state_dir / COMMON_SESSION
        from hashlib import sha256  # only whoever runs sessions for others

        return self.state_dir / f"session-{sha256(self.user.encode()).hexdigest()[:16]}.json"

    @property
    def journal_dir(self) -> Path:
        """Where operations stand until their outcome is known, a file each."""
        return self.state_dir / "journal"


FOLDERS = ("data_dir", "state_dir", "config_file")
# A token belongs to one session, never to a file that several read.
NOT_IN_FILE = (*FOLDERS, "sources", "token", "stub", "user")
SETTABLE = {f.name: f for f in fields(Settings) if f.name not in (*FOLDERS, "sources")}


def load(environ: Mapping[str, str] | None = None, **caller: Any) -> Settings:  # noqa: ANN401
    """Read the settings once.

    Raises InputInvalid for an unknown key, a value out of its bounds, or a config file
    that other users could read or change.
    """
    environ = os.environ if environ is None else environ
    folders = _folders(environ)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    layers = (
        (_from_file(folders["config_file"]), str(folders["config_file"])),
        (_from_environment(environ), "environment"),
        (caller, "caller"),
    )
    for layer, source in layers:
        for name, value in layer.items():
            values[name] = _checked(name, value, source)
            sources[name] = source
    everything: dict[str, Any] = {**folders, **values, "sources": sources}
    return Settings(**everything)


def _folders(environ: Mapping[str, str]) -> dict[str, Path]:
    """Find the folders by the XDG base directory rules, or all below BOXOFFICE_HOME."""
    home = environ.get("BOXOFFICE_HOME")
    if home:
        base = _absolute(home)
        return {"data_dir": base, "state_dir": base, "config_file": base / "config.toml"}

    def xdg(variable: str, fallback: str) -> Path:
        given = environ.get(variable, "")
        if given.startswith("/"):  # the specification ignores relative paths
            return Path(given) / "boxoffice"
        return _user_home(environ) / fallback / "boxoffice"

    return {
        "data_dir": xdg("XDG_DATA_HOME", ".local/share"),
        "state_dir": xdg("XDG_STATE_HOME", ".local/state"),
        "config_file": xdg("XDG_CONFIG_HOME", ".config") / "config.toml",
    }


def _absolute(home: str) -> Path:
    try:
        return Path(home).expanduser().absolute()
    except (RuntimeError, OSError):
        raise InputInvalid(
            "BOXOFFICE_HOME cannot be found from here", hint="give an absolute path"
        ) from None


def _user_home(environ: Mapping[str, str]) -> Path:
    if environ.get("HOME"):
        return Path(environ["HOME"])
    try:
        return Path.home()
    except RuntimeError:
        raise InputInvalid(
            "this user has no home folder", hint="set BOXOFFICE_HOME to a folder of its own"
        ) from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    named = {name: environ.get(f"BOXOFFICE_{name.upper()}") for name in SETTABLE}
    given = {name: value for name, value in named.items() if value}
    for name, value in given.items():
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise InputInvalid(
                "{variable} is not valid text",
                hint="write it in UTF-8",
                variable=f"BOXOFFICE_{name.upper()}",
            )
    return given


def _from_file(path: Path) -> dict[str, Any]:
    try:
        # Without waiting: opening a pipe that nobody writes to would hang.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            text = file.read(CONFIG_BYTES_MAX + 1) or b""
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputInvalid(
            "cannot read {path}: {reason}", path=path, reason=error.strerror
        ) from None
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise InputInvalid("{path} is open to other users", hint="run: chmod 600 {path}", path=path)
    if len(text) > CONFIG_BYTES_MAX:
        raise InputInvalid("{path} is larger than {most} bytes", path=path, most=CONFIG_BYTES_MAX)
    return _parsed(path, text)


def _parsed(path: Path, text: bytes) -> dict[str, Any]:
    import tomllib  # only whoever has a config file pays for reading one

    try:
        values = tomllib.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise InputInvalid(
            "{path} is not valid TOML: {reason}",
            hint="each line is NAME = VALUE, text in quotes",
            path=path,
            reason=error,
        ) from None
    for name in values:
        if name not in SETTABLE or name in NOT_IN_FILE:
            hint = _nearest(name)
            raise InputInvalid("{path} has an unknown key: {key!r}", hint=hint, path=path, key=name)
    return values


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    known = sorted(SETTABLE.keys() - set(NOT_IN_FILE))
    near = get_close_matches(name, known, n=1)
    if near:
        return Words("did you mean {known}?", known=near[0])
    return Words("settings: {known}", known=", ".join(known))


def _checked(name: str, value: Any, source: str) -> Any:  # noqa: ANN401
    spec = SETTABLE[name]
    if "low" in spec.metadata:
        return _checked_number(name, value, source)
    if spec.type == "bool":
        return _checked_truth(name, value, source)
    if not isinstance(value, str):
        raise InputInvalid(
            "{name} ({source}) must be text", hint=_where(name, source), name=name, source=source
        )
    if name == "role" and value not in ROLES:
        raise InputInvalid(
            "role ({source}) must be one of {known}",
            hint=_where(name, source),
            source=source,
            known=", ".join(ROLES),
        )
    if name == "allow_insecure" and not set(value.split(",")) <= set(INSECURE):
        raise InputInvalid(
            "allow_insecure ({source}) names servers: {known}",
            hint=_where(name, source),
            source=source,
            known=", ".join(INSECURE),
        )
    if name == "time_zone":
        _require_zone(value, source)
    return value


def _checked_truth(name: str, value: Any, source: str) -> bool:  # noqa: ANN401
    said = str(value).lower()
    if said not in YES + NO:
        raise InputInvalid(
            "{name} ({source}) must be true or false",
            hint=_where(name, source),
            name=name,
            source=source,
        )
    return said in YES


def _where(name: str, source: str) -> str:
    if source == "environment":
        return Words("mend or unset {variable}", variable=f"BOXOFFICE_{name.upper()}")
    return Words("mend it in {source}", source=source)


def _require_zone(value: str, source: str) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise InputInvalid(
            "time_zone ({source}) must be the name of a time zone",
            hint="such as Asia/Seoul",
            source=source,
        ) from None


def _checked_number(name: str, value: Any, source: str) -> float:  # noqa: ANN401
    spec = SETTABLE[name]
    low, high = spec.metadata["low"], spec.metadata["high"]
    convert = int if spec.type == "int" else float
    try:
        if isinstance(value, bool):
            raise TypeError  # noqa: TRY301 - a bool is an int to Python, not to people
        number = convert(value)
        if not low <= number <= high:
            raise ValueError  # noqa: TRY301
    except (TypeError, ValueError, OverflowError):
        raise InputInvalid(
            "{name} ({source}) must be a whole number from {low:g} to {high:g}"
            if convert is int
            else "{name} ({source}) must be a number from {low:g} to {high:g}",
            hint=_where(name, source),
            name=name,
            source=source,
            low=low,
            high=high,
        ) from None
    return number
