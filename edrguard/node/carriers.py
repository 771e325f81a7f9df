"""The ways in which pages travel, as configured."""

import os
from collections.abc import Callable
from datetime import datetime

from edrguard.model.errors import ConfigError
from edrguard.model.ports import NextHop, Pager
from edrguard.node.config import read_secret
from edrguard.node.options import Config
from edrguard.review import Hook, SmtpPager, WebhookPager, apprise_pagers


def make_pagers(config: Config, next_hop: NextHop, clock: Callable[[], datetime]) -> list[Pager]:
    """The ways in which people are called."""
    ways: list[Pager] = []
    hook, mail = config.pages.webhook, config.pages.smtp
    if hook.url:
        secret = read_secret(hook.secret, hook.secret_file)
        if not secret:
            raise ConfigError("pages.webhook: the secret is empty")
        ways.append(WebhookPager(hook.url, secret, hook.timeout, clock))
    if mail.to:
        ways.append(SmtpPager(next_hop, mail.sender or f"edrguard@{config.host}", mail.to))
    return [*ways, *apprise_pagers(apprise_urls(config), config.pages.apprise.timeout)]


def apprise_urls(config: Config) -> list[str]:
    """From the file and the environment. Raises ConfigError where the file cannot be read."""
    options = config.pages.apprise
    lines = (read_secret(None, options.file) or "").splitlines() if options.file else []
    urls = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return list(dict.fromkeys([*urls, *os.environ.get(options.environment, "").split()]))


def make_hooks(config: Config) -> list[Hook]:
    """Who follows the events of cases."""
    hook = config.case_hook
    if not hook.url:
        return []
    secret = read_secret(hook.secret, hook.secret_file)
    if not secret:
        raise ConfigError("case_hook: the secret is empty")
    return [Hook(hook.url, secret, frozenset(hook.events), hook.timeout)]
