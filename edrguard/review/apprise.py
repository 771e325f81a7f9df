"""Pages by any service that Apprise knows (extra ``notify``): a Pager for each of its URLs.

Laws: an Apprise URL is a secret (it holds tokens and passwords), so it never enters a log, an error or an event: a
target is known by its place in the list and its service; Apprise's own log, which may quote one, is silenced.
"""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from email import charset
from typing import Any

from edrguard.model.case import Page
from edrguard.model.errors import ConfigError, Unavailable


class ApprisePager:
    """A Pager over one target."""

    def __init__(self, target: Any, number: int, digest: str, timeout: float) -> None:
        self._target, self._timeout = target, timeout
        self._words = f"apprise target {number} ({str(target.service_name)[:40]})"
        self.name = f"apprise {digest}"  #: stays the same when the list is put in another order

    async def send(self, page: Page) -> None:
        """Raises Unavailable where the service did not take it within the timeout."""
        body = f"{page.text}\n{page.link}".strip()
        sending = asyncio.to_thread(self._target.notify, body=body, title=f"edrguard case {page.case_id}: call back")
        try:
            carried = await asyncio.wait_for(sending, self._timeout)
        except TimeoutError:
            raise Unavailable(f"{self._words}: no answer in {self._timeout:g} s") from None
        except Exception as error:  # its text may hold the URL
            raise Unavailable(f"{self._words}: {type(error).__name__}") from None
        if not carried:
            raise Unavailable(f"{self._words}: not taken")


def apprise_pagers(urls: Sequence[str], timeout: float = 20.0) -> list[ApprisePager]:
    """Pagers for these URLs. Raises ConfigError where Apprise is missing, or does not know one (named by its place)."""
    if not urls:
        return []
    try:
        import apprise
    except ImportError:
        raise ConfigError("pages.apprise: this needs the extra edrguard[notify]") from None
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    found = []
    known = dict(charset.CHARSETS)  # its plugins change how the whole process writes UTF-8 into mail
    for number, url in enumerate(urls, 1):
        try:
            target = apprise.Apprise.instantiate(url)
        except Exception:
            target = None
        finally:
            charset.CHARSETS.clear()
            charset.CHARSETS.update(known)
        if target is None:
            raise ConfigError(f"pages.apprise: target {number} is no URL that Apprise knows")
        digest = hashlib.sha256(url.encode()).hexdigest()[:12]
        found.append(ApprisePager(target, number, digest, timeout))
    return found
