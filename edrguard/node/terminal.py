"""Who acts from a terminal, for the record."""

import getpass
import os
from datetime import UTC, datetime

from edrguard.model.audit import AuditRecord


def terminal(kind: str, actor: str, case_id: str = "", **data: str) -> AuditRecord:
    """Something done from a terminal: ``actor`` says who, the login name says which account of the machine."""
    told = {"via": "terminal", "login": login(), **data}
    return AuditRecord(at=datetime.now(UTC), actor=actor, kind=kind, case_id=case_id, data=told)


def login() -> str:
    """The login name; a number where the machine knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
