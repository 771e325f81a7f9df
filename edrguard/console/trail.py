"""What happens to accounts and sign-ins, said in one place: to the log, and to whatever audit log joins here."""

import logging

_log = logging.getLogger("edrguard.console")


def note(actor: str, act: str, account: str = "") -> None:
    """``actor`` did ``act``, to ``account`` where it is another's. Names of accounts, nothing of any case."""
    _log.info("%s: %s%s", actor, act, f" ({account})" if account and account != actor else "")
