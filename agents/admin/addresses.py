"""Ids in addresses, as anybody may type them: what can be no row's id leads to no row instead of to an error."""

from uuid import UUID

LONGEST = 18  # digits that every database can hold


def number_in(text: object) -> int:
    """The number that is written there; 0, which no row has, where there is none or a longer one."""
    written = str(text)
    return int(written) if written.isdecimal() and len(written) <= LONGEST else 0


def uuid_in(text: object) -> UUID | None:
    """The UUID that is written there, or None."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
