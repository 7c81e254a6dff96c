"""Brings the catalogues up to date: ``python -m boxoffice.locale``, or ``make words``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog  # noqa: TID253 - no command comes here
from babel.messages.mofile import write_mo  # noqa: TID253
from babel.messages.pofile import read_po, write_po  # noqa: TID253

from boxoffice.core.language import DOMAIN, LANGUAGES, SOURCE
from boxoffice.locale.extraction import texts, unfit

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / f"{DOMAIN}.pot"
# When they were written is for the history of the repository to tell, not for each of its lines.
WRITTEN = datetime(2026, 11, 22, tzinfo=UTC)
WIDTH = 100


def main() -> int:
    """Find the words, update and compile each catalogue; 1 where a translation is missing."""
    template = extracted()
    _write(template, TEMPLATE)
    missing = [f"{place}: put together, so it cannot be translated" for place in unfit()]
    for language in LANGUAGES:
        if language != SOURCE:
            missing += _update(language, template)
    sys.stdout.writelines(f"{line}\n" for line in missing)
    return 1 if missing else 0


def extracted() -> Catalog:
    """Return a catalogue of every text there is, without translations."""
    catalogue = _catalogue()
    for text, paths in sorted(texts().items()):
        catalogue.add(text, locations=[(path, 0) for path in sorted(paths)])
    return catalogue


def catalogue_file(language: str, suffix: str = "po") -> Path:
    """Return where the catalogue of a language is."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.{suffix}"


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it is written."""
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def _update(language: str, template: Catalog) -> list[str]:
    """Keep what is still said, add what is new, and return the texts without a translation."""
    before = read(language)
    after = _catalogue(language)
    for message in template:
        if message.id:
            known = before.get(message.id)
            said = known.string if known and not known.fuzzy else ""
            after.add(message.id, said, locations=message.locations)
    _write(after, catalogue_file(language))
    with catalogue_file(language, "mo").open("wb") as file:
        write_mo(file, after)
    return [f"{language}: {m.id!r}" for m in after if m.id and not m.string]


def _catalogue(language: str | None = None) -> Catalog:
    return Catalog(
        locale=language,
        domain=DOMAIN,
        project=DOMAIN,
        version="1",
        msgid_bugs_address=DOMAIN,
        last_translator=DOMAIN,
        language_team=DOMAIN,
        header_comment="# What people read. `make words` brings this file up to date.",
        creation_date=WRITTEN,
        revision_date=WRITTEN,
        fuzzy=False,
    )


def _write(catalogue: Catalog, path: Path) -> None:
    with path.open("wb") as file:
        write_po(file, catalogue, width=WIDTH, include_lineno=False)


if __name__ == "__main__":
    sys.exit(main())
