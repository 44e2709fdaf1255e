"""Errors that a caller can act on; the HTTP layer turns each kind into problem+json."""

from dataclasses import dataclass, field


@dataclass
class DomainError(Exception):
    """Base: `code` is a stable kebab-case word, `detail` says what to do next, without personal data."""

    code: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class InvalidInput(DomainError):
    """What was sent cannot be accepted as it is."""


class NotAuthenticated(DomainError):
    """The caller is not known, or could not prove who he is."""


class NotAllowed(DomainError):
    """The caller is known but may not do this."""


class NotFound(DomainError):
    """There is no such thing for this caller."""


class Conflict(DomainError):
    """The thing is in a state that does not permit this."""


class Unavailable(DomainError):
    """Something outside that this needs does not answer; the same may work later."""


class TooLarge(DomainError):
    """More bytes than the limit."""


class TooMany(DomainError):
    """More tries than the limit."""
