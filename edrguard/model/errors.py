"""The errors that cross room walls.

EdrguardError
├── ConfigError      a file the operator wrote (exit 78); knows its place
├── InputError       data given to a verb (exit 65)
├── MissingInput     a file that is not there (exit 66)
├── Unavailable      a service that did not answer (exit 69)
│   └── StoreError   the database or the spool (451 on the wire)
│       └── StoreBusy    somebody else is writing: ask again in a moment
├── Conflict         somebody else changed the case first (exit 75)
├── NotAllowed       the case's state forbids it (exit 77)
└── MailSyntax       what a parser of ``message`` raises, and nothing else
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands. Line and column count from 1; 0: unknown."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.path, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)


class EdrguardError(Exception):
    """Any error with a meaning for a person. ``exit_code`` is a sysexit."""

    exit_code = 70


class ConfigError(EdrguardError):
    """A configuration, rule, symbol or directory file is wrong; names file:line:column."""

    exit_code = 78

    def __init__(self, message: str, place: Place | None = None) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.place = place
        self.message = message


class ConfigErrors(ConfigError):
    """Several faults in one go; the text has a line for each."""

    def __init__(self, faults: "list[ConfigError]") -> None:
        EdrguardError.__init__(self, "\n".join(str(f) for f in faults))
        self.faults = faults
        self.place = faults[0].place if faults else None
        self.message = str(self)


class UsageError(EdrguardError):
    """The command line contradicts itself."""

    exit_code = 64


class InputError(EdrguardError):
    """A stream, message or import file cannot be read as what it should be."""

    exit_code = 65


class MissingInput(EdrguardError):
    """A file or a case that was named is not there."""

    exit_code = 66


class Unavailable(EdrguardError):
    """A service we need did not answer."""

    exit_code = 69


class StoreError(Unavailable):
    """The database or the spool failed; on the wire 451, nothing kept."""

    exit_code = 75


class StoreBusy(StoreError):
    """Somebody else is writing to the database just now."""


class Conflict(EdrguardError):
    """The case was changed by somebody else meanwhile."""

    exit_code = 75


class NotAllowed(EdrguardError):
    """The state of a case, or the mode, forbids the act."""

    exit_code = 77


class MailSyntax(EdrguardError):
    """A parser of ``message`` or ``protocols`` refuses its input. No parser raises anything else."""

    exit_code = 65
